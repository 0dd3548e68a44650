package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** What functions do, they do once, whatever ends their process or the server. */
@PgNetTest(
        cluster = Sharing.WITH_NONE,
        sql = {
            "CREATE ROLE app LOGIN",
            "CREATE TABLE public.account (calls bigint)",
            "INSERT INTO public.account VALUES (0)",
            "CREATE TABLE public.seen (id bigint)",
            "GRANT ALL ON public.account, public.seen TO app",
            "CREATE FUNCTION public.book(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS"
                    + " $$ UPDATE public.account SET calls = calls + 1; SELECT pg_sleep(0.005);"
                    + " INSERT INTO public.seen VALUES ($1) $$"
        })
class CallbackFaultsIT {
    private static final String BALANCE = "SELECT (SELECT calls FROM public.account) || ' ' || count(*) || ' '"
            + " || count(DISTINCT id) FROM public.seen";

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Test
    void effectsHappenOnceThoughProcessesAreKilledAtRandomMoments() throws Exception {
        int count = 600;
        request(count);
        Random random = new Random(4711);
        for (int kill = 0; kill < 12; kill++) {
            Thread.sleep(random.nextInt(400));
            Optional<String> process = tryQuery("SELECT pid FROM pg_stat_activity WHERE backend_type = 'net callback'");
            // SIGKILL crashes the server, SIGTERM the process alone.
            process.ifPresent(pid -> cluster.signal(Long.parseLong(pid), random.nextBoolean() ? "KILL" : "TERM"));
            Eventually.until(
                    "the server is back",
                    Duration.ofSeconds(60),
                    () -> tryQuery("SELECT 1").isPresent());
        }

        awaitAllDone(count);
        assertThat(tryQuery(BALANCE)).contains(count + " " + count + " " + count);
    }

    @Test
    void callbacksThatWaitAreCalledAfterARestart() throws SQLException {
        cluster.set("pg_net.callback_workers = 0");
        cluster.reload();
        int before = calls();
        request(20);
        Eventually.until(
                "all are answered",
                Duration.ofSeconds(30),
                () -> tryQuery("SELECT count(*) FROM net._callbacks").equals(Optional.of("20")));

        cluster.set("pg_net.callback_workers = 2");
        cluster.stop(StopMode.FAST);
        cluster.start();

        awaitAllDone(before + 20);
        assertThat(calls()).isEqualTo(before + 20);
    }

    @Test
    void withoutProcessesNoneIsCalledAndAReloadHasThemCalled() throws SQLException {
        cluster.set("pg_net.callback_workers = 0");
        cluster.reload();
        int before = calls();
        request(5);
        Eventually.until(
                "all are answered",
                Duration.ofSeconds(30),
                () -> tryQuery("SELECT count(*) FROM net._callbacks").equals(Optional.of("5")));
        assertThat(calls()).isEqualTo(before);

        cluster.set("pg_net.callback_workers = 1");
        cluster.reload();

        awaitAllDone(before + 5);
    }

    @Test
    void responseStaysUntilItsFunctionHasBeenCalled() throws SQLException {
        cluster.set("pg_net.callback_workers = 0", "pg_net.ttl = '1 second'");
        cluster.reload();
        int before = calls();
        request(3);
        try (Session session = cluster.session()) {
            session.await("SELECT count(*) FROM net._callbacks", 3);
            long plain = session.get(server.url("/get"));
            session.collect(plain);
            session.await("SELECT count(*) FROM net._http_response WHERE id = " + plain, 0);
            assertThat(session.number("SELECT count(*) FROM net._http_response"))
                    .isEqualTo(3);

            cluster.set("pg_net.callback_workers = 2");
            cluster.reload();
            awaitAllDone(before + 3);
            session.await("SELECT count(*) FROM net._http_response", 0);
        } finally {
            cluster.set("pg_net.ttl = '6 hours'");
            cluster.reload();
        }
    }

    @BeforeEach
    void startsWithNothing() throws SQLException {
        cluster.execute(
                "DELETE FROM public.seen", "UPDATE public.account SET calls = 0", "DELETE FROM net._http_response");
    }

    private void request(int count) throws SQLException {
        try (Session app = cluster.session("postgres", "app")) {
            app.execute("SELECT net.request('" + server.url("/get") + "', on_response => 'public.book')"
                    + " FROM generate_series(1, " + count + ")");
        }
    }

    private void awaitAllDone(int count) {
        Eventually.until(
                "all are done",
                Duration.ofSeconds(90),
                () -> tryQuery("SELECT 'done'"
                                + " WHERE (SELECT count(*) FROM public.seen) >= " + count
                                + " AND NOT EXISTS (SELECT FROM net._callbacks)"
                                + " AND NOT EXISTS (SELECT FROM net.http_request_queue)")
                        .isPresent());
    }

    private int calls() throws SQLException {
        return Integer.parseInt(
                cluster.query("SELECT calls FROM public.account").orElseThrow());
    }

    private Optional<String> tryQuery(String sql) {
        try {
            return cluster.query(sql);
        } catch (SQLException e) {
            return Optional.empty();
        }
    }
}
