package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.SQLException;
import org.pgnet.testkit.session.Session;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a call gave, but for its id.
 *
 * @param sqlState empty when it was not refused
 * @param text the row, or message and hint
 */
record Outcome(String sqlState, String text) {
    private interface Call {
        String text() throws SQLException;
    }

    /** Of a request, which is rolled back. Without autocommit. */
    static Outcome ofRequest(RequestCase requestCase, Calls calls, Connection connection) throws SQLException {
        return of(connection, () -> row(connection, calls.request(requestCase.signature(), requestCase.arguments())));
    }

    /** Of a response. Without autocommit. */
    static Outcome ofResponse(Long requestId, Boolean async, Calls calls, Connection connection) throws SQLException {
        return of(connection, () -> calls.collect(requestId, async));
    }

    private static Outcome of(Connection connection, Call call) throws SQLException {
        try {
            return new Outcome("", call.text());
        } catch (PSQLException refusal) {
            ServerErrorMessage error = refusal.getServerErrorMessage();
            return new Outcome(refusal.getSQLState(), error.getMessage() + "|" + error.getHint());
        } finally {
            connection.rollback();
        }
    }

    private static String row(Connection connection, long id) throws SQLException {
        String query = "SELECT concat_ws('|', method, url, coalesce(headers::text, 'null'),"
                + " coalesce(encode(body, 'escape'), 'null'), timeout_milliseconds, owner::regrole)"
                + " FROM net.http_request_queue WHERE id = ?";
        return Session.of(connection).text(query, id);
    }
}
