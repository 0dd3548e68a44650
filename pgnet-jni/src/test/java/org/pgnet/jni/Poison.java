package org.pgnet.jni;

import java.sql.SQLException;
import java.util.regex.Pattern;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/**
 * A request that is meant to do harm, and what must become of it.
 *
 * @param headers of the request, a JSON object
 * @param timeoutMillis far beyond what the request takes, unless running into it is the point
 * @param outcome an expression for {@link #describe}, or for {@code SQLSTATE} and the five characters when the call itself
 *     is to refuse
 */
record Poison(String name, String url, String headers, int timeoutMillis, Pattern outcome) {
    private static final int LONG_MILLIS = 60_000;

    static Poison of(String name, String url, String outcome) {
        return new Poison(name, url, "{}", LONG_MILLIS, Pattern.compile(outcome, Pattern.DOTALL));
    }

    Poison withHeaders(String json) {
        return new Poison(name, url, json, timeoutMillis, outcome);
    }

    Poison withTimeout(int millis) {
        return new Poison(name, url, headers, millis, outcome);
    }

    /** Makes the request; returns its id, or throws what the call raises. */
    long send(Session caller) throws SQLException {
        return caller.send(
                "SELECT net.http_get(?, headers := ?::jsonb, timeout_milliseconds := ?)", url, headers, timeoutMillis);
    }

    /** A row in one line: {@code error: why}, or the status with the headers and the body. */
    static String describe(ResponseRow row) {
        if (row.isFailure()) {
            return "error: " + row.error().orElseThrow();
        }
        String body =
                row.content().or(() -> row.bodyHex().map(hex -> "\\x" + hex)).orElse("");
        return row.status() + " " + row.headers().orElse("no headers") + " " + body;
    }
}
