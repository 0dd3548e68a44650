package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** What net.stats and net.stat_host say of latency and of what waits. */
@PgNetTest(
        settings = "pg_net.ttl = '1 day'",
        sql = {"CREATE ROLE slow LOGIN", "CREATE ROLE few LOGIN", "CREATE ROLE many LOGIN"})
class LatencyIT {
    private static final String COUNTED =
            "SELECT count(*) FROM net.stat_host WHERE p50 IS NOT NULL AND owner = '%s'::regrole";
    private static final int MANY = 300;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Given(role = "slow")
    private Session slow;

    @Given(role = "few")
    private Session few;

    @Given(role = "many")
    private Session many;

    @Test
    void percentilesAreThoseOfTheResponsesWithinThreePercent() throws SQLException {
        slow.execute("SELECT net.http_get('" + server.url("/delay?ms=") + "' || i * 4, timeout_milliseconds := 350)"
                + " FROM generate_series(1, 100) i");
        slow.await("SELECT count(*) FROM net.responses", 100);

        String exact = "SELECT percentile_disc(%s) WITHIN GROUP (ORDER BY duration) FROM net.responses";
        String said = "SELECT abs(extract(epoch FROM s.p%s) / extract(epoch FROM (%s)) - 1)::numeric(6,4)"
                + " FROM net.stat_host s";
        for (String percent : List.of("50", "90", "99")) {
            assertThat(Double.parseDouble(slow.text(said.formatted(percent, exact.formatted("0." + percent)))))
                    .as(percent)
                    .isLessThan(0.03);
        }
        assertThat(slow.number("SELECT count(*) FROM net.responses WHERE timed_out"))
                .isPositive();
        assertThat(slow.text("SELECT last_error FROM net.stat_host")).startsWith("Timeout of 350 ms reached");
        assertThat(slow.text("SELECT p50 <= p90 AND p90 <= p99 AND since <= now() FROM net.stats"))
                .isEqualTo("t");
    }

    @Test
    void refusedConnectionsAreNoLatency() throws SQLException {
        slow.execute("SELECT net.http_get('http://127.0.0.1:1/') FROM generate_series(1, 5)");

        slow.await("SELECT failed FROM net.stat_host WHERE origin = 'http://127.0.0.1:1'", 5);
        assertThat(slow.query("SELECT p50 FROM net.stat_host WHERE origin = 'http://127.0.0.1:1'"))
                .isEmpty();
    }

    @Test
    void roleWithManyHostsPushesOutItsOwn() throws SQLException {
        call(few, "f", 1, 20);
        few.await(COUNTED.formatted("few"), 20);

        for (int round = 0; round < 3; round++) {
            call(many, "m", 1, MANY);
        }
        many.await("SELECT count(*) FROM net.responses", 3 * MANY);

        assertThat(few.number(COUNTED.formatted("few"))).isEqualTo(20);
        assertThat(many.number(COUNTED.formatted("many"))).isBetween(100L, 200L);

        call(few, "g", 1, 20);
        few.await(COUNTED.formatted("few"), 40);
        assertThat(session.number("SELECT count(*) FROM net.stat_host WHERE owner = 'few'::regrole"))
                .isEqualTo(40);
        assertThat(session.number("SELECT count(*) FROM net.stat_host")).isLessThanOrEqualTo(200);
    }

    /** Names below localhost are the loopback's, which libcurl knows. */
    private static void call(Session caller, String prefix, int from, int to) throws SQLException {
        caller.execute("SELECT net.http_get('http://" + prefix + "' || i || '.localhost:" + server.port() + "/get')"
                + " FROM generate_series(" + from + ", " + to + ") i");
    }

    @Test
    void largeQueueIsNotRead() throws SQLException {
        int requests = 20_000;
        session.execute("INSERT INTO net.http_request_queue (method, url, not_before)"
                + " SELECT 'GET', 'http://127.0.0.1:1/' || repeat('x', 500), now() + interval '1 day'"
                + " FROM generate_series(1, " + requests + ")");
        try {
            session.await("SELECT queued BETWEEN 19900 AND 20100 FROM net.stats", "t", Duration.ofSeconds(20));
            session.execute("BEGIN", "SELECT * FROM net.stats");
            assertThat(session.number("SELECT pg_stat_get_xact_tuples_returned('net.http_request_queue'::regclass)"))
                    .isLessThan(10);
            session.execute("ROLLBACK");
            assertThat(session.number("SELECT scheduled FROM net.stats")).isBetween(19_900L, 20_100L);
        } finally {
            session.execute("TRUNCATE net.http_request_queue");
        }
        assertThat(session.number("SELECT queued FROM net.stats")).isZero();
    }

    @Test
    void fewRowsThatAreLeftInALargeTableAreCounted() throws SQLException {
        session.execute(
                "BEGIN",
                "INSERT INTO net._delivery (request_id, version, owner, due, attempts, first_due) SELECT -n, 0,"
                        + " 'slow'::regrole, now() + interval '1 h', 1, now() FROM generate_series(1, 40000) n",
                "DELETE FROM net._delivery WHERE request_id < 0 AND request_id % 6000 <> 0");
        try {
            assertThat(session.number("SELECT pg_relation_size('net._delivery')"))
                    .isGreaterThan(2 << 20);
            assertThat(session.number("SELECT retrying FROM net.stats")).isEqualTo(6);
        } finally {
            session.execute("ROLLBACK", "VACUUM net._delivery");
        }
    }

    /** Each column of the views is explained. */
    @Test
    void pageNamesEveryColumn() throws SQLException, IOException {
        String page = Files.readString(Path.of("../docs/monitoring.md"));

        for (String view : List.of("requests", "stats", "stat_host")) {
            String part =
                    page.substring(page.indexOf("\n## net." + view + "\n")).substring(1);
            part = part.substring(0, part.indexOf("\n## "));
            for (String column : session.column("SELECT attname FROM pg_attribute WHERE attrelid = 'net." + view
                    + "'::regclass AND attnum > 0 ORDER BY attnum")) {
                assertThat(part).as("net." + view).contains("`" + column + "`");
            }
        }
    }
}
