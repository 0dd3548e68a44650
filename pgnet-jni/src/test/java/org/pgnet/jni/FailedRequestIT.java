package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.FreePort;
import org.pgnet.testkit.session.Session;

/** A request without a response is an error row that says why; one that could never be sent is refused at once. */
@PgNetTest
class FailedRequestIT {
    private static final Pattern TIMEOUT = Pattern.compile("Timeout of (\\d+) ms reached\\. Total time: ([\\d.]+) ms"
            + " \\(DNS time: ([\\d.]+) ms, TCP/SSL handshake time: ([\\d.]+) ms,"
            + " HTTP Request/Response time: ([\\d.]+) ms\\)");

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void refusedConnectionIsAnErrorRow() throws Exception {
        int closed = FreePort.next();
        long id = session.get("http://127.0.0.1:" + closed + "/");

        assertThat(session.collect(id)).isEqualTo("ERROR|Couldn't connect to server");
        assertErrorRow(id, false);
    }

    @Test
    void emptyReplyIsAnErrorRow() throws SQLException {
        long id = session.get(server.url("/drop"));

        assertThat(session.collect(id)).isEqualTo("ERROR|Server returned nothing (no headers, no data)");
        assertErrorRow(id, false);
    }

    @Test
    void timeoutSaysWhereTheTimeWent() throws SQLException {
        long id = session.number("SELECT net.http_get('" + server.url("/hang") + "', timeout_milliseconds := 300)");

        Matcher text = timeoutText(id, 300);

        double total = figure(text, 2);
        assertThat(figure(text, 3)).isLessThan(total / 2);
        assertThat(figure(text, 4)).isLessThan(total / 2);
        assertThat(figure(text, 5)).isGreaterThan(total / 2);
        assertErrorRow(id, true);
    }

    @Test
    void timeoutInTheHandshakeIsToldAsSuch() throws Exception {
        // The kernel accepts, and nobody ever answers the client's hello.
        try (ServerSocket silent = loopbackSocket()) {
            long id = session.number("SELECT net.http_get('https://127.0.0.1:" + silent.getLocalPort()
                    + "/', timeout_milliseconds := 300)");

            Matcher text = timeoutText(id, 300);

            assertThat(figure(text, 4)).isGreaterThan(figure(text, 2) / 2);
            assertErrorRow(id, true);
        }
    }

    @Test
    void impossibleRequestIsRefusedByTheCall() {
        assertThatThrownBy(() -> session.get("/malformed_url")).hasMessageContaining("invalid URL \"/malformed_url\"");
        assertThatThrownBy(() -> session.get("ftp://127.0.0.1/"))
                .hasMessageContaining("invalid URL \"ftp://127.0.0.1/\": Unsupported URL scheme");
        assertThatThrownBy(() -> session.get("localhost:6666"))
                .hasMessageContaining("invalid URL \"localhost:6666\": Unsupported URL scheme");
        assertThatThrownBy(() -> session.number("SELECT net.http_get(null)"))
                .hasMessageContaining("null value in column \"url\"");
        assertThatThrownBy(() -> session.number("SELECT net.http_get('" + server.url("/get") + "',"
                        + " headers := '{\"X\": \"a\\r\\nY: b\"}')"))
                .hasMessageContaining("line break");
        assertThatThrownBy(() -> session.number(
                        "SELECT net.http_get('" + server.url("/get") + "'," + " timeout_milliseconds := -1)"))
                .hasMessageContaining("must not be negative");
        assertThatThrownBy(() -> session.number("SELECT net.http_post('" + server.url("/post") + "',"
                        + " headers := '{\"content-type\": \"text/plain\"}')"))
                .hasMessageContaining("Content-Type header must be \"application/json\"");
    }

    /** The figures of a timeout's text, none negative, which add up. */
    private static Matcher timeoutText(long id, int millis) throws SQLException {
        Matcher text = TIMEOUT.matcher(session.collect(id));
        assertThat(text.find()).as(session.collect(id)).isTrue();
        assertThat(text.group(1)).isEqualTo("" + millis);
        double total = figure(text, 2);
        // The upper bound only says that it is milliseconds: the machine may be busy.
        assertThat(total).isBetween(millis - 5.0, millis * 10.0);
        assertThat(figure(text, 3) + figure(text, 4) + figure(text, 5)).isCloseTo(total, within(0.01));
        return text;
    }

    private static double figure(Matcher text, int group) {
        return Double.parseDouble(text.group(group));
    }

    private static void assertErrorRow(long id, boolean timedOut) throws SQLException {
        assertThat(session.query("SELECT concat_ws('|', timed_out, status_code, content_type, headers, content, body)"
                        + " FROM net.responses WHERE id = " + id))
                .contains(timedOut ? "t" : "f");
    }

    private static ServerSocket loopbackSocket() throws IOException {
        return new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
    }
}
