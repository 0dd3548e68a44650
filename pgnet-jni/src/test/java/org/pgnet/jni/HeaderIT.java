package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Headers in both directions: what is sent is what was asked for, and what came cannot pose as anything else. */
@PgNetTest
class HeaderIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static RawServer raw;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @Test
    void repeatedHeaderIsAnArrayInOrder() throws SQLException {
        raw.reply(
                "/cookies",
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nX: y\r\nset-cookie: b=\"2\"\r\n"
                        + "SET-COOKIE: a=3\r\nContent-Length: 0\r\n\r\n");

        assertThat(caller.fetch(raw.url("/cookies")).headers())
                .contains("{\"X\": \"y\", \"Set-Cookie\": [\"a=1; Path=/\", \"b=\\\"2\\\"\", \"a=3\"],"
                        + " \"Content-Length\": \"0\"}");
    }

    /** Equal headers are read and packed once: of the same server, others of the same length, some that are long, and failures. */
    @Test
    void eachResponseOfABatchHasItsOwnHeaders() throws SQLException {
        for (String path : List.of("/p1", "/p2", "/p3")) {
            String value = path + (path.equals("/p3") ? "x".repeat(20_000) : "");
            server.handle(
                    path,
                    request -> Optional.of(new Reply(
                            200, List.of("X-Path: " + value, "X-B: c"), path.getBytes(StandardCharsets.US_ASCII))));
        }

        cluster.execute("SELECT net.http_get('" + server.url("")
                + "' || (ARRAY['/p1', '/p1', '/drop', '/p1', '/p2', '/p3', '/p3'])[n % 7 + 1])"
                + " FROM generate_series(1, 1400) n");

        Eventually.until(
                "all are answered",
                Duration.ofSeconds(30),
                () -> caller.text("SELECT count(*) FROM net._http_response WHERE content LIKE '/p_'")
                        .equals("1200"));
        assertThat(caller.text("SELECT count(*) FROM net._http_response WHERE content LIKE '/p_'"
                        + " AND left(headers ->> 'X-Path', 3) = content AND headers ->> 'X-B' = 'c'"
                        + " AND length(headers ->> 'X-Path') = CASE content WHEN '/p3' THEN 20003 ELSE 3 END"))
                .isEqualTo("1200");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "X-A: 1\\nX-B: 2 | {\"X-A\": \"1\", \"X-B\": \"2\"}",
                "X-A: 1\\r\\n  folded | {\"X-A\": \"1 folded\"}",
                "X-A: 1\\r\\n\\tX-Evil: 2 | {\"X-A\": \"1 X-Evil: 2\"}",
                "x-oDD-nAMe:v | {\"x-oDD-nAMe\": \"v\"}",
                "X-Empty: | {\"X-Empty\": \"\"}",
                "X-A : 1 | {\"X-A\": \"1\"}",
                "X-A: a:b: c | {\"X-A\": \"a:b: c\"}",
                "X-A: \"q\" \\ {} | {\"X-A\": \"\\\"q\\\" \\\\ {}\"}",
                "X-A: \u00c3\u00a9 | {\"X-A\": \"é\"}",
                "X-A: \u00e9 | {\"X-A\": \"é\"}",
                "X-A: \u0001\u007f | {\"X-A\": \"\\u0001\u007f\"}",
                "__proto__: x | {\"__proto__\": \"x\"}",
            })
    void lineOfTheServerIsOneHeaderOrNone(String line, String headers) throws SQLException {
        String bytes = line.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
        raw.reply("/line", "HTTP/1.1 200 OK\r\n" + bytes + "\r\n\r\n");

        // How many blanks a folded line leaves differs between releases of libcurl.
        assertThat(caller.fetch(raw.url("/line")).headers().map(json -> json.replaceAll(" +", " ")))
                .contains(headers);
    }

    @Test
    void carriageReturnAloneEndsNoLine() throws SQLException {
        raw.reply("/return", "HTTP/1.1 200 OK\r\nX-A: 1\rX-Evil: 2\r\n\r\n");

        ResponseRow row = caller.fetch(raw.url("/return"));

        // libcurl refuses such a response since 8.22.
        assertThat(row.headers().or(row::error))
                .hasValueSatisfying(
                        value -> assertThat(value).isIn("{\"X-A\": \"1\\rX-Evil: 2\"}", "Weird server reply"));
    }

    @Test
    void headersOfTheRequestAreSentInUtf8() throws SQLException {
        ReceivedRequest request = received("unicode", "{\"X-Name\": \"žluťoučký 日本\", \"X-List\": [\"a\", 2, true]}");

        // The fixture reads header lines a character for each byte.
        assertThat(request.header("x-name")
                        .map(value -> new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)))
                .contains("žluťoučký 日本");
        assertThat(request.headers().get("x-list")).containsExactly("a", "2", "true");
    }

    @Test
    void emptyValueSuppressesWhatLibcurlWouldSend() throws SQLException {
        ReceivedRequest request = received("empty", "{\"user-agent\": \"\", \"Accept\": \"\"}");

        assertThat(request.headers()).containsOnlyKeys("host");
    }

    @Test
    void hostOfTheCallerIsSent() throws SQLException {
        assertThat(received("host", "{\"Host\": \"virtual.example\"}").headers().get("host"))
                .containsExactly("virtual.example");
    }

    @Test
    void largeBodyIsSentWithoutAskingFirst() throws SQLException {
        caller.answer(
                "SELECT net.request(?, method := 'PUT', body_text := repeat('x', 3000000))",
                server.url("/post?id=put"));

        assertThat(server.received("put").get(0).headers())
                .containsOnlyKeys("host", "user-agent", "accept", "content-type", "content-length");
        assertThat(server.received("put").get(0).header("content-type")).contains("text/plain; charset=utf-8");
    }

    @Test
    void everyByteOfABodyIsSentAndStored() throws SQLException {
        String all =
                "(SELECT string_agg(decode(lpad(to_hex(n), 2, '0'), 'hex'), '' ORDER BY n) FROM generate_series(0, 255) n)";

        ResponseRow row = caller.answer(
                "SELECT net.request(?, method := 'PATCH', body_bytes := " + all + ")", server.url("/post?id=all"));

        assertThat(row.bodyHex()).contains(caller.text("SELECT encode(" + all + ", 'hex')"));
        assertThat(server.received("all").get(0).header("content-type")).contains("application/octet-stream");
    }

    private static ReceivedRequest received(String id, String headers) throws SQLException {
        assertThat(caller.fetch(server.url("/get?id=" + id), headers).error()).isEqualTo(Optional.empty());
        return server.received(id).get(0);
    }
}
