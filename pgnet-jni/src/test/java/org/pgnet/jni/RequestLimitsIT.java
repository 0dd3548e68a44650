package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Nothing is queued that could not be sent: what is too long is an error of the call, or of the INSERT. */
@PgNetTest
class RequestLimitsIT {
    /** What the headers may take beside twice the URL. */
    private static final int HEAD_BYTES = 1024 * 1024 - 8 * 1024;

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @BeforeAll
    static void start() throws SQLException {
        server.handle(
                "/long",
                request -> Optional.of(Reply.text(200, "" + request.target().length())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT net.request('http://127.0.0.1/', method := repeat('M', 65))",
                "SELECT net.http_get('http://127.0.0.1/' || repeat('x', 65520))",
                "SELECT net.http_get('http://127.0.0.1/?q=' || repeat('日', 10000))",
                "SELECT net.http_get('http://127.0.0.1/', params := jsonb_build_object('a', repeat('&', 30000)))",
                "SELECT net.http_get('http://127.0.0.1/', params :="
                        + " (SELECT jsonb_object_agg('name' || n, n) FROM generate_series(1, 10000) n))",
                "SELECT net.http_get('http://127.0.0.1/', headers := jsonb_build_object('A', repeat('x', 1048576)))",
                "SELECT net.http_get('http://127.0.0.1/', headers := jsonb_build_object('A', repeat('日', 400000)))",
                "SELECT net.http_get('http://127.0.0.1/', headers := jsonb_build_object(repeat('A', 1048576), ''))",
                // Two megabytes as they are sent, half of one in JSON.
                "SELECT net.http_get('http://127.0.0.1/', headers := jsonb_build_object(repeat('A', 2000),"
                        + " (SELECT jsonb_agg(n) FROM generate_series(1, 1000) n)))",
                "SELECT net.http_get('http://127.0.0.1/', headers := jsonb_build_object('A', jsonb_build_object("
                        + "'a', repeat('x', 1048576))))",
                "SELECT net.http_get('http://127.0.0.1/', headers :="
                        + " (SELECT jsonb_object_agg('A' || n, repeat('x', 100)) FROM generate_series(1, 10000) n))",
                "SELECT net.request('https://127.0.0.1/', secrets := array_fill('a'::text, '{101}'))",
                "INSERT INTO net.http_request_queue (method, url) VALUES (repeat('M', 65), 'http://127.0.0.1/')"
                        + " RETURNING id",
                "INSERT INTO net.http_request_queue (method, url)"
                        + " VALUES ('GET', 'http://127.0.0.1/' || repeat('x', 65520)) RETURNING id",
                "INSERT INTO net.http_request_queue (method, url, headers)"
                        + " VALUES ('GET', 'http://127.0.0.1/', jsonb_build_object('A', repeat('x', 1048576)))"
                        + " RETURNING id"
            })
    void whatIsTooLongIsRefused(String statement) {
        assertThatThrownBy(() -> caller.send(statement))
                .asInstanceOf(type(SQLException.class))
                .satisfies(error -> assertThat(error.getSQLState()).isEqualTo("54000"))
                .satisfies(error -> assertThat(error.getMessage()).hasSizeLessThan(500));
    }

    @Test
    void longestMethodIsSent() throws SQLException {
        String method = "M".repeat(64);

        assertThat(caller.request(method, server.url("/get?id=method")).status())
                .isEqualTo(200);
        assertThat(server.received("method"))
                .singleElement()
                .satisfies(received -> assertThat(received.method()).isEqualTo(method));
    }

    @Test
    void longestUrlIsSent() throws SQLException {
        String start = server.url("/long?q=");
        String url = start + "x".repeat(65536 - start.length());

        assertThat(caller.fetch(url).content())
                .contains("" + (url.length() - server.url("").length()));
    }

    /** libcurl's own limit is on all that it sends before the body: this shows that ours is within it. */
    @Test
    void longestHeadersAreSentBesideTheLongestUrl() throws SQLException {
        String start = server.url("/long?id=both&q=");
        String url = start + "x".repeat(65536 - start.length());
        int value = HEAD_BYTES - 2 * url.length() - "X-A: \r\n".length();

        ResponseRow row = caller.answer(
                "SELECT net.http_get(?, headers := jsonb_build_object('X-A', repeat('x', ?)))", url, value);

        assertSent(row, "both", value);
    }

    @Test
    void headersOfOneMegabyteAreSentBesideAShortUrl() throws SQLException {
        ResponseRow row = caller.answer(
                "SELECT net.http_get(?, headers := jsonb_build_object('X-A', repeat('x', 1000000)))",
                server.url("/get?id=large"));

        assertSent(row, "large", 1_000_000);
    }

    /** Releases of libcurl that would leave out so long a header are known: then the request is not sent. */
    private static void assertSent(ResponseRow row, String id, int value) {
        if (row.error().isPresent()) {
            assertThat(row.error().get()).contains("a request header is longer than 300 kB, and libcurl 8.");
            assertThat(server.received(id)).isEmpty();
        } else {
            assertThat(row.error()).isEmpty();
            assertThat(server.received(id).get(0).header("x-a"))
                    .hasValueSatisfying(header -> assertThat(header).hasSize(value));
        }
    }
}
