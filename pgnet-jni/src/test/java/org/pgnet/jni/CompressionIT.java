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
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    private static final String CODINGS = "{\"Accept-Encoding\": \"gzip, deflate, br, zstd\"}";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    private static byte[] gzipped;

    @BeforeAll
    static void start() throws SQLException, IOException {
        gzipped = gzip(TEXT.getBytes(StandardCharsets.UTF_8));
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

    @ParameterizedTest
    @CsvSource({
        "gzip, 1f8b0800000000000203cb48cdc9c9070086a6103605000000, 'hello'",
        "x-gzip, 1f8b0800000000000203cb48cdc9c9070086a6103605000000, 'hello'",
        "GZIP, 1f8b0800000000000203cb48cdc9c9070086a6103605000000, 'hello'",
        "gzip, 1f8b0800000000000203cbcf4b5500004961ac23040000001f8b08000000000002032b29cf0700668aca1103000000, 'one two'",
        "gzip, 1f8b0800000000000203cb48cdc9c9070086a6103605000000000000000000000000, 'hello'",
        "deflate, 789ccb48cdc9c90700062c0215, 'hello'",
        "deflate, cb48cdc9c90700, 'hello'",
        "deflate, 1f8b0800000000000203cb48cdc9c9070086a6103605000000, 'hello'",
        "br, 0b028068656c6c6f03, 'hello'",
        "zstd, 28b52ffd200529000068656c6c6f, 'hello'",
        "zstd, 28b52ffd200529000068656c6c6f28b52ffd200529000068656c6c6f, 'hellohello'",
        "identity, 68656c6c6f, 'hello'",
        "UTF-8, 68656c6c6f, 'hello'",
        "aws-chunked, 68656c6c6f, 'hello'",
        "zip, 68656c6c6f, 'hello'",
        "'', 68656c6c6f, 'hello'",
        "gzip, 68656c6c6f, 'hello'",
        "deflate, 68656c6c6f, 'hello'",
        "br, 68656c6c6f2c2074686973206973206e6f742062726f746c69, 'hello, this is not brotli'",
        "zstd, 68656c6c6f, 'hello'",
        "gzip, 68, 'h'",
        "'gzip, br', 68656c6c6f, 'hello'"
    })
    void textArrivesWhateverItsServerSaysOfItsCoding(String coding, String hex, String text) throws SQLException {
        ResponseRow row = created(coding, hex);

        assertThat(row.content()).contains(text);
    }

    @ParameterizedTest
    @CsvSource({
        "gzip, 1f8b0800000000000203cb48cdc9c9070086a6",
        "gzip, 1f8b080000000000",
        "gzip, 1f8b0800000000000203cb48cdc9c907000000000000000000",
        "deflate, 789ccb48cdc9c90700062c02",
        "zstd, 28b52ffd200529000068656c6c",
        "br, 0b028068656c",
        "'gzip, gzip', 1f8b080000000000020393efe660000126e6d31e674f9e6467685b2660c60a140000a76fb44519000000"
    })
    void damagedBodyIsKeptAsItCame(String coding, String hex) throws SQLException {
        ResponseRow row = created(coding, hex);

        assertThat(row.bodyHex()).contains(hex);
        assertThat(row.content()).isEmpty();
    }

    /** What was decoded before was thrown away for it, and what follows is taken as it is. */
    @Test
    void largeBodyThatIsDamagedInItsMiddleIsKeptAsItCame() throws SQLException, IOException {
        byte[] noise = new byte[600_000];
        new Random(1).nextBytes(noise);
        byte[] damaged = gzip(noise);
        damaged[300_000] ^= 1;
        damaged[300_001] ^= 1;

        ResponseRow row = created("gzip", HexFormat.of().formatHex(damaged));

        assertThat(row.bodyHex()).contains(HexFormat.of().formatHex(damaged));
    }

    @Test
    void damagedBodyThatIsTooLargeToBeKeptIsAnErrorRowThatTellsItsStatus() throws SQLException, IOException {
        byte[] noise = new byte[3_000_000];
        new Random(1).nextBytes(noise);
        byte[] damaged = gzip(noise);
        damaged[damaged.length - 8] ^= 1;

        serve("/coded", 201, "gzip", damaged);
        ResponseRow row = caller.fetch(server.url("/coded"), CODINGS);

        assertThat(row.isFailure()).isTrue();
        assertThat(row.error().orElseThrow()).startsWith("Response of status 201 has a body that is not in its");
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static ResponseRow created(String coding, String hex) throws SQLException {
        serve("/coded", 201, coding, HexFormat.of().parseHex(hex));

        ResponseRow row = caller.fetch(server.url("/coded"), CODINGS);

        assertThat(row.status()).isEqualTo(201);
        assertThat(row.error()).isEmpty();
        assertThat(row.headers().orElseThrow()).contains("Content-Encoding");
        return row;
    }

    private static void serve(String path, String coding, byte[] body) {
        serve(path, 200, coding, body);
    }

    private static void serve(String path, int status, String coding, byte[] body) {
        List<String> headers = List.of("Content-Type: text/plain; charset=utf-8", "Content-Encoding: " + coding);
        server.handle(path, request -> Optional.of(new Reply(status, headers, body)));
    }
}
