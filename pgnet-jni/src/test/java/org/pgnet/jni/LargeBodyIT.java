package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Large bodies go whole in both directions, up to pg_net.max_response_size; past that is an error row. */
@PgNetTest
class LargeBodyIT {
    private static final int MEGABYTE = 1024 * 1024;
    private static final String TOO_LARGE = "Response body is larger than the limit of " + 64 * MEGABYTE + " bytes";

    /** Hands its argument to another process; the setting that has it do so was renamed in PostgreSQL 16. */
    private static final String COMPARE_IN_PARALLEL = """
            CREATE OR REPLACE FUNCTION public.compare_in_parallel(content text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
            SET max_parallel_workers_per_gather = 2 SET parallel_setup_cost = 0 SET parallel_tuple_cost = 0
            SET min_parallel_table_scan_size = 0 AS $$
            BEGIN
                PERFORM set_config(name, 'on', true) FROM pg_catalog.pg_settings
                WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
                PERFORM count(*) FROM pg_catalog.pg_class WHERE relname::text <> content;
                RETURN true;
            END $$
            """;

    private static final String SEE = """
            CREATE OR REPLACE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM public.compare_in_parallel(NEW.content);
                RETURN NEW;
            END $$
            """;

    @Given
    private static HttpServerFixture server;

    @Given
    private static RawServer raw;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    private static long worker;

    @BeforeAll
    static void start() throws SQLException {
        worker = cluster.awaitWorker();
    }

    @Test
    void fiftyMegabytesAreStoredWhole() throws Exception {
        byte[] body = new byte[50 * MEGABYTE];
        new Random(1).nextBytes(body);
        server.handle("/large", request -> Optional.of(new Reply(200, List.of(), body)));

        long id = caller.send("SELECT net.http_get(?, timeout_milliseconds := 30000)", server.url("/large"));

        assertThat(caller.text("SELECT (response).status_code FROM net.http_collect_response(?, false)", id))
                .isEqualTo("200");
        assertThat(caller.text("SELECT md5(body) FROM net.responses WHERE id = ?", id))
                .isEqualTo(md5(body));
        assertThat(caller.text("SELECT content FROM net._http_response WHERE id = ?", id))
                .isNull();
    }

    @Test
    void twentyMegabytesAreSentWhole() throws Exception {
        String body = "decode(repeat('000102030405060708090a0b0c0d0eff', 1310720), 'hex')";

        long id = caller.send(
                "SELECT net.request(?, body_bytes := " + body + ", timeout := '30 s')", server.url("/get?id=sent"));
        assertThat(caller.answerTo(id).status()).isEqualTo(200);
        byte[] sent = server.received("sent").get(0).body();
        assertThat(sent).hasSize(20 * MEGABYTE);
        assertThat(caller.text("SELECT md5(" + body + ")")).isEqualTo(md5(sent));
        assertThat(server.received("sent").get(0).headers()).doesNotContainKeys("expect", "transfer-encoding");
    }

