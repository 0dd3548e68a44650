package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** A reply that is not HTTP, or not whole, is an error row with libcurl's text; the worker goes on. */
@PgNetTest
class MalformedReplyIT {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    @Given
    private static RawServer server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    private static long worker;

    @BeforeAll
    static void start() throws SQLException {
        worker = cluster.awaitWorker();
    }

    @AfterEach
    void sameWorkerGoesOn() throws SQLException {
        server.reply("/fine", OK + "Content-Length: 2\r\n\r\nok");

        assertThat(caller.fetch(server.url("/fine")).content()).contains("ok");
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "this is no HTTP at all\\r\\n\\r\\n | Unsupported protocol",
                "HTTP/1.1 2x0 OK\\r\\n\\r\\n | Unsupported protocol",
                "HTTP/7.3 200 OK\\r\\n\\r\\n | Unsupported protocol",
                "HTTP/1.1 200 O | Server returned nothing (no headers, no data)",
                "HTTP/1.1 100 Continue\\r\\n\\r\\n | Server returned nothing (no headers, no data)",
                "HTTP/1.1 200 OK\\r\\nX-Cut: in the mi | Transferred a partial file",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n | Transferred a partial file",
                "HTTP/1.1 200 OK\\r\\nX-Nul: a\\0b\\r\\n\\r\\n | Weird server reply",
                "HTTP/1.1 200 OK\\r\\nno colon here\\r\\n\\r\\n | Weird server reply",
                "HTTP/1.1 200 OK\\r\\nContent-Length: -5\\r\\n\\r\\nabc | Weird server reply",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nabc | Transferred a partial file",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n | Transferred a partial file",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\nabc\\r\\n0\\r\\n\\r\\n | Failure when receiving data from the peer",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nfffffffffffffffff\\r\\nabc | Failure when receiving data from the peer",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: odd\\r\\n\\r\\nabc | Unrecognized or bad HTTP Content or Transfer-Encoding",
                "HTTP/1.1 302 OK\\r\\nLocation: http://[bad\\r\\n\\r\\n | URL using bad/illegal format or missing URL",
                "HTTP/1.1 302 OK\\r\\nLocation: http://a b/\\r\\n\\r\\n | URL using bad/illegal format or missing URL",
            })
    void isAnErrorRow(String reply, String error) throws SQLException {
        server.reply("/bad", reply.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0"));

        ResponseRow row = caller.fetch(server.url("/bad"));

        assertThat(row.isFailure()).as(row.toString()).isTrue();
        assertThat(row.error()).contains(error);
        assertThat(row.timedOut()).isFalse();
    }

    @Test
    void moreHeadersThanLibcurlTakesAreAnErrorRow() throws SQLException {
        server.reply("/many", OK + "X-Many: 0123456789\r\n".repeat(40_000) + "\r\n");
        server.reply("/long", OK + "X-Long: " + "x".repeat(800_000) + "\r\n\r\n");
        server.reply("/interim", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(40_000));

        assertThat(caller.fetch(server.url("/many")).isFailure()).isTrue();
        assertThat(caller.fetch(server.url("/long")).isFailure()).isTrue();
        assertThat(caller.fetch(server.url("/interim")).isFailure()).isTrue();
    }

    /** Found by a fuzzer: libcurl before 8.1 then followed a pointer to a header of the response before. */
    @Test
    void replyThatBeginsWithAFoldedLineHarmsNoOther() throws SQLException {
        server.reply("/good", OK + "X-Good: 1\r\nContent-Length: 2\r\n\r\nok");
        server.reply("/folded", OK + "\tX-Folded: 1\r\nContent-Length: 2\r\n\r\nok");
        for (int i = 0; i < 50; i++) {
            assertThat(caller.fetch(server.url("/good")).content()).contains("ok");
            caller.fetch(server.url("/folded"));
        }
    }
}
