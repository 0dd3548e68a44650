package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** The worker's transactions may take longer than those of an application: they wait for its locks. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class SessionTimeoutIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Given
    private Session locker;

    /** Each is one that this server has: transaction_timeout is of PostgreSQL 17, and would end the worker's process. */
    @Test
    void timeoutsOfARoleOrDatabaseDoNotReachTheWorker() throws SQLException {
        for (String timeout :
                session.column("SELECT name FROM pg_settings WHERE name ~ '_timeout$' AND context = 'user'"
                        + " AND unit = 'ms' AND name <> 'lock_timeout'")) {
            session.execute(
                    "ALTER DATABASE postgres SET " + timeout + " = '50ms'",
                    "ALTER ROLE postgres SET " + timeout + " = '50ms'");
        }
        session.execute(
                "SELECT net.worker_restart()",
                "SELECT net.wait_until_running()",
                "ALTER DATABASE postgres RESET ALL",
                "ALTER ROLE postgres RESET ALL");
        long worker = cluster.awaitWorker();
        locker.execute("BEGIN", "LOCK TABLE net._http_response IN SHARE MODE");

        long id = session.get(server.url("/get?id=once"));
        locker.execute("SELECT pg_sleep(0.5)", "COMMIT");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(server.received("once")).hasSize(1);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }
}
