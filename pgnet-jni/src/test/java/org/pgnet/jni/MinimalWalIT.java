package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * With {@code wal_level = minimal} PostgreSQL writes no log of a table in the transaction that makes it, and the tables
 * themselves at the commit: rows have to get there by its own means.
 */
@PgNetTest(
        settings = {"wal_level = minimal", "max_wal_senders = 0", "wal_skip_threshold = '1kB'", "pg_net.batch_size = 0"
        },
        extension = false,
        cluster = Sharing.WITH_NONE)
class MinimalWalIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Test
    void requestsOfTheTransactionThatMakesTheExtensionSurviveACrash() throws SQLException {
        try (Session session = cluster.session()) {
            session.execute(
                    "BEGIN",
                    "CREATE EXTENSION pg_net",
                    "SELECT net.http_get('" + server.url("/get") + "') FROM generate_series(1, 10)",
                    "SELECT net.request('" + server.url("/get") + "', order_key := 'a')",
                    "COMMIT");
        }
        cluster.stop(StopMode.IMMEDIATE);
        cluster.start();

        try (Session session = cluster.session()) {
            assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                    .isEqualTo(11);
            session.execute("ALTER SYSTEM SET pg_net.batch_size = 200", "SELECT pg_reload_conf()");
            session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 11);
        }
    }
}
