package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.Http2Server;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** HTTP/2 is spoken with a server that offers it in the TLS handshake; rows look as with HTTP/1.1. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class Http2IT {
    @Given
    private static TlsIdentity identity;

    @Given
    private static Http2Server server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @BeforeAll
    static void start() throws Exception {
        TlsIT.trust(cluster, identity.pem());
        Eventually.until(
                "the certificate is read",
                Duration.ofSeconds(10),
                () -> caller.fetch(server.url("/")).status() == 200);
    }

    @Test
    void everyMethodIsSentWithItsBody() throws SQLException {
        assertThat(caller.fetch(server.url("/")).content()).contains("HTTP/2.0 GET ");
        assertThat(caller.request("delete", server.url("/")).content()).contains("HTTP/2.0 DELETE ");
        assertThat(caller.answer("SELECT net.http_post(?, '{\"a\": \"é\"}')", server.url("/"))
                        .content())
                .contains("HTTP/2.0 POST {\"a\": \"é\"}");
        assertThat(caller.request("HEAD", server.url("/")).content()).isEmpty();
    }

    @Test
    void headersOfTheResponseAreInTheRow() throws SQLException {
        ResponseRow row = caller.fetch(server.url("/"));

        assertThat(row.headers().orElseThrow())
                .contains("\"set-cookie\": [\"a=1\", \"b=2\"]")
                .doesNotContain(":status");
        assertThat(row.contentType()).contains("text/plain; charset=UTF-8");
    }

    @Test
    void largeBodiesGoWholeInBothDirections() throws SQLException {
        assertThat(caller.fetch(server.url("/large")).content()).contains("0123456789".repeat(100_000));
        assertThat(caller.answer(
                                "SELECT net.request(?, method := 'PUT', body_text := repeat('abc', 500000))",
                                server.url("/"))
                        .content())
                .contains("HTTP/2.0 PUT " + "abc".repeat(500_000));
    }

    @Test
    void requestsShareAConnection() throws SQLException {
        int before = server.connections();

        String ids = caller.text(
                "SELECT array_agg(net.http_get(?, timeout_milliseconds := 20000)) FROM generate_series(1, 300)",
                server.url("/many"));

        assertThat(caller.column("""
                        SELECT count(*) || ' ' || coalesce(error_msg, status_code::text)
                        FROM net.await('%s'::bigint[], '30 s') GROUP BY error_msg, status_code""".formatted(ids))).containsExactly("300 200");
        assertThat(server.connections() - before).isLessThan(100);
    }
}
