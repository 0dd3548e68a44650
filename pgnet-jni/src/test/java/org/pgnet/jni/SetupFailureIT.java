package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.ForServers;
import org.pgnet.testkit.session.Session;

/**
 * A wrong set-up leaves the server running, is told in one line of the log and to whoever asks, and works as soon as it is
 * mended.
 */
@PgNetTest(cluster = Sharing.WITH_NONE)
class SetupFailureIT {
    /** A worker that fails is started again after a second; it must then keep quiet for the rest of a minute. */
    private static final Duration LONGER_THAN_A_RESTART = Duration.ofSeconds(4);

    private static final Path INSTALLED =
            PgInstallation.shared().libraryDirectory().resolve("pg_net");

    @TempDir(factory = ForServers.class)
    private Path directory;

    @Given
    private HttpServerFixture server;

    @Test
    @PgNetTest(settings = "shared_preload_libraries = ''", extension = false)
    void libraryThatIsNotPreloadedIsToldByCreateExtension(PgCluster cluster) throws SQLException {
        assertThatThrownBy(() -> cluster.execute("CREATE EXTENSION pg_net"))
                .hasMessageContaining("pg_net is not in shared_preload_libraries")
                .hasMessageContaining("Hint: Add pg_net to the shared_preload_libraries configuration variable");

        cluster.set("shared_preload_libraries = 'pg_net'");
        cluster.restart();
        cluster.execute("CREATE EXTENSION pg_net");

        assertWorks(cluster);
    }

    @Test
    @PgNetTest(settings = "pg_net.libjvm = '/nowhere/libjvm.so'")
    void missingJvm(PgCluster cluster) throws SQLException {
        assertToldOnce(cluster, "could not load the JVM from \"/nowhere/libjvm.so\" (pg_net.libjvm)");

        mendLibjvm(cluster);
    }

    @Test
    void libraryThatIsNoJvm() throws SQLException {
        Path library = INSTALLED.resolve("libpgnet_curl.so");
        try (PgCluster cluster = PgCluster.withExtension("pg_net.libjvm = '" + library + "'")) {
            assertToldOnce(cluster, "\"" + library + "\" (pg_net.libjvm) is not a JVM");

            mendLibjvm(cluster);
        }
    }

    @Test
    void jvmThatIsTooOld() throws SQLException, IOException {
        // JNI_EVERSION, which JVMs older than the version asked for return (JNI specification, "The Invocation API").
        Path library = compile("libjvm.so", "int JNI_CreateJavaVM(void *a, void *b, void *c) { return -3; }");
        try (PgCluster cluster = PgCluster.withExtension("pg_net.libjvm = '" + library + "'")) {
            assertToldOnce(cluster, "the Java of \"" + library + "\" (pg_net.libjvm) is too old");

            mendLibjvm(cluster);
        }
    }

    @Test
    @PgNetTest(settings = "pg_net.jvm_options = '-Xmx1k'")
    void optionThatMakesTheJvmEndTheProcess(PgCluster cluster) throws SQLException {
        assertToldOnce(cluster, "did not start; its reason is in the log's lines before");
        assertThat(cluster.log().text())
                .contains("Too small maximum heap")
                .doesNotContain("terminating any other active server processes");

        cluster.set("pg_net.jvm_options = ''");
        cluster.restart();
        assertWorks(cluster);
    }

    /** Another thread than the one that tells it has met the failure first. */
    @Test
    void libraryThatLacksAFunction() throws SQLException, IOException {
        Path library = compile("libpgnet_curl.so", "int nothing;");
        String option = "-Dpgnet.library.path=" + library.getParent();
        try (PgCluster cluster = PgCluster.withExtension("pg_net.jvm_options = '" + option + "'")) {
            cluster.log().await("cannot load a native library: .*" + library, 0, Duration.ofSeconds(20));

            cluster.set("pg_net.jvm_options = ''");
            cluster.restart();
            assertWorks(cluster);
        }
    }

    @Test
    void missingJar() throws SQLException, IOException {
        Path jar = INSTALLED.resolve("jna.jar");
        Path away = INSTALLED.resolve("jna.jar.away");
        Files.move(jar, away);
        try (PgCluster cluster = PgCluster.withExtension()) {
            try {
                assertToldOnce(cluster, "could not read \"" + jar + "\"");
            } finally {
                Files.move(away, jar);
            }
            cluster.reload();

            assertWorks(cluster);
        }
    }

    @Test
    void jarsOfAnotherVersion() throws SQLException, IOException {
        try (PgCluster cluster = PgCluster.withExtension()) {
            assertWorks(cluster);
            String version = cluster.query(
                            "SELECT installed_version FROM pg_available_extensions WHERE name = 'pg_net'")
                    .orElseThrow();
            PatchedWorker later = PatchedWorker.ofAnotherVersion();
            try {
                cluster.execute("SELECT net.worker_restart()");

                assertToldOnce(
                        cluster,
                        "the server runs with pg_net.so of version " + version
                                + ", and the jars that are installed are of version " + version + ".1");
            } finally {
                later.close();
            }
            cluster.reload();

            assertWorks(cluster);
        }
    }

