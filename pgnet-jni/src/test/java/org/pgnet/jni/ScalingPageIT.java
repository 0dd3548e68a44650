package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** The statements of {@code docs/scaling.md} do what it says, as they stand there. */
@PgNetTest(settings = "wal_retrieve_retry_interval = 100", cluster = Sharing.WITH_NONE)
class ScalingPageIT {
    private static final Duration A_WHILE = Duration.ofSeconds(30);

    @Given
    private Session session;

    @Test
    void moreRequestsAreInFlight() throws SQLException, IOException {
        try (ScriptedServer server = ScriptedServer.of("ok")) {
            // Each by itself: these are refused in a transaction.
            String block = Page.of("scaling.md")
                    .section("## What bounds one server")
                    .sql(server)
                    .get(0);
            session.execute(block.split(";\n"));
        }

        session.await("SELECT current_setting('pg_net.batch_size')", "2000", A_WHILE);
        session.await("SELECT current_setting('pg_net.max_connections_per_host')", "500", A_WHILE);
    }

    @Test
    void anotherServerSendsWhatTheApplicationWrites() throws SQLException, IOException {
        try (ScriptedServer server = ScriptedServer.of("ok");
                PgCluster application = PgCluster.started("wal_level = logical");
                Session writer = application.session()) {
            List<String> blocks = Page.of("scaling.md")
                    .section("## A host of its own for HTTP")
                    .sql(server);
            assertThat(blocks).hasSize(3);
            writer.execute(blocks.get(0));
            String subscriber = blocks.get(1)
                    .replace("dbname=app user=replicator", "dbname=postgres user=postgres port=" + application.port());
            session.execute(subscriber.split("\n\n"));

            writer.execute(blocks.get(2));

            Eventually.until("the request", A_WHILE, () -> server.requests().size() == 1);
            session.await("SELECT state FROM net.requests", "succeeded", A_WHILE);
            assertThat(writer.column("SELECT id FROM outbox")).containsExactly("1");
            session.execute("DROP SUBSCRIPTION outbox");
        }
    }
}
