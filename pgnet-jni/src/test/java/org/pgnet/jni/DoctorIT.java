package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** net.doctor() tells of each thing that is wrong while it is, and of nothing else. */
@PgNetTest(
        settings = "pg_net.ttl = '1 day'",
        sql = {"CREATE ROLE app LOGIN", "CREATE ROLE other LOGIN", "GRANT CREATE ON SCHEMA public TO app"})
class DoctorIT {
    private static final String FINDINGS = "SELECT concat_ws(' | ', severity, finding) FROM net.doctor()";
    private static final Duration WITHIN = Duration.ofSeconds(20);

    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "app")
    private Session app;

    @BeforeEach
    void well() throws SQLException {
        clean();
        assertThat(session.column(FINDINGS)).isEmpty();
        assertThat(app.column(FINDINGS)).isEmpty();
    }

    @AfterEach
    void clean() throws SQLException {
        session.execute(
                "ALTER SYSTEM RESET ALL",
                "SELECT pg_reload_conf()",
                "TRUNCATE net.http_request_queue, net.hosts, net._http_response, net.dead_letters, net.attempts, net._callbacks",
                "DELETE FROM net.policies WHERE name NOT IN ('none', 'quick', 'standard')",
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES ('slow', '{1 h}', 5, 0),"
                        + " ('once', '{1 h}', 1, 0)");
        session.await("SELECT in_flight FROM net.stats", 0);
        session.execute("SELECT net.wait_until_running()");
    }

    @Test
    void nothingIsSentWhileBatchSizeIsZero() throws SQLException {
        session.execute("ALTER SYSTEM SET pg_net.batch_size = 0", "SELECT pg_reload_conf()");
        session.await("SELECT net._worker_state()", "halted", WITHIN);
        app.get(server.url("/get"));

        String finding =
                await(app, "stopped | Nothing is sent: pg_net.batch_size is 0; 1 request waits, the oldest for ");
        assertThat(finding).endsWith(" s.");
        assertThat(app.text(
                        "SELECT concat_ws('|', sql, since > now() - interval '1 minute') FROM net.doctor() LIMIT 1"))
                .isEqualTo("alter system set pg_net.batch_size = 200; select pg_reload_conf();|t");
        assertThat(app.text("SELECT reason FROM net.requests")).contains("pg_net.batch_size is 0");
    }

    @Test
    void databaseThatNoWorkerServesIsTold() throws SQLException {
        session.execute("CREATE DATABASE unserved");
        try (Session unserved = cluster.session("unserved", "postgres")) {
            unserved.execute("CREATE EXTENSION pg_net", "SELECT net.http_get('http://127.0.0.1:1/')");

            assertThat(unserved.column(FINDINGS).get(0))
                    .startsWith("stopped | No worker serves database \"unserved\"; 1 request waits, the oldest for ");
            assertThat(unserved.text("SELECT sql FROM net.doctor() LIMIT 1"))
                    .isEqualTo(
                            "alter system set pg_net.database_name = 'postgres, unserved'; select pg_reload_conf();");
            assertThat(unserved.text("SELECT concat_ws('|', state, reason) FROM net.requests"))
                    .isEqualTo("queued|no pg_net worker serves this database");
        } finally {
            session.execute("DROP DATABASE unserved WITH (FORCE)");
        }
    }

    @Test
    void responsesThatCannotBeStoredAreToldAndWhoHoldsTheTable() throws SQLException {
        try (Session holder = cluster.session()) {
            holder.execute("BEGIN", "LOCK TABLE net._http_response IN ACCESS EXCLUSIVE MODE");
            app.get(server.url("/get"));

            assertThat(await(session, "stopped | The worker of \"postgres\" sends nothing since "))
                    .contains("recording responses fails", "(a lock is held)", "Nothing is lost");
            String locked =
                    "delayed | Table net._http_response is locked by pid " + holder.pid() + " (role postgres) for ";
            assertThat(session.column(FINDINGS)).anyMatch(line -> line.startsWith(locked));
            holder.execute("ROLLBACK");
        }
        awaitSilence(session);
    }

    @Test
    void openBreakerIsTold() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, breaker) VALUES ('127.0.0.1:1', true)");
        app.execute("SELECT net.http_get('http://127.0.0.1:1/') FROM generate_series(1, 6)");
        await(app, "delayed | 127.0.0.1:1: breaker open for ");
        app.get("http://127.0.0.1:1/");

        assertThat(await(app, "delayed | 127.0.0.1:1: breaker open for ", "1 request held"))
                .endsWith(" s, 1 request held, last error: Couldn't connect to server.");
        assertThat(foreign()).isEmpty();
        session.execute("TRUNCATE net.hosts");
        awaitSilence(app);
    }

    @Test
    void serverThatAsksToWaitIsTold() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, rate) VALUES ('127.0.0.1', 50)");
        server.handle("/later", request -> Optional.of(new Reply(429, List.of("Retry-After: 8"), new byte[0])));
        app.execute("SELECT net.request('" + server.url("/later") + "', policy => 'slow')");
        await(app, "delayed | 127.0.0.1:" + server.port() + " asked us to wait until ");
        app.execute("SELECT net.request('" + server.url("/get") + "', policy => 'slow') FROM generate_series(1, 2)");

        assertThat(await(app, "delayed | 127.0.0.1:" + server.port() + " asked us to wait until ", "2 requests held"))
                .endsWith(" (status 429, Retry-After); 2 requests held.");
        assertThat(app.text("SELECT sql FROM net.doctor()"))
                .isEqualTo("update net.hosts set rate = 40 where pattern = '127.0.0.1'");
        assertThat(foreign()).isEmpty();
        // Its wish outlives the requests.
        session.execute("DELETE FROM net.http_request_queue");
        awaitSilence(app);
    }

    @Test
    void pausedHostIsTold() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        app.get(server.url("/get"));

        await(app, "delayed | 127.0.0.1:" + server.port() + " is paused; 1 request waits.");
        assertThat(app.text("SELECT sql FROM net.doctor()"))
                .isEqualTo("update net.hosts set paused = false where pattern = '127.0.0.1'");
        assertThat(foreign()).isEmpty();
        session.execute("UPDATE net.hosts SET paused = false");
        awaitSilence(app);
    }

    @Test
    void rateThatLetsRequestsExpireIsTold() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, rate, per) VALUES ('127.0.0.1', 10, '10 s')");
        app.execute("SELECT net.request('" + server.url("/get") + "') FROM generate_series(1, 100)");
        await(
                "the rate",
                () -> app.number("SELECT coalesce(sum(waiting), 0) FROM net.stat_host WHERE reason LIKE 'rate of %'")
                        > 50);
        assertThat(app.column(FINDINGS)).isEmpty();

        app.execute("SELECT net.request('" + server.url("/get") + "', expires_after => '2 min')"
                + " FROM generate_series(1, 100)");

        String finding = await(app, "losing | 127.0.0.1:" + server.port() + ": ");
        assertThat(finding)
                .matches(
                        ".*: 1\\d\\d requests wait for a rate of 1/s, the last leaves in [23] min; \\d+ will expire first\\.");
        int doomed = Integer.parseInt(finding.replaceFirst(".*; (\\d+) will.*", "$1"));
        assertThat(doomed).isBetween(50, 100);
        assertThat(foreign()).isEmpty();
    }

    @Test
    void whatDiedInTheLastHourIsTold() throws SQLException {
        app.collect(app.send("SELECT net.request(?, policy => 'once')", server.url("/status/503")));

        assertThat(app.column(FINDINGS))
                .containsExactly("losing | 1 request to 127.0.0.1 died in the last hour (exhausted, status 503).");
        assertThat(foreign()).isEmpty();
        String retry = app.text("SELECT sql FROM net.doctor()");
        assertThat(retry).startsWith("select * from net.retry_all('127.0.0.1', since => '");
        assertThat(app.column(retry)).hasSize(1);
        session.execute("UPDATE net.dead_letters SET died = died - interval '61 min'");
        assertThat(app.column(FINDINGS)).isEmpty();
    }

    @Test
    void orderKeyBehindARequestThatRetriesIsTold() throws SQLException {
        long head =
                app.send("SELECT net.request(?, policy => 'slow', order_key => 'cust-7')", server.url("/status/503"));
        app.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 1);
        assertThat(app.column(FINDINGS)).isEmpty();
        app.execute(
                "SELECT net.request('" + server.url("/get") + "', order_key => 'cust-7') FROM generate_series(1, 3)");

        assertThat(await(app, "delayed | Order key \"cust-7\": "))
                .startsWith("delayed | Order key \"cust-7\": 3 requests wait behind request " + head
                        + ", attempt 2 of 5, next ");
        assertThat(app.text("SELECT sql FROM net.doctor()")).isEqualTo("select net.retry(" + head + ")");
        assertThat(foreign()).isEmpty();
        app.execute("SELECT net.cancel(" + head + ")");
        awaitSilence(app);
    }

    @Test
    void failingFunctionIsTold() throws SQLException {
        app.execute(
                "CREATE OR REPLACE FUNCTION public.save(request_id bigint, response net._http_response, context jsonb)"
                        + " RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 / 0; END $$");
        app.send("SELECT net.request(?, on_response => 'public.save')", server.url("/get"));

        assertThat(await(app, "delayed | Function public.save failed for 1 response: "))
                .contains("division by zero. It is called again, next at ");
        session.execute(
                // As after six calls.
                "INSERT INTO net.dead_letters (id, url, owner, on_response, attempts, reason, error_msg, died)"
                        + " SELECT request_id, 'http://a.example/', owner, function, 6, 'callback', error_msg, now()"
                        + " FROM net._callbacks",
                "DELETE FROM net._callbacks");
        assertThat(app.column(FINDINGS)).hasSize(1);
        assertThat(app.column(FINDINGS).get(0))
                .startsWith("losing | Function public.save fails for 1 response: ")
                .endsWith("division by zero. They are kept.");
        assertThat(foreign()).isEmpty();
        session.execute("TRUNCATE net.dead_letters", "DROP FUNCTION public.save");
        assertThat(app.column(FINDINGS)).isEmpty();
    }

    @Test
    void secretThatCannotBeReadIsTold() throws SQLException {
        session.execute(
                "SELECT net.set_secret('stripe', file => 'stripe', hosts => '{http://127.0.0.1}', roles => '{app}')");
        app.send("SELECT net.request(?, policy => 'slow')", server.url("/drop"));
        app.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 1);
        assertThat(app.column(FINDINGS)).isEmpty();
        app.execute("SELECT net.request('" + server.url("/get?key={{stripe}}")
                + "', secrets => '{stripe}', policy => 'slow')");

        assertThat(await(app, "delayed | Secret "))
                .startsWith("delayed | Secret \"stripe\" cannot be read: ")
                .endsWith("; 1 request retries.");
        assertThat(foreign()).isEmpty();
        session.execute("DELETE FROM net.http_request_queue", "SELECT net.drop_secret('stripe')");
        assertThat(app.column(FINDINGS)).isEmpty();
    }

    @Test
    void webhookThatItsReceiverHasDisabledIsTold() throws SQLException {
        server.handle("/gone", request -> Optional.of(Reply.text(410, "")));
        app.execute(
                "CREATE TABLE public.orders (id integer PRIMARY KEY)",
                "SELECT net.create_webhook('orders', 'public.orders', '" + server.url("/gone")
                        + "', events => '{insert}')",
                "INSERT INTO public.orders VALUES (1)");

        assertThat(await(app, "losing | Webhook \"orders\" is disabled: ")).endsWith("; 1 event is kept.");
        assertThat(foreign()).isEmpty();
        app.execute("SELECT net.drop_webhook('orders')", "DROP TABLE public.orders");
        session.execute("TRUNCATE net.dead_letters");
        assertThat(app.column(FINDINGS)).isEmpty();
    }

    @Test
    void tokensInClearAreTold() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', false)");
        app.execute(
                "SELECT net.request('" + server.url("/get") + "', delay => '1 h', headers => '{\"X-Other\": \"a\"}')",
                "SELECT net.request('" + server.url("/get") + "', delay => '1 h',"
                        + " headers => '{\"authorization\": \"Bearer b\"}')");

        assertThat(app.column(FINDINGS))
                .containsExactly(
                        "advice | 1 of the last 2 requests in the queue carry Authorization in plain text (roles: app).");
        assertThat(foreign()).isEmpty();
        session.execute("DELETE FROM net.http_request_queue");
        assertThat(app.column(FINDINGS)).isEmpty();

        session.execute("UPDATE net.hosts SET headers = '{\"Authorization\": \"Bearer c\"}'");
        assertThat(session.column(FINDINGS))
                .containsExactly("advice | Row \"127.0.0.1\" of net.hosts has Authorization in plain text.");
        assertThat(app.column(FINDINGS)).isEmpty();
    }

    @Test
    void policyThatHasGoneIsTold() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, policy) VALUES ('127.0.0.1', 'once')");
        app.execute("SELECT net.request('" + server.url("/get") + "', delay => '1 h', policy => 'slow')");
        assertThat(app.column(FINDINGS)).isEmpty();
        session.execute(
                "DELETE FROM net.policies WHERE name IN ('once', 'slow')",
                "ALTER ROLE app SET pg_net.default_policy = 'nightly'");

        assertThat(app.column(FINDINGS))
                .containsExactly(
                        "losing | Policy \"nightly\" does not exist; calls that take it from pg_net.default_policy of role"
                                + " app fail.",
                        "losing | Policy \"once\" does not exist; hosts of row \"127.0.0.1\" of net.hosts have one attempt.",
                        "losing | Policy \"slow\" does not exist; 1 queued request has one attempt.");
        assertThat(foreign()).allMatch(line -> line.contains("of net.hosts"));
        session.execute("ALTER ROLE app RESET ALL");
    }

    @Test
    void roleThatHasGoneIsTold() throws SQLException {
        session.execute(
                "CREATE ROLE leaving",
                "INSERT INTO net.hosts (pattern, roles) VALUES ('api.example.com', '{leaving}')",
                "SET ROLE leaving",
                "SELECT net.request('http://127.0.0.1:1/', delay => '1 h')",
                "RESET ROLE");
        assertThat(session.column(FINDINGS)).isEmpty();
        session.execute("DROP ROLE leaving");

        assertThat(session.column(FINDINGS))
                .hasSize(2)
                .anyMatch(line -> line.equals(
                        "advice | Role \"leaving\" does not exist, and row \"api.example.com\" of net.hosts names it."))
                .anyMatch(line -> line.matches(
                        "advice \\| Role with OID \\d+ does not exist any more; 1 queued request is its\\."));
    }

    @Test
    void publicationOfTheTablesIsTold() throws SQLException {
        session.execute("CREATE TABLE public.mine (i integer)", "CREATE PUBLICATION mine FOR TABLE public.mine");
        assertThat(session.column(FINDINGS)).isEmpty();
        session.execute("CREATE PUBLICATION partly FOR TABLE net.http_request_queue");

        assertThat(session.column(FINDINGS))
                .containsExactly("advice | Publication \"partly\" carries tables of pg_net: net.http_request_queue.");
        session.execute(session.text("SELECT sql FROM net.doctor()"));
        assertThat(session.column(FINDINGS)).isEmpty();
        session.execute("CREATE PUBLICATION everything FOR ALL TABLES");
        assertThat(session.column(FINDINGS).get(0))
                .startsWith("advice | Publication \"everything\" carries tables of pg_net: ");
        session.execute("DROP PUBLICATION everything, partly, mine", "DROP TABLE public.mine");
    }

    @Test
    void largeResponsesWithoutLz4AreTold() throws SQLException {
        server.handle("/large", request -> Optional.of(Reply.text(200, "x".repeat(3 << 20))));
        session.execute("CREATE FUNCTION public.has_lz4() RETURNS text LANGUAGE sql AS"
                + " $$ SELECT pg_get_functiondef('net._has_lz4()'::regprocedure) $$");
        String before = session.text("SELECT public.has_lz4()");
        long done = session.number("SELECT done FROM net.stats");
        app.execute(
                "SELECT net.http_get('" + server.url("/large") + "') FROM generate_series(1, " + (2 + done / 20) + ")");
        session.await("SELECT queued FROM net.stats", 0);
        assertThat(app.column(FINDINGS)).isEmpty();

        session.execute("CREATE OR REPLACE FUNCTION net._has_lz4() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE"
                + " SET search_path = pg_catalog, pg_temp AS 'SELECT false'");
        try {
            assertThat(app.column(FINDINGS)).hasSize(1);
            assertThat(app.column(FINDINGS).get(0))
                    .startsWith("advice | The server was built without LZ4, and responses have ");
        } finally {
            session.execute(before, "DROP FUNCTION public.has_lz4()");
        }
    }

    @Test
    void expiryThatIsBehindIsToldWithTheTransactionThatHoldsIt() throws SQLException {
        session.execute("INSERT INTO net._http_response (id, created) VALUES (1, now() - interval '50 min')");
        assertThat(session.column(FINDINGS)).isEmpty();
        try (Session holder = cluster.session()) {
            holder.execute(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ",
                    "SELECT FROM net._http_response FOR UPDATE",
                    "SELECT pg_sleep(1.1)");
            session.execute("ALTER SYSTEM SET pg_net.ttl = '40 min'", "SELECT pg_reload_conf()");

            assertThat(await(session, "delayed | Expiry is behind: responses "))
                    .startsWith(
                            "delayed | Expiry is behind: responses 50 min old, pg_net.ttl is 40 min; the transaction of pid "
                                    + holder.pid() + " (role postgres) has held xmin for ");
            assertThat(session.text("SELECT sql FROM net.doctor()"))
                    .isEqualTo("select pg_terminate_backend(" + holder.pid() + ")");
            holder.execute("ROLLBACK");
        }
        awaitSilence(session);
    }

    @Test
    void worstComesFirst() throws SQLException {
        app.collect(app.send("SELECT net.request(?, policy => 'once')", server.url("/status/503")));
        session.execute(
                "CREATE PUBLICATION partly FOR TABLE net.http_request_queue",
                "INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        app.get(server.url("/get"));
        await(session, "delayed | ");
        session.execute("ALTER SYSTEM SET pg_net.batch_size = 0", "SELECT pg_reload_conf()");
        await(session, "stopped | ");

        assertThat(session.column("SELECT severity FROM net.doctor()"))
                .containsExactly("stopped", "losing", "delayed", "advice");
        session.execute("DROP PUBLICATION partly");
    }

    /** Columns that the doctor reads, and tables, may be away while somebody moves them. */
    @Test
    void partThatCannotBeLookedAtIsTold() throws SQLException {
        try (Session mover = cluster.session()) {
            mover.execute("BEGIN", "ALTER TABLE net.dead_letters RENAME TO elsewhere");
            assertThat(mover.column(FINDINGS))
                    .allMatch(line -> line.matches("advice \\| What concerns the \\w+ could not be looked at: .*"))
                    .anyMatch(line -> line.startsWith("advice | What concerns the failures could not be looked at: "));
            mover.execute("ROLLBACK");
        }
    }

    /** What another plain role is told. */
    private static List<String> foreign() throws SQLException {
        try (Session other = cluster.session("postgres", "other")) {
            return other.column(FINDINGS);
        }
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }

    private static void await(String what, Condition condition) {
        Eventually.until(what, WITHIN, condition::holds);
    }

    /** Waits for a finding that begins so and contains all this. */
    private static String await(Session reader, String begin, String... parts) {
        List<String> found = new ArrayList<>();
        await(begin, () -> {
            found.clear();
            reader.column(FINDINGS).stream()
                    .filter(line ->
                            line.startsWith(begin) && List.of(parts).stream().allMatch(line::contains))
                    .forEach(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    private static void awaitSilence(Session reader) {
        await("no finding", () -> reader.column(FINDINGS).isEmpty());
    }
}
