package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/**
 * Whatever a caller passes and a server replies: a call is refused with a reason or becomes a request, a request becomes one
 * response row, and neither the session nor the worker ends. The same tries in every run, and more of them with
 * {@code -Djqwik.tries.default}.
 */
class FuzzIT {
    /** Data exception, constraint violation, syntax or access: what a caller's argument may be the cause of. */
    private static final String CALLERS_FAULT = "(22|23|42).{3}";

    private static final String LOCAL = "[\\x20-\\x7e]{1,40}";

    private static Resolver resolver;
    private static HttpServerFixture server;
    private static RawServer raw;
    private static PgCluster cluster;
    private static Session caller;
    private static long worker;
    private static int logBefore;
    private static int count;

    @BeforeContainer
    static void start() throws SQLException {
        resolver = new Resolver();
        server = HttpServerFixture.start();
        raw = RawServer.start();
        cluster = PgCluster.create("pg_net.denied_networks = '" + OddUrls.OUTSIDE + "'");
        cluster.setEnvironment(resolver.environment());
        cluster.start();
        cluster.execute("CREATE EXTENSION pg_net");
        caller = cluster.session();
        worker = cluster.awaitWorker();
        logBefore = cluster.log().length();
    }

    @AfterContainer
    static void stop() throws SQLException {
        caller.close();
        cluster.close();
        raw.close();
        server.close();
        resolver.close();
    }

    @AfterProperty
    void sameWorkerGoesOn() throws SQLException {
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
        assertThat(caller.text("SELECT count(*) FROM net.http_request_queue")).isEqualTo("0");
        assertThat(cluster.log().count("pg_net worker.*(WARNING|ERROR|FATAL|PANIC):", logBefore))
                .isZero();
    }

    @Property(seed = "1")
    void callIsRefusedOrAnswered(
            @ForAll("methods") String method,
            @ForAll("urls") String url,
            @ForAll("objects") String params,
            @ForAll("objects") String headers,
            @ForAll int timeoutMillis)
            throws SQLException {
        // A limit far shorter than the test's patience; negative ones are refused.
        int timeout = timeoutMillis % 5_000;

        Optional<ResponseRow> row = answer(
                "SELECT net.request(method := ?, url := ?, params := ?::jsonb, headers := ?::jsonb, timeout := make_interval(secs => ? / 1000.0))",
                method,
                url,
                params,
                headers,
                timeout == 0 ? 1 : timeout);

        row.ifPresent(FuzzIT::assertIsWhole);
    }

    @Property(seed = "2")
    void textArrivesAsItWasGiven(
            @ForAll("texts") String body, @ForAll("texts") String param, @ForAll("texts") String header)
            throws SQLException {
        String id = "text" + count++;

        Optional<ResponseRow> row = answer(
                "SELECT net.request(?, body_text := ?::text, params := jsonb_build_object('p', ?::text),"
                        + " headers := jsonb_build_object('X-Fuzz', ?::text))",
                server.url("/post?id=" + id),
                body,
                param,
                header);

        if (row.isPresent() && !row.get().isFailure()) {
            assertThat(row.get().content().orElse("")).isEqualTo(body);
            assertThat(server.received(id)).singleElement().satisfies(received -> {
                assertThat(received.text()).isEqualTo(body);
                assertThat(received.parameter("p")).contains(param);
                assertThat(received.headers().keySet())
                        .isSubsetOf("host", "user-agent", "accept", "content-type", "content-length", "x-fuzz");
                assertThat(utf8(received).trim()).isEqualTo(header.trim());
            });
        }
    }

    @Property(seed = "3")
    void bodyOfAResponseIsKept(@ForAll byte[] body, @ForAll("contentTypes") String contentType) throws SQLException {
        server.handle("/body", request -> Optional.of(new Reply(200, List.of("Content-Type: " + contentType), body)));

        ResponseRow row = caller.fetch(server.url("/body"));

        assertIsWhole(row);
        assertThat(row.status()).isEqualTo(200);
        if (row.bodyHex().isPresent()) {
            assertThat(row.bodyHex()).contains(HexFormat.of().formatHex(body));
        } else if (!contentType.contains("charset")) {
            assertThat(row.content().orElse("").getBytes(StandardCharsets.UTF_8))
                    .isEqualTo(body);
        }
    }

    @Property(seed = "4")
    void anyReplyIsOneRow(@ForAll("replies") byte[] reply) throws SQLException {
        raw.reply("/reply", out -> out.write(reply));

        assertIsWhole(caller.answer("SELECT net.http_get(?, timeout_milliseconds := 3000)", raw.url("/reply")));
    }

    @Provide
    Arbitrary<String> methods() {
        return Arbitraries.frequencyOf(
                Tuple.of(9, Arbitraries.of("GET", "post", "HEAD", "DELETE", "PUT", "PATCH", "OPTIONS")),
                Tuple.of(1, Arbitraries.strings().all().ofMaxLength(10)));
    }

    @Provide
    Arbitrary<String> urls() {
        Arbitrary<String> odd = Arbitraries.longs().map(seed -> new OddUrls(new Random(seed), server.port()).next());
        Arbitrary<String> any = Arbitraries.strings().all().ofMaxLength(60);
        Arbitrary<String> here = any.map(path -> server.url("/" + path));
        return Arbitraries.frequencyOf(Tuple.of(4, odd), Tuple.of(1, any), Tuple.of(5, here));
    }

    @Provide
    Arbitrary<String> objects() {
        return Json.objects();
    }

    /** What a database in UTF-8 can hold. */
    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .all()
                .ofMaxLength(200)
                .map(text ->
                        new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).replace("\0", ""));
    }

    @Provide
    Arbitrary<String> contentTypes() {
        Arbitrary<String> charset = Arbitraries.strings().ascii().filter(text -> text.matches(LOCAL));
        Arbitrary<String> known = Arbitraries.of(
                "utf-8", "utf-16", "utf-7", "iso-8859-1", "shift_jis", "ebcdic-us", "x-unknown", "\"gb18030\"", "");
        return Arbitraries.oneOf(
                Arbitraries.of("text/plain", "application/json", "a/b;q", ";", "image/png", "text/html; x=\"y;"),
                Arbitraries.oneOf(charset, known).map(name -> "text/plain; charset=" + name));
    }

    @Provide
    Arbitrary<byte[]> replies() {
        return Replies.mutated();
    }

    /** The row; empty when the call was refused for what its caller passed. */
    private static Optional<ResponseRow> answer(String call, Object... arguments) throws SQLException {
        long id;
        try {
            id = caller.send(call, arguments);
        } catch (SQLException refused) {
            assertThat(refused.getSQLState()).as(refused.getMessage()).matches(CALLERS_FAULT);
            return Optional.empty();
        }
        return Optional.of(caller.answerTo(id));
    }

    /** Either a response or why there is none. */
    private static void assertIsWhole(ResponseRow row) {
        if (row.error().isPresent()) {
            assertThat(row.isFailure()).as(row.toString()).isTrue();
            assertThat(row.error().orElseThrow()).isNotBlank().doesNotContain("Exception");
        } else {
            assertThat(row.status()).as(row.toString()).isBetween(100, 999);
            assertThat(row.headers()).isPresent();
            assertThat(row.content().isPresent() && row.bodyHex().isPresent()).isFalse();
        }
    }

    private static String utf8(ReceivedRequest received) {
        String octets = received.header("x-fuzz").orElse("");
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
