package org.pgnet.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.session.Session;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The image as it starts with nothing but a password. */
@Testcontainers(disabledWithoutDocker = true)
class ImageIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Network NETWORK = Network.newNetwork();

    @Container
    private static final GenericContainer<?> ECHO = Images.echo(NETWORK);

    @Container
    private static final PostgreSQLContainer DATABASE = Images.database()
            .withNetwork(NETWORK)
            .withUsername("postgres")
            .withDatabaseName("postgres")
            .withPassword("secret");

    @Test
    void extensionIsMadeAndItsWorkerRuns() throws SQLException {
        try (Session session = Images.session(DATABASE)) {
            session.text("SELECT net.wait_until_running()");
            assertThat(session.text("SELECT extversion FROM pg_extension WHERE extname = 'pg_net'"))
                    .isEqualTo(label("org.opencontainers.image.version"));
        }
    }

    @Test
    void requestReachesAServerInAnotherContainer() throws SQLException {
        try (Session session = Images.session(DATABASE)) {
            String id = session.text("SELECT net.http_get('" + Images.ECHO + "/get', '{\"a\": \"b\"}')");
            assertThat(answerTo(session, id)).isEqualTo("200 GET /get?a=b");
        }
    }

    @Test
    void plainRoleSendsRequestsAndSeesItsOwnOnly() throws SQLException {
        try (Session superuser = Images.session(DATABASE)) {
            superuser.execute("CREATE ROLE visitor LOGIN PASSWORD 'hidden'");
            answerTo(superuser, superuser.text("SELECT net.http_get('" + Images.ECHO + "/not-for-visitors')"));
        }
        try (Session visitor = Images.session(DATABASE, "visitor", "hidden")) {
            String id = visitor.text("SELECT net.http_post('" + Images.ECHO + "/post', '{\"a\": 1}'::jsonb)");
            assertThat(answerTo(visitor, id)).isEqualTo("200 POST /post");
            assertThat(visitor.text("SELECT string_agg(id::text, ',') FROM net._http_response"))
                    .isEqualTo(id);
        }
    }

    @Test
    void containerBecomesHealthy() throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        String health = health();
        while (health.equals("starting") && System.nanoTime() < deadline) {
            Thread.sleep(100);
            health = health();
        }
        assertThat(health).isEqualTo("healthy");
    }

    @Test
    void serverIsNotRoot() throws Exception {
        assertThat(inContainer("stat -c %U /proc/1")).isEqualTo("postgres");
    }

    @Test
    void workerStartsFromTheClassDataArchivesOfTheImage() throws Exception {
        try (Session session = Images.session(DATABASE)) {
            session.text("SELECT net.wait_until_running()");
        }
        // Even root sees the memory maps of its own processes only, in a container.
        assertThat(inContainer("su postgres -c \"grep -hso '[^/]*\\.jsa$' /proc/[0-9]*/maps | sort -u\""))
                .isEqualTo("classes.jsa\npgnet.jsa");
    }

    private static String answerTo(Session session, String id) throws SQLException {
        return session.text("SELECT (response).status_code || ' ' || ((response).body::jsonb ->> 'you_asked')"
                + " FROM net.http_collect_response(" + id + ", async := false)");
    }

    private static String label(String name) {
        return DATABASE.getContainerInfo().getConfig().getLabels().get(name);
    }

    private static String health() {
        return DATABASE.getCurrentContainerInfo().getState().getHealth().getStatus();
    }

    /** What a command prints that runs as root. */
    private static String inContainer(String command) throws Exception {
        return DATABASE.execInContainer("sh", "-c", command).getStdout().strip();
    }
}
