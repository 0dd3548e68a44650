package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** pg_upgrade takes a cluster with a catalogue of the C extension along, which is updated afterwards. */
@PgNetTest
class PgUpgradeFromCExtensionIT {
    @Given
    private static HttpServerFixture server;

    @ParameterizedTest
    @ValueSource(strings = {"0.7.1", "0.14.0", CExtension.LAST})
    void clusterIsUpgradedAndThenTheExtension(String release) throws SQLException {
        long queued;
        try (PgCluster old = PgCluster.create();
                PgCluster cluster = PgCluster.create()) {
            old.start();
            try (Session session = old.session()) {
                CExtension.create(session, release);
                queued = session.get(server.url("/get?id=queued-" + release));
            }
            old.stop(StopMode.FAST);
            cluster.upgradeFrom(old);
            cluster.start();
            try (Session session = cluster.session()) {
                long later = session.get(server.url("/get?id=later-" + release));
                assertThat(server.received("later-" + release)).isEmpty();

                session.execute("ALTER EXTENSION pg_net UPDATE");

                assertThat(session.collect(queued)).startsWith("SUCCESS|ok|200");
                assertThat(session.collect(later)).startsWith("SUCCESS|ok|200");
                assertThat(server.received("queued-" + release)).hasSize(1);
            }
        }
    }
}
