package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** The deployed jar, in PL/Java itself, with its default policy and for a role without privileges. */
@EnabledIf(
        value = "org.pgnet.pljava.PlJavaCluster#isAvailable",
        disabledReason = "the PostgreSQL of PG_CONFIG has no PL/Java")
@PgNetTest
class PlJavaIT {
    @Given
    private static HttpServerFixture server;

    private static PgCluster cluster;
    private static Connection ofSql;
    private static Connection ofJava;

    @BeforeAll
    static void start() throws SQLException {
        cluster = PlJavaCluster.start();
        ofSql = cluster.connect("postgres", "app");
        ofSql.setAutoCommit(false);
        ofJava = cluster.connect("java", "app");
        ofJava.setAutoCommit(false);
    }

    @AfterAll
    static void stop() throws SQLException {
        ofJava.close();
        ofSql.close();
        cluster.close();
    }

    @TestFactory
    Stream<DynamicTest> requestIsTheSame() {
        return RequestCase.all().stream()
                .map(requestCase -> DynamicTest.dynamicTest(requestCase.signature() + ": " + requestCase.name(), () -> {
                    Outcome expected = Outcome.ofRequest(requestCase, new CallsOfSql(ofSql), ofSql);

                    assertThat(expected.sqlState()).isEqualTo(requestCase.sqlState());
                    assertThat(Outcome.ofRequest(requestCase, new CallsOfSql(ofJava), ofJava))
                            .isEqualTo(expected);
                }));
    }

    @TestFactory
    Stream<DynamicTest> responseIsTheSame() throws SQLException {
        Map<String, Long> idsOfSql = ResponseCases.send(ofSql, server);
        Map<String, Long> idsOfJava = ResponseCases.send(ofJava, server);
        return idsOfSql.keySet().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Outcome expected = Outcome.ofResponse(idsOfSql.get(name), false, new CallsOfSql(ofSql), ofSql);

                    for (Boolean async : new Boolean[] {false, true, null}) {
                        assertThat(Outcome.ofResponse(idsOfJava.get(name), async, new CallsOfSql(ofJava), ofJava))
                                .isEqualTo(expected);
                    }
                }));
    }

    @Test
    void defaultsAreThoseOfTheSqlFunctions() throws SQLException {
        try (Statement statement = ofJava.createStatement();
                ResultSet rows = statement.executeQuery("WITH request AS MATERIALIZED (SELECT net.http_post('"
                        + server.url("/post?id=defaults") + "') AS id)"
                        + " SELECT (net.http_collect_response(id)).status FROM request")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("PENDING");
        } finally {
            ofJava.rollback();
        }
    }

    @Test
    void whatIsRolledBackIsNotSent() throws SQLException {
        CallsOfSql calls = new CallsOfSql(ofJava);
        get("first");
        try (Statement statement = ofJava.createStatement()) {
            statement.execute("SAVEPOINT s");
            get("of-savepoint");
            statement.execute("ROLLBACK TO s");
            assertThatThrownBy(() -> statement.execute("SELECT net.http_get('ftp://127.0.0.1/')"))
                    .hasMessageContaining("Unsupported URL scheme");
            statement.execute("ROLLBACK TO s");
        }
        get("second");
        ofJava.commit();
        get("of-transaction");
        ofJava.rollback();
        long last = get("last");
        ofJava.commit();

        assertThat(calls.collect(last, false)).startsWith("SUCCESS");
        ofJava.rollback();
        Eventually.until(
                "both are sent",
                Duration.ofSeconds(10),
                () -> server.received("first").size() == 1
                        && server.received("second").size() == 1);
        assertThat(server.received("of-savepoint")).isEmpty();
        assertThat(server.received("of-transaction")).isEmpty();
    }

    @Test
    void catalogueIsThatOfAFreshExtensionAfterTheJarIsRemoved() throws SQLException, IOException {
        cluster.execute("CREATE DATABASE round_trip");
        PlJavaCluster.execute(
                cluster,
                "round_trip",
                "CREATE EXTENSION pg_net",
                "CREATE EXTENSION pljava",
                "REVOKE EXECUTE ON FUNCTION net.http_get FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION net.http_get TO app");
        List<String> fresh = catalogue("round_trip");
        PlJavaCluster.execute(cluster, "round_trip", PlJavaCluster.install(PlJavaCluster.jar()));
        List<String> installed = catalogue("round_trip");
        PlJavaCluster.execute(cluster, "round_trip", "SELECT sqlj.remove_jar('pgnet', true)");

        assertThat(catalogue("round_trip")).containsExactlyElementsOf(fresh).hasSizeGreaterThan(200);
        assertThat(installed)
                .filteredOn(line -> line.startsWith("function | ") && line.contains("LANGUAGE java"))
                .hasSize(4);
        assertThat(installed)
                .filteredOn(line -> !line.contains("net.http_"))
                .containsExactlyElementsOf(fresh.stream()
                        .filter(line -> !line.contains("net.http_"))
                        .toList());
    }

    /** The example of the module's README, compiled with PL/Java's API. */
    @Test
    void triggerInJavaReportsEachRow(@TempDir Path directory) throws SQLException, IOException {
        Path jar = exampleJar(directory);
        PlJavaCluster.execute(
                cluster,
                "java",
                "SELECT sqlj.install_jar('file:" + jar + "', 'orders', false)",
                "SELECT sqlj.set_classpath('public', 'orders:pgnet')",
                "CREATE TABLE orders (id bigint, item text)",
                "GRANT INSERT ON orders TO app",
                "CREATE FUNCTION announce_order() RETURNS trigger LANGUAGE java AS 'AnnounceOrder.announce'",
                "CREATE TRIGGER announce AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION announce_order('"
                        + server.url("/post?id=order") + "')");
        try (Statement statement = ofJava.createStatement()) {
            statement.execute("INSERT INTO orders VALUES (1, 'tea'), (2, 'Zoë''s cake')");
            ofJava.commit();
        }

        Eventually.until(
                "both orders are sent",
                Duration.ofSeconds(10),
                () -> server.received("order").size() == 2);
        assertThat(server.received("order").stream().map(request -> request.text()))
                .containsExactlyInAnyOrder("{\"id\": 1, \"item\": \"tea\"}", "{\"id\": 2, \"item\": \"Zoë's cake\"}");
    }

    private static long get(String id) throws SQLException {
        return Session.of(ofJava).get(server.url("/get?id=" + id));
    }

    private static List<String> catalogue(String database) throws SQLException, IOException {
        try (Session session = cluster.session(database, "postgres")) {
            return DescriptorIT.catalogue(session);
        }
    }

    private static Path exampleJar(Path directory) throws IOException {
        Path classes = Files.createDirectory(directory.resolve("classes"));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "--release",
                        "17",
                        "-classpath",
                        PlJavaCluster.jar() + ":" + PlJavaCluster.api(),
                        "-d",
                        classes.toString(),
                        "src/example/java/AnnounceOrder.java");
        assertThat(failed).isZero();
        // Where the server's user may read it.
        Path jar = PlJavaCluster.jar().resolveSibling("orders.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.list(classes)) {
            for (Iterator<Path> i = files.iterator(); i.hasNext(); ) {
                Path file = i.next();
                out.putNextEntry(new JarEntry(file.getFileName().toString()));
                Files.copy(file, out);
            }
        }
        return jar;
    }
}