    @Test
    void textIsCompressedAsTheTableSays() throws Exception {
        String text = "{\"name\": \"value\", \"ünïcode\": 12345}, ".repeat(80_000);
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        server.handle("/text", request -> Optional.of(new Reply(200, List.of("Content-Type: application/json"), body)));
        boolean lz4 = caller.text(
                        "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
                .equals("t");

        assertStored("/text", "content", md5(body), lz4 ? "lz4" : "pglz");
        cluster.execute("ALTER TABLE net._http_response ALTER content SET COMPRESSION pglz");
        assertStored("/text", "content", md5(body), "pglz");
        cluster.execute("ALTER TABLE net._http_response ALTER content SET STORAGE EXTERNAL");
        assertStored("/text", "content", md5(body), null);
        cluster.execute(
                "ALTER TABLE net._http_response ALTER content SET STORAGE EXTENDED",
                "ALTER TABLE net._http_response ALTER content SET COMPRESSION DEFAULT");
    }

    @Test
    void textOfAnotherCharsetIsStoredConverted() throws Exception {
        String text = "na\u00efve caf\u00e9 ".repeat(100_000);
        byte[] body = text.getBytes(StandardCharsets.ISO_8859_1);
        List<String> headers = List.of("Content-Type: text/plain; charset=iso-8859-1");
        server.handle("/latin1", request -> Optional.of(new Reply(200, headers, body)));

        long id = caller.send("SELECT net.http_get(?)", server.url("/latin1"));
        caller.answerTo(id);

        assertThat(caller.text("SELECT md5(content) FROM net._http_response WHERE id = ?", id))
                .isEqualTo(md5(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatCannotBeCompressedIsStoredAsItIs() throws Exception {
        byte[] random = new byte[2 * MEGABYTE];
        new Random(2).nextBytes(random);
        byte[] text = Base64.getEncoder().encode(random);
        server.handle("/random", request -> Optional.of(new Reply(200, List.of(), random)));
        server.handle("/base64", request -> Optional.of(new Reply(200, List.of(), text)));

        assertStored("/random", "body", md5(random), null);
        assertStored("/base64", "content", md5(text), null);
    }

    /** The row of such a table may hold no pointer to the worker's memory: a parallel query would follow it elsewhere. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TRIGGER t BEFORE INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION see()"
                        + " | DROP TRIGGER t ON net._http_response",
                "ALTER TABLE net._http_response ADD CONSTRAINT c CHECK (compare_in_parallel(content))"
                        + " | ALTER TABLE net._http_response DROP CONSTRAINT c",
                "CREATE INDEX i ON net._http_response (compare_in_parallel(content)) | DROP INDEX net.i",
                "CREATE INDEX i ON net._http_response (id) WHERE compare_in_parallel(content) | DROP INDEX net.i",
            })
    void largeBodyMayBeComparedInAParallelQuery(String attach, String detach) throws Exception {
        byte[] body = "{\"name\": \"value\"}, ".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        server.handle("/seen", request -> Optional.of(new Reply(200, List.of("Content-Type: application/json"), body)));
        cluster.execute("TRUNCATE net._http_response", COMPARE_IN_PARALLEL, SEE, attach);
        try {
            long id = caller.send("SELECT net.http_get(?, timeout_milliseconds := 30000)", server.url("/seen"));
            caller.answerTo(id);
            assertThat(caller.text("SELECT md5(content) FROM net._http_response WHERE id = ?", id))
                    .isEqualTo(md5(body));
            assertThat(cluster.awaitWorker()).isEqualTo(worker);
        } finally {
            cluster.execute(detach);
        }
    }

    /** It is recorded once more then, with care, and replaces the old response. */
    @Test
    void largeResponseReplacesAnOldOneOfItsId() throws Exception {
        byte[] body = "a longer body ".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        server.handle("/new", request -> Optional.of(new Reply(200, List.of("Content-Type: text/plain"), body)));
        long id = caller.send("SELECT net.http_get(?)", server.url("/get"));
        caller.answerTo(id);
        cluster.execute("ALTER TABLE net.http_request_queue ALTER id RESTART WITH " + id);

        assertThat(caller.send("SELECT net.http_get(?)", server.url("/new"))).isEqualTo(id);
        Eventually.until(
                "the new response",
                Duration.ofSeconds(20),
                () -> md5(body).equals(caller.text("SELECT md5(content) FROM net._http_response WHERE id = ?", id)));
    }

    private static void assertStored(String path, String column, String md5, String compression) throws SQLException {
        long id = caller.send("SELECT net.http_get(?, timeout_milliseconds := 30000)", server.url(path));
        caller.answerTo(id);

        assertThat(caller.text("SELECT md5(" + column + ") FROM net.responses WHERE id = ?", id))
                .isEqualTo(md5);
        assertThat(caller.text("SELECT pg_column_compression(" + column + ") FROM net.responses WHERE id = ?", id))
                .isEqualTo(compression);
    }

    @Test
    void announcedLengthOverTheLimitIsAnErrorRow() throws SQLException {
        raw.reply("/announced", "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\nand so on");

        assertTooLarge(caller.fetch(raw.url("/announced")));
    }

    @Test
    void chunksOverTheLimitAreAnErrorRow() throws SQLException {
        raw.reply("/chunks", out -> {
            out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
            byte[] chunk = new byte[MEGABYTE];
            while (!Thread.interrupted()) {
                out.write(ascii("100000\r\n"));
                out.write(chunk);
                out.write(ascii("\r\n"));
            }
        });

        assertTooLarge(caller.answer("SELECT net.http_get(?, timeout_milliseconds := 30000)", raw.url("/chunks")));
    }

    @Test
    void compressedBodyCountsAsItIsWhenDecoded() throws SQLException {
        raw.reply("/bomb", out -> {
            out.write(ascii("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"));
            writeZerosCompressed(out);
        });

        assertTooLarge(caller.answer(
                "SELECT net.http_get(?, headers := '{\"Accept-Encoding\": \"gzip\"}', timeout_milliseconds := 30000)",
                raw.url("/bomb")));
    }

    private static void assertTooLarge(ResponseRow row) throws SQLException {
        assertThat(row.isFailure()).isTrue();
        assertThat(row.error()).contains(TOO_LARGE);
        assertThat(row.timedOut()).isFalse();
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    private static void writeZerosCompressed(OutputStream out) throws IOException {
        byte[] zeros = new byte[MEGABYTE];
        try (OutputStream compressed = new GZIPOutputStream(out)) {
            for (int i = 0; i < 65; i++) {
                compressed.write(zeros);
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String md5(byte[] bytes) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    }
}
