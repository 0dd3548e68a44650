package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.Session;

/** net.requests has a row for each request, says what became of it and why it waits, and reads no more than it shows. */
@PgNetTest(
        sql = {
            "CREATE ROLE app LOGIN",
            "CREATE ROLE other LOGIN",
            "CREATE ROLE watcher LOGIN",
            "GRANT pg_monitor TO watcher"
        })
class RequestsIT {
    private static final String OF_ID = "SELECT concat_ws('|', state, reason) FROM net.requests WHERE id = ?";
    private static final Duration WITHIN = Duration.ofSeconds(10);
    private static final String STATE = "SELECT state FROM net.requests WHERE id = ";

    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "app")
    private Session app;

    @BeforeEach
    void empty() throws SQLException {
        session.execute(
                "TRUNCATE net.http_request_queue, net.hosts, net._http_response, net.dead_letters, net.attempts",
                "DELETE FROM net.policies WHERE name NOT IN ('none', 'quick', 'standard')",
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES ('slow', '{1 h}', 5, 0),"
                        + " ('once', '{1 h}', 1, 0)");
        session.await("SELECT in_flight FROM net.stats", 0);
    }

    @Test
    void statesAreThoseOfTheLifeOfARequest() throws SQLException {
        long succeeded = app.get(server.url("/get"));
        long moved = app.get(server.url("/status/304"));
        long failed = app.get(server.url("/status/404"));
        long unreached = app.get("http://127.0.0.1:1/");
        long scheduled = app.send("SELECT net.request(?, delay => '1 h')", server.url("/get"));
        long retrying = app.send("SELECT net.request(?, policy => 'slow')", server.url("/status/503"));
        long dead = app.send("SELECT net.request(?, policy => 'once')", server.url("/status/503"));
        for (long id : List.of(succeeded, moved, failed, unreached, dead)) {
            app.collect(id);
        }
        app.await("SELECT count(*) FROM net._delivery WHERE attempts = 1 AND request_id = " + retrying, 1);
        long sending = app.get(server.url("/delay?ms=4000"));
        app.await(STATE + sending, "sending", WITHIN);

        assertThat(app.text(OF_ID, succeeded)).isEqualTo("succeeded");
        assertThat(app.text(OF_ID, moved)).isEqualTo("succeeded");
        assertThat(app.text(OF_ID, failed)).isEqualTo("failed");
        assertThat(app.text(OF_ID, unreached)).isEqualTo("failed");
        assertThat(app.text(OF_ID, scheduled)).startsWith("scheduled|not before ");
        assertThat(app.text(OF_ID, retrying)).startsWith("retrying|attempt 1 of 5 failed with status 503, next at ");
        assertThat(app.text(OF_ID, dead)).startsWith("dead|exhausted");
        assertThat(app.text(OF_ID, sending)).isEqualTo("sending");
        assertThat(app.column("SELECT concat_ws(' ', id - " + succeeded + ", method, attempts, status_code,"
                        + " next_attempt IS NOT NULL, duration IS NOT NULL, owner::regrole, url LIKE 'http://127.0.0.1:%')"
                        + " FROM net.requests WHERE id >= " + succeeded + " ORDER BY id"))
                .containsExactly(
                        "0 GET 1 200 f t app t",
                        "1 GET 1 304 f t app t",
                        "2 GET 1 404 f t app t",
                        "3 GET 1 f t app t",
                        "4 GET 0 t f app t",
                        "5 GET 1 503 t f app t",
                        "6 GET 1 503 f f app t",
                        "7 GET 1 f f app t");
        session.execute("DELETE FROM net.http_request_queue");
    }

    @Test
    void whatHoldsARequestBackIsSaid() throws SQLException {
        String origin = "http://127.0.0.1:" + server.port();
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        long paused = app.get(server.url("/get"));
        app.await(STATE + paused, "held", WITHIN);
        assertThat(app.text(OF_ID, paused)).isEqualTo("held|" + origin + " is paused by net.hosts");

        session.execute("UPDATE net.hosts SET paused = null, rate = 1, per = '1 h'");
        app.collect(paused);
        long first = app.get(server.url("/get"));
        // What the worker said of the host holds for a moment.
        app.await("SELECT coalesce(reason LIKE 'rate of %', false) FROM net.requests WHERE id = " + first, "t", WITHIN);
        assertThat(app.text(OF_ID, first)).startsWith("held|rate of ").endsWith(origin);

        session.execute("UPDATE net.hosts SET rate = null, per = null, max_in_flight = 1");
        app.collect(first);
        long hangs = app.get(server.url("/delay?ms=4000"));
        app.await(STATE + hangs, "sending", WITHIN);
        long behind = app.get(server.url("/get"));
        app.await(
                "SELECT concat_ws('|', state, reason) FROM net.requests WHERE id = " + behind,
                "held|max_in_flight of net.hosts, for " + origin,
                WITHIN);
        session.execute("DELETE FROM net.http_request_queue");
    }

    @Test
    void breakerAndServersWishAreSaid() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, breaker) VALUES ('127.0.0.1:1', true)");
        app.execute("SELECT net.http_get('http://127.0.0.1:1/') FROM generate_series(1, 6)");
        session.await("SELECT count(*) FROM net.stat_host WHERE broken_since IS NOT NULL", 1);
        long broken = app.get("http://127.0.0.1:1/");
        app.await(STATE + broken, "held", WITHIN);
        assertThat(app.text(OF_ID, broken)).matches("held\\|the breaker of http://127.0.0.1:1 is (open|probing)");

        // The worker does as this one asks for longer than the other tests take.
        try (HttpServerFixture asking = HttpServerFixture.start()) {
            asking.handle("/later", request -> Optional.of(new Reply(429, List.of("Retry-After: 200"), new byte[0])));
            long asked = app.send("SELECT net.request(?, policy => 'slow')", asking.url("/later"));
            app.await("SELECT count(*) FROM net._delivery WHERE attempts = 1 AND request_id = " + asked, 1);
            long left = app.send("SELECT net.request(?, policy => 'slow')", asking.url("/get"));
            app.await(STATE + left, "held", WITHIN);
            assertThat(app.text(OF_ID, left)).contains("asked to wait until ");
        }
        session.execute("DELETE FROM net.http_request_queue");
    }

    @Test
    void orderThatHoldsARequestBackIsSaid() throws SQLException {
        long head =
                app.send("SELECT net.request(?, policy => 'slow', order_key => 'cust-7')", server.url("/status/503"));
        long behind = app.send("SELECT net.request(?, order_key => 'cust-7')", server.url("/get"));
        app.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 1);

        assertThat(app.text(OF_ID, behind))
                .startsWith("held|waits for request " + head + " of order key cust-7, next attempt at ");
        session.execute("DELETE FROM net.http_request_queue");
    }

    @Test
    void requestThatDiedHasOneRow() throws SQLException {
        long id = app.send("SELECT net.request(?, policy => 'once')", server.url("/status/503"));
        app.collect(id);
        assertThat(app.column("SELECT state FROM net.requests WHERE id = " + id))
                .containsExactly("dead");

        session.execute("DELETE FROM net._http_response");
        assertThat(app.column("SELECT state FROM net.requests WHERE id = " + id))
                .containsExactly("dead");

        server.handle("/status/503", request -> Optional.of(Reply.text(200, "well")));
        assertThat(app.text("SELECT net.retry(" + id + ")")).isEqualTo("t");
        app.collect(id);
        assertThat(app.column("SELECT state FROM net.requests WHERE id = " + id))
                .containsExactly("succeeded");
        server.handle("/status/503", request -> Optional.of(Reply.text(503, "")));
    }

    @Test
    void rolesSeeTheirOwn() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1:" + server.port() + "', true)");
        long id = app.get(server.url("/get?token=secret"));
        long dead = app.send("SELECT net.request('http://127.0.0.1:1/secret', policy => 'once')");
        app.collect(dead);
        try (Session other = cluster.session("postgres", "other");
                Session watcher = cluster.session("postgres", "watcher")) {
            for (Session stranger : List.of(other, watcher)) {
                assertThat(stranger.column("SELECT id FROM net.requests")).isEmpty();
                stranger.execute(
                        "CREATE FUNCTION pg_temp.leak(url text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS"
                                + " $$ BEGIN RAISE NOTICE '%', url; RETURN true; END $$");
                assertThat(stranger.notices("SELECT * FROM net.requests WHERE pg_temp.leak(url)"))
                        .isEmpty();
                assertThat(stranger.notices("SELECT * FROM net.requests WHERE pg_temp.leak(reason) AND id = " + id))
                        .isEmpty();
                assertThat(stranger.notices("SELECT * FROM net._details WHERE pg_temp.leak(url)"))
                        .isEmpty();
            }
            // What it does not see it cannot ask for either.
            session.await("SELECT count(*) FROM net.stat_host WHERE reason = 'paused'", 1);
            String asked = "SELECT net._hindrance('app'::regrole, '" + server.url("/") + "', false, true)";
            assertThat(other.query(asked)).isEmpty();
            assertThat(app.query(asked)).isPresent();
        }
        // A policy of the tables holds for the view, too.
        session.execute("CREATE POLICY hidden ON net.http_request_queue AS RESTRICTIVE USING (id <> " + id + ")");
        assertThat(app.column("SELECT id FROM net.requests WHERE state <> 'dead'"))
                .isEmpty();
        session.execute("DROP POLICY hidden ON net.http_request_queue", "DELETE FROM net.http_request_queue");
    }

    @Test
    void requestIsFoundByIdAlongOneIndexOfEachTable() throws SQLException {
        fill();

        List<String> plan = app.column("EXPLAIN SELECT * FROM net.requests WHERE id = 42");

        assertThat(plan.stream().filter(line -> line.contains("Scan")))
                .allMatch(line -> line.contains("Index")
                        || line.contains("Subquery Scan")
                        || line.contains(" on policies ")
                        || line.contains(" on pg_class "))
                .anyMatch(line -> line.contains("http_request_queue_pkey"))
                .anyMatch(line -> line.contains("_http_response_pkey"));
        for (String table : List.of("http_request_queue q", "_delivery w", "_http_response r", "_response_detail d")) {
            assertThat(plan.stream().filter(line -> line.contains(" on " + table)))
                    .as(table)
                    .hasSize(1);
        }
    }

    @Test
    void pagesAreReadAlongIndexes() throws SQLException {
        fill();

        for (String condition :
                List.of("true", "id < 50000", "state = 'succeeded'", "state IN ('held', 'queued')", "id < 250000")) {
            List<String> plan = app.column("EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT id, state, reason, url"
                    + " FROM net.requests WHERE " + condition + " ORDER BY id DESC LIMIT 40");
            // Each line tells how many rows there were: of no table more than the page has.
            assertThat(plan.stream()
                            .filter(line -> line.contains("Scan") && line.contains("actual"))
                            .map(line -> line.replaceFirst(".*rows=([0-9]+).*", "$1"))
                            .mapToInt(Integer::parseInt))
                    .as(condition + ": " + plan)
                    .allMatch(rows -> rows <= 41);
        }
    }

    @Test
    void deadOnesAreReadWithoutTheOthers() throws SQLException {
        fill();

        assertThat(
                        app
                                .column(
                                        "EXPLAIN SELECT * FROM net.requests WHERE state = 'dead' ORDER BY id DESC LIMIT 40")
                                .stream()
                                .filter(line -> line.contains("Scan ") && !line.contains("policies")))
                .hasSize(1)
                .allMatch(line -> line.contains("dead_letters_id_idx"));
    }

    /** Many of each: queued, answered, dead. */
    private void fill() throws SQLException {
        String many = " FROM generate_series(%d, %d) i";
        session.execute(
                "INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)",
                "SET ROLE app",
                "INSERT INTO net.http_request_queue (method, url) SELECT 'GET', 'http://127.0.0.1:1/' || i"
                        + many.formatted(1, 20_000),
                "RESET ROLE",
                "TRUNCATE net._response_detail",
                "INSERT INTO net._response_detail (id, owner, attempts, method, url) SELECT i, 'app'::regrole, 1, 'GET', 'u'"
                        + many.formatted(200_000, 300_000),
                "INSERT INTO net._http_response (id, status_code, content) SELECT i, 200, repeat('x', 100)"
                        + many.formatted(200_000, 300_000),
                "INSERT INTO net.dead_letters (id, url, owner, attempts, reason, died) SELECT i, 'http://a.example/',"
                        + " 'app'::regrole, 1, 'exhausted', now()" + many.formatted(400_000, 410_000),
                "ANALYZE net.http_request_queue, net._http_response, net._response_detail, net.dead_letters");
    }
}
