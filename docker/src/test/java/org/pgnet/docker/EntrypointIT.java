package org.pgnet.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.session.Session;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Environment variables, options and scripts of the base image's entrypoint go on working. */
@Testcontainers(disabledWithoutDocker = true)
class EntrypointIT {
    private static final Network NETWORK = Network.newNetwork();

    @Container
    private static final GenericContainer<?> ECHO = Images.echo(NETWORK);

    @Container
    private static final PostgreSQLContainer DATABASE = Images.database()
            .dependsOn(ECHO)
            .withNetwork(NETWORK)
            .withUsername("keeper")
            .withDatabaseName("The shop's \"data\"")
            .withPassword("secret")
            .withEnv("PGDATA", "/elsewhere/data")
            .withEnv("POSTGRES_INITDB_ARGS", "--data-checksums --locale=C")
            .withUrlParam("ApplicationName", "test")
            .withCopyToContainer(
                    Transferable.of("CREATE TABLE asked AS SELECT net.http_get('" + Images.ECHO
                            + "/first', timeout_milliseconds := 60000) AS id;"),
                    "/docker-entrypoint-initdb.d/first.sql")
            .withCommand("-c", "pg_net.batch_size=7", "-c", "max_connections=23");

    @Test
    void defaultDatabaseAndItsOwnerAreAsTheVariablesSay() throws SQLException {
        try (Session session = Images.session(DATABASE)) {
            session.text("SELECT net.wait_until_running()");
            assertThat(session.text("SELECT current_database() || ' of ' || usename FROM pg_user WHERE usesuper"))
                    .isEqualTo("The shop's \"data\" of keeper");
        }
    }

    @Test
    void serverTakesOptions() throws SQLException {
        try (Session session = Images.session(DATABASE)) {
            assertThat(session.text("SHOW pg_net.batch_size")).isEqualTo("7");
            assertThat(session.text("SHOW max_connections")).isEqualTo("23");
        }
    }

    @Test
    void clusterIsMadeWhereAndAsTheVariablesSay() throws SQLException {
        try (Session session = Images.session(DATABASE)) {
            assertThat(session.text("SHOW data_directory")).isEqualTo("/elsewhere/data");
            assertThat(session.text("SHOW data_checksums")).isEqualTo("on");
        }
    }

    @Test
    void requestOfAnInitScriptIsSentWhenTheServerRuns() throws Exception {
        try (Session session = Images.session(DATABASE)) {
            session.await(
                    "SELECT max(coalesce(status_code::text, error_msg)) FROM net._http_response JOIN asked USING (id)",
                    "200",
                    Duration.ofSeconds(60));
        }
    }

    @Test
    void anotherListOfPreloadedLibrariesLeavesTheExtensionOut() throws SQLException {
        try (PostgreSQLContainer without =
                Images.database().withCommand("postgres", "-c", "shared_preload_libraries=")) {
            without.start();
            try (Session session = Images.session(without)) {
                assertThat(session.text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_net'"))
                        .isEqualTo("0");
            }
            assertThat(without.getLogs()).contains("pg_net is not in shared_preload_libraries");
        }
    }
}
