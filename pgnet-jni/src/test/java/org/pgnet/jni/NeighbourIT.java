package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.http.SilentServer;
import org.pgnet.testkit.session.Session;

/** Whatever mallory's servers do, alice's requests go on. */
@Tag("alone")
@PgNetTest(
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE mallory LOGIN",
            "CREATE ROLE oscar LOGIN",
            "CREATE ROLE trudy LOGIN"
        })
class NeighbourIT {
    private static final int TWO_MEGABYTES = 2 << 20;

    @Given
    private static PgCluster cluster;

    /** A superuser. */
    @Given
    private static Session owner;

    @Given(role = "alice")
    private static Session alice;

    @Given(role = "mallory")
    private static Session mallory;

    private static final ScriptedServer FAST = ScriptedServer.of("x".repeat(TWO_MEGABYTES));

    private final List<AutoCloseable> servers = new ArrayList<>();

    @AfterEach
    void cancelAndClose() throws Exception {
        owner.text("SELECT count(net.cancel(id)) FROM net.http_request_queue");
        for (AutoCloseable server : servers) {
            server.close();
        }
    }

    @AfterAll
    static void closeFast() {
        FAST.close();
    }

    private void asMallory(int count, String url) throws SQLException {
        mallory.text("SELECT count(net.http_get('" + url + "', timeout_milliseconds := 0)) FROM generate_series(1, "
                + count + ")");
    }

    /** Large ones, which need a share of everything there is. */
    private static void aliceIsAnswered() throws SQLException {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            assertThat(alice.fetch(FAST.url("/")).status()).isEqualTo(200);
            millis.add((System.nanoTime() - start) / 1_000_000);
        }
        millis.sort(null);
        assertThat(millis.get(10)).as("half of " + millis).isLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 60})
    void hostsThatHang(int hosts) throws SQLException {
        for (int i = 0; i < hosts; i++) {
            SilentServer silent = SilentServer.start();
            servers.add(silent);
            asMallory(600 / hosts, "http://127.0.0.1:" + silent.port() + "/");
        }
        aliceIsAnswered();
    }

    /** By the time that a small response takes when nobody else sends anything. */
    @Test
    void sixHostsThatHangDelayAnotherRoleByNoMoreThanFiftyMilliseconds() throws SQLException {
        try (ScriptedServer small = ScriptedServer.of("ok")) {
            long undisturbed = halfOfTheTimes(small);
            for (String role : List.of("mallory", "oscar", "trudy")) {
                for (int host = 0; host < 6; host++) {
                    SilentServer silent = SilentServer.start();
                    servers.add(silent);
                    asRole(role, 100, "http://127.0.0.1:" + silent.port() + "/");
                }
                assertThat(halfOfTheTimes(small) - undisturbed)
                        .as("beside %s", role)
                        .isLessThanOrEqualTo(50);
            }
        }
    }

    /** The median of a few, in milliseconds. */
    private static long halfOfTheTimes(ScriptedServer server) throws SQLException {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            long start = System.nanoTime();
            assertThat(alice.fetch(server.url("/")).status()).isEqualTo(200);
            millis.add((System.nanoTime() - start) / 1_000_000);
        }
        millis.sort(null);
        return millis.get(12);
    }

    private static void asRole(String role, int count, String url) throws SQLException {
        try (Session session = cluster.session("postgres", role)) {
            session.text("SELECT count(net.http_get('" + url + "', timeout_milliseconds := 0)) FROM generate_series(1, "
                    + count + ")");
        }
    }

    @Test
    void responsesThatDoNotEnd() throws SQLException {
        CountDownLatch end = new CountDownLatch(1);
        ScriptedServer dripping = ScriptedServer.answering((request, out) -> {
            boolean declared = request.target().equals("/declared");
            write(
                    out,
                    "HTTP/1.1 200 OK\r\n"
                            + (declared
                                    ? "Content-Length: 60000000\r\n\r\n"
                                    : "Transfer-Encoding: chunked\r\n\r\n3938700\r\n"));
            out.write(new byte[TWO_MEGABYTES]);
            out.flush();
            end.await();
        });
        servers.add(end::countDown);
        servers.add(dripping);
        asMallory(10, dripping.url("/declared"));
        asMallory(10, dripping.url("/chunked"));
        aliceIsAnswered();
    }

    @Test
    void redirectsToLongUrls() throws SQLException {
        ScriptedServer redirecting = ScriptedServer.answering((request, out) -> {
            String host = request.values("Host").get(0);
            String user = (request.number() + "u").repeat(30_000).substring(0, 60_000);
            ScriptedServer.respond(out, 302, "", "Location: http://" + user + "@" + host + "/" + request.number());
        });
        servers.add(redirecting);
        long before = pidOfTheWorker();
        asMallory(40, redirecting.url("/"));
        mallory.await("SELECT count(*) FROM net.http_request_queue", 0);
        aliceIsAnswered();

        assertThat(pidOfTheWorker()).isEqualTo(before);
        assertThat(mallory.column("SELECT DISTINCT error_msg FROM net._http_response"))
                .isSubsetOf(
                        "Number of redirects hit maximum amount",
                        "redirect to a long URL, while too many others were in flight");
    }

    private long pidOfTheWorker() throws SQLException {
        return cluster.workerPid("postgres").orElseThrow();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
