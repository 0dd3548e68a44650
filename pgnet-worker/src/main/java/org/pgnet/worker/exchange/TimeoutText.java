package org.pgnet.worker.exchange;

import java.util.Locale;
import org.pgnet.curl.Timings;

/**
 * Where the time of a request went, over all its hops, and the text that says so when the time was not enough. No figure is
 * ever negative. One thread.
 */
final class TimeoutText {
    private long totalMicros;
    private long nameLookupMicros;
    private long handshakeMicros;

    /** Adds a hop that had a connection. A mark that is zero was not needed, as on a connection that was open before. */
    void addConnected(Timings timings) {
        long total = Math.max(0, timings.totalMicros());
        long lookedUp = clamp(timings.nameLookupMicros(), 0, total);
        long shaken = clamp(Math.max(timings.connectMicros(), timings.appConnectMicros()), lookedUp, total);
        add(total, lookedUp, shaken);
    }

    /** Adds a hop that had none: the time since the last mark that was reached belongs to the step that did not end. */
    void addUnconnected(Timings timings) {
        long total = Math.max(0, timings.totalMicros());
        long lookedUp = timings.nameLookupMicros() > 0 ? clamp(timings.nameLookupMicros(), 0, total) : total;
        add(total, lookedUp, total);
    }

    /** Adds the time between hops, given that of all together. */
    void elapsed(long micros) {
        totalMicros = Math.max(totalMicros, micros);
    }

    /** The text, as users of pg_net know it. */
    String text(int timeoutMillis) {
        return String.format(
                Locale.ROOT,
                "Timeout of %d ms reached. Total time: %.6f ms (DNS time: %.6f ms, TCP/SSL handshake time: %.6f ms, "
                        + "HTTP Request/Response time: %.6f ms)",
                timeoutMillis,
                totalMicros / 1e3,
                nameLookupMicros / 1e3,
                handshakeMicros / 1e3,
                (totalMicros - nameLookupMicros - handshakeMicros) / 1e3);
    }

    /** Both marks count from the hop's start (curl_easy_getinfo(3), "TIMES"). */
    private void add(long total, long lookedUp, long shaken) {
        totalMicros += total;
        nameLookupMicros += lookedUp;
        handshakeMicros += shaken - lookedUp;
    }

    private static long clamp(long micros, long least, long most) {
        return Math.max(least, Math.min(micros, most));
    }
}
