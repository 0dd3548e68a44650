package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.worker.contract.RequestStoreContract;
import org.pgnet.worker.contract.SqlTables;
import org.pgnet.worker.contract.StoreTables;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.RequestStore.Disposition;
import org.pgnet.worker.spi.Settlement;

/** The store of the background worker, in a worker that does nothing but serve it to this test. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class PostgresStoreIT implements RequestStoreContract {
    @Given
    private static PgCluster cluster;

    private static PatchedWorker patched;
    private static Connection connection;
    private static Connection other;
    private static SqlTables tables;
    private static RemoteStore store;

    @BeforeAll
    static void start() throws IOException, SQLException {
        patched = PatchedWorker.servingItsStore();
        cluster.restart();
        connection = cluster.connect();
        other = cluster.connect();
        tables = new SqlTables(connection, other);
        store = new RemoteStore(cluster.data());
    }

    @AfterAll
    static void stop() throws IOException {
        patched.close();
        assertThat(cluster.stop(StopMode.FAST)).isLessThan(Duration.ofSeconds(10));
    }

    @BeforeEach
    void empty() {
        tables.empty();
    }

    @Override
    public RequestStore store() {
        return store;
    }

    @Override
    public RequestQueue queue() {
        return store;
    }

    @Override
    public StoreTables tables() {
        return tables;
    }

    @Override
    public RequestQueue newQueue() {
        long pid = cluster.awaitWorker();
        cluster.signal(pid, "TERM");
        Eventually.until("another worker", Duration.ofSeconds(20), () -> cluster.awaitWorker() != pid);
        return store;
    }

    @Test
    void requestsOfADroppedExtensionAreGone() throws SQLException {
        long id = tables.insertGets("http://h.test/", 1).first();
        DueRequest request = store.fetch(id, id, 1, 0).requests().get(0);
        Settlement settlement =
                new Settlement.Failed(request, Instant.now(), Duration.ZERO, 1, FailureKind.NETWORK, "lost");

        cluster.execute("DROP EXTENSION pg_net");
        List<Disposition> without = store.settle(List.of(settlement));
        cluster.execute("CREATE EXTENSION pg_net");
        assertThat(tables.insertGets("http://h.test/", 1).first()).isEqualTo(id);
        List<Disposition> withAnother = store.settle(List.of(settlement));

        assertThat(without).containsExactly(Disposition.GONE);
        assertThat(withAnother).containsExactly(Disposition.GONE);
        assertThat(tables.queued()).isEqualTo(1);
    }
}
