package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Accept-Encoding is the caller's choice, and only who makes it gets bodies decoded. */
@PgNetTest
class CompressionIT {
    private static final String TEXT = "compressed ünïcode ".repeat(500);

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    private static byte[] gzipped;

    @BeforeAll
    static void start() throws SQLException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(TEXT.getBytes(StandardCharsets.UTF_8));
        }
        gzipped = bytes.toByteArray();
        serve("/gzip", "gzip", gzipped);
    }

    @Test
    void bodyIsDecodedForWhoAskedForIt() throws SQLException {
        ResponseRow row = caller.fetch(server.url("/gzip?id=asked"), "{\"Accept-Encoding\": \"gzip;q=1.0, deflate\"}");

        assertThat(row.content()).contains(TEXT);
        assertThat(row.bodyHex()).isEmpty();
        assertThat(server.received("asked").get(0).headers().get("accept-encoding"))
                .containsExactly("gzip;q=1.0, deflate");
    }

    @Test
    void bodyArrivesAsSentForWhoDidNotAsk() throws SQLException {
        ResponseRow row = caller.fetch(server.url("/gzip?id=unasked"));

        assertThat(row.content()).isEmpty();
        assertThat(row.bodyHex()).contains(HexFormat.of().formatHex(gzipped));
        assertThat(row.headers().orElseThrow()).contains("\"Content-Encoding\": \"gzip\"");
        assertThat(server.received("unasked").get(0).headers()).doesNotContainKey("accept-encoding");
    }

    @Test
    void deflateIsDecodedToo() throws SQLException, IOException {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(deflated)) {
            out.write(TEXT.getBytes(StandardCharsets.UTF_8));
        }
        serve("/deflate", "deflate", deflated.toByteArray());

        assertThat(caller.fetch(server.url("/deflate"), "{\"accept-encoding\": \"deflate\"}")
                        .content())
                .contains(TEXT);
    }

    @Test
    void codingThatLibcurlLacksIsSentAndLeftAlone() throws SQLException {
        serve("/odd", "odd", new byte[] {1, 0, 2});

        ResponseRow row = caller.fetch(server.url("/odd?id=odd"), "{\"Accept-Encoding\": \"odd\"}");

        assertThat(row.bodyHex()).contains("010002");
        assertThat(server.received("odd").get(0).header("accept-encoding")).contains("odd");
    }

    @Test
    void damagedBodyIsAnErrorRow() throws SQLException {
        byte[] damaged = gzipped.clone();
        damaged[0] = 0;
        serve("/damaged", "gzip", damaged);

        ResponseRow row = caller.fetch(server.url("/damaged"), "{\"Accept-Encoding\": \"gzip\"}");

        assertThat(row.isFailure()).isTrue();
        assertThat(row.error()).contains("Unrecognized or bad HTTP Content or Transfer-Encoding");
    }

    private static void serve(String path, String coding, byte[] body) {
        List<String> headers = List.of("Content-Type: text/plain; charset=utf-8", "Content-Encoding: " + coding);
        server.handle(path, request -> Optional.of(new Reply(200, headers, body)));
    }
}