    @Test
    void javaSideThatLaysOutAnOutcomeOtherwise() throws SQLException, IOException {
        try (PatchedWorker ofAnotherVersion = PatchedWorker.withAnotherField()) {
            assertDoesNotFit(ofAnotherVersion, "C does not know duration_nanos of PackedOutcome");
        }
    }

    @Test
    void javaSideThatReadsAnotherSetting() throws SQLException, IOException {
        try (PatchedWorker ofAnotherVersion = PatchedWorker.withAnotherSetting()) {
            assertDoesNotFit(ofAnotherVersion, "pg_net.so has no setting pg_net.time for the worker");
        }
    }

    @Test
    void libcurlThatIsTooOld() throws SQLException, IOException {
        compile(
                "libcurl.so.4",
                "static struct { int age; const char *version; unsigned number; } info = {0, \"7.64.0\", 0x074000};"
                        + " void *curl_version_info(int age) { return &info; }");
        try (PgCluster cluster = PgCluster.create()) {
            cluster.setEnvironment("LD_LIBRARY_PATH=" + directory);
            cluster.start();
            cluster.execute("CREATE EXTENSION pg_net");
            assertThatThrownBy(() -> cluster.query("SELECT net.http_get('" + server.url("/get") + "')"))
                    .hasMessageContaining("libcurl 7.64.0 is too old, pg_net needs 7.87.0 or later");
            assertToldOnce(cluster, "libcurl 7.64.0 is too old, pg_net needs 7.87.0 or later");

            cluster.setEnvironment();
            cluster.restart();

            assertWorks(cluster);
        }
    }

    @Test
    @PgNetTest(settings = "pg_net.database_name = 'postgres, absent'")
    void databaseThatDoesNotExist(PgCluster cluster) throws SQLException {
        cluster.log().await("FATAL: +database \"absent\" does not exist", Duration.ofSeconds(10));
        assertQuiet(cluster, "database \"absent\" does not exist");
        assertThat(cluster.log().count("connecting to database \"absent\", named in pg_net.database_name", 0))
                .isEqualTo(1);
        assertWorks(cluster);

        cluster.execute("CREATE DATABASE absent");
        cluster.reload();
        try (Session session = cluster.session("absent", "postgres")) {
            session.execute("CREATE EXTENSION pg_net");
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
    }

    private void assertDoesNotFit(PatchedWorker worker, String reason) throws SQLException, IOException {
        try (PgCluster cluster = PgCluster.withExtension()) {
            try {
                assertToldOnce(
                        cluster, "the Java side does not fit pg_net.so: java.lang.IllegalStateException: " + reason);
            } finally {
                worker.close();
            }
            cluster.reload();

            assertWorks(cluster);
        }
    }

    /** In the log once, and told by net.check_worker_is_up(). The server runs on. */
    private static void assertToldOnce(PgCluster cluster, String reason) throws SQLException {
        cluster.log().await("FATAL: +pg_net worker cannot start: .*" + Pattern.quote(reason), Duration.ofSeconds(10));
        assertQuiet(cluster, reason);
        assertThatThrownBy(() -> cluster.execute("SELECT net.check_worker_is_up()"))
                .hasMessageContaining("the pg_net background worker is not up")
                .hasMessageContaining(reason);
    }

    private static void assertQuiet(PgCluster cluster, String reason) {
        int now = cluster.log().length();
        assertThatThrownBy(() -> cluster.log().await("(FATAL|ERROR|PANIC): ", now, LONGER_THAN_A_RESTART))
                .hasMessageContaining("not within");
        assertThat(cluster.log().count("FATAL: .*" + Pattern.quote(reason), 0)).isEqualTo(1);
    }

    private void mendLibjvm(PgCluster cluster) throws SQLException {
        String installed = cluster.query("SELECT boot_val FROM pg_settings WHERE name = 'pg_net.libjvm'")
                .orElseThrow();
        cluster.set("pg_net.libjvm = '" + installed + "'");
        cluster.restart();
        assertWorks(cluster);
    }

    private void assertWorks(PgCluster cluster) throws SQLException {
        try (Session session = cluster.session()) {
            session.execute("SELECT net.wait_until_running()");
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
    }

    private Path compile(String name, String source) throws IOException {
        Path file = Files.writeString(directory.resolve(name + ".c"), source + "\n");
        Path library = directory.resolve(name);
        Command.run(directory, Map.of(), List.of("cc", "-shared", "-fPIC", "-o", library.toString(), file.toString()));
        return library;
    }
}
