package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.Session;

/**
 * After traffic of all kinds the values of two secrets are searched for, one that the database holds and one in a file: in all
 * files of the cluster, in what PostgreSQL shows of statements, and in every text of the extension's tables. They are found
 * where docs/security.md says, and nowhere else. The log is the most talkative that there is, without log_statement and with
 * log_parameter_max_length = 0, and the values are parameters, as that page advises. What becomes of literals is in {@link
 * SecretIT}.
 */
@PgNetTest(
        settings = {
            "shared_preload_libraries = 'pg_net,pg_stat_statements,auto_explain'",
            "pg_stat_statements.track = all",
            "log_min_messages = debug5",
            "log_min_error_statement = debug5",
            "log_min_duration_statement = 0",
            "log_duration = on",
            "log_parameter_max_length = 0",
            "log_parameter_max_length_on_error = 0",
            "log_temp_files = 0",
            "log_error_verbosity = verbose",
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_nested_statements = on",
            "auto_explain.log_parameter_max_length = 0"
        },
        sql = {
            "CREATE EXTENSION pg_stat_statements",
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE mallory LOGIN",
            "INSERT INTO net.policies (name, delays, max_attempts, retry_on)"
                    + " VALUES ('again', '{50 ms}', 3, '{network,timeout,401,503}')"
        },
        cluster = Sharing.WITH_NONE)
class SecretSearchIT {
    private static final String STORED = "Xq7-stored-s3cret-Zw";
    private static final String FILED = "Xq7-filed-s3cret-Zw";
    private static final String OTHER = "Xq7-other-s3cret-Zw";
    private static final String SET = "SELECT net.set_secret(?, ?, hosts => ?::text[])";
    /** The heap of a JVM is below this, unless it is very large; native memory is above it. */
    private static final long END_OF_COMPRESSED_HEAP = 32L << 30;

    private static final String HERE = "{http://127.0.0.1}";

    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Given
    private static HttpServerFixture other;

    @Given
    private static Session superuser;

    @Given(role = "alice")
    private static Session alice;

    @Given(role = "mallory")
    private static Session mallory;

    @BeforeAll
    static void traffic() throws SQLException {
        // Beside the data directory, in which nothing of it is to be.
        Path directory = cluster.data().resolveSibling("secrets");
        SecretIT.write(directory.resolve("filed"), FILED + "\n");
        cluster.set("pg_net.secrets_directory = '" + directory + "'");
        cluster.reload();
        superuser.await("SELECT 1 FROM pg_settings WHERE name = 'pg_net.secrets_directory' AND setting <> ''", 1);

        alice.query(SET, "stored", STORED, HERE);
        alice.query(SET, "other", OTHER, "{http://127.0.0.1:1,http://127.0.0.1:" + server.port() + "}");
        alice.query("SELECT net._rotate_secret(?, ?, now() + '1 hour')", "other", OTHER);
        superuser.execute("SELECT net.set_secret('filed', file => 'filed', hosts => '{http://127.0.0.1:" + server.port()
                + "}'," + " roles => '{alice}')");
        // The standard answer is an echo, which is the server's affair.
        server.handle("/get", request -> Optional.of(Reply.text(200, "got it")));
        server.handle(
                "/away",
                request -> Optional.of(new Reply(302, List.of("Location: " + other.url("/get?id=away")), new byte[0])));
        for (String path : List.of("/get", "/status/401", "/status/503", "/status/404", "/drop", "/away", "/delay")) {
            send(path, "again");
            send(path, "none");
        }
        alice.collect(request("http://127.0.0.1:1/?k={{stored}}&f={{other}}", "stored,other", "none"));
        tryTo(mallory, "SELECT net.request('" + server.url("/get") + "', secrets => '{stored}')");
        tryTo(mallory, SET, "stored", OTHER, "{*}");
        tryTo(alice, SET, "stored", OTHER, "{}");
        tryTo(alice, SET, "a b", OTHER, "{*}");
        tryTo(alice, SET, "stored", OTHER + "\n", "{*}");
        tryTo(alice, "SELECT net._rotate_secret(?, ?, NULL)", "missing", OTHER);
        tryTo(alice, "SELECT net.request('https://elsewhere.test/', secrets => '{stored}')");
        superuser.execute("VACUUM ANALYZE", "CHECKPOINT");
    }

    /** So that nothing below is found missing because nothing was sent. */
    @Test
    void valuesWereSent() {
        assertThat(server.received("/get-again").get(0).header("authorization")).contains("Bearer " + STORED);
        assertThat(server.received("/get-again").get(0).header("x-other")).contains(OTHER);
        assertThat(server.received("/get-again").get(0).target()).contains("f=" + FILED);
        assertThat(server.received("/status/503-again")).hasSize(3);
        assertThat(other.received("away")).isNotEmpty().allSatisfy(request -> {
            assertThat(request.headers().toString()).doesNotContain("Xq7");
            assertThat(request.target()).doesNotContain("Xq7");
        });
    }

    @Test
    void valueOfAFileIsNowhereInTheCluster() {
        assertThat(filesWith(FILED)).isEmpty();
    }

    /** The row, and the log that every change of a table has. */
    @Test
    void storedValueIsInItsTableAndTheWriteAheadLog() throws SQLException {
        String table = superuser.text("SELECT pg_relation_filepath('net._secret_keys')");

        for (String value : List.of(STORED, OTHER)) {
            assertThat(filesWith(value))
                    .as(value)
                    .isNotEmpty()
                    .allMatch(file -> file.equals(table) || file.startsWith("pg_wal/"));
        }
    }

    @Test
    void logHoldsNone() {
        String log = cluster.log().text();

        assertThat(log)
                .contains("net.set_secret", "may not use secret", "duration:")
                .doesNotContain("Xq7");
    }

    @Test
    void statisticsAndActivityHoldNone() throws SQLException {
        assertThat(superuser.column("SELECT query FROM pg_stat_statements"))
                .anySatisfy(query -> assertThat(query).contains("net.set_secret"))
                .allSatisfy(query -> assertThat(query).doesNotContain("Xq7"));
        assertThat(superuser.column("SELECT query FROM pg_stat_activity"))
                .isNotEmpty()
                .allSatisfy(query -> assertThat(query).doesNotContain("Xq7"));
        assertThat(superuser.column("SELECT s::text FROM pg_stats s WHERE schemaname = 'net'"))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row).doesNotContain("Xq7", hex("s3cret")));
        assertThat(superuser.column("SELECT s::text FROM pg_statistic s"))
                .allSatisfy(row -> assertThat(row).doesNotContain("Xq7", hex("s3cret")));
    }

    @Test
    void tablesOfTheExtensionHoldNone() throws SQLException {
        List<String> tables =
                superuser.column("SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'net'::regnamespace"
                        + " AND relkind IN ('r', 'v') AND relname <> '_secret_keys'");

        assertThat(tables).contains("net._http_response", "net.attempts", "net.dead_letters", "net.secrets");
        for (String table : tables) {
            assertThat(superuser.column("SELECT t::text FROM " + table + " t"))
                    .as(table)
                    .allSatisfy(row -> assertThat(row).doesNotContain("Xq7", hex("s3cret")));
        }
        assertThat(superuser.number("SELECT count(*) FROM net.dead_letters")).isPositive();
        assertThat(superuser.number("SELECT count(*) FROM net.attempts")).isPositive();
        assertThat(superuser.number("SELECT count(*) FROM net._http_response WHERE error_msg IS NOT NULL"))
                .isPositive();
    }

    /** A session that names secrets never has their values; the shared buffers, which it maps too, have the table's. */
    @Test
    void memoryOfASessionThatUsesSecretsHoldsNone() throws SQLException, IOException {
        try (Session user = cluster.session("postgres", "alice")) {
            long pid = user.pid();
            user.collect(user.number("SELECT net.request('" + server.url("/get?id=memory&f={{filed}}&s={{stored}}")
                    + "', secrets => '{filed,stored}')"));
            user.query("SELECT net._secret_problem('filed')");
            user.query("SELECT 'a visible mark'");

            StringBuilder memory = new StringBuilder();
            memoryOf(pid).eachWritable((address, text) -> memory.append(text));

            assertThat(memory.toString()).contains("a visible mark").doesNotContain(STORED, FILED, OTHER);
        }
    }

    /** Native memory holds them; what the Java heap holds is in a heap dump. */
    @Test
    void javaHeapOfTheWorkerHoldsNone() throws IOException, SQLException {
        long worker = cluster.awaitWorker();
        alice.collect(request(server.url("/get?id=heap&f={{filed}}&s={{stored}}"), "stored,filed,other", "none"));
        Map<Boolean, Integer> found = new HashMap<>();
        Map<Boolean, Integer> marks = new HashMap<>();
        ProcessMemory memory = memoryOf(worker);
        memory.eachWritable((address, text) -> {
            boolean isHeap = address < END_OF_COMPRESSED_HEAP;
            found.merge(
                    isHeap,
                    occurrences(text, STORED) + occurrences(text, FILED) + occurrences(text, OTHER),
                    Integer::sum);
            marks.merge(isHeap, occurrences(text, "org/pgnet/") + occurrences(text, server.url("")), Integer::sum);
        });

        assertThat(marks.get(true)).as("what the heap is known by").isPositive();
        assertThat(found.get(true)).as("in the Java heap").isZero();
        assertThat(found.get(false))
                .as("the table of secrets, and libcurl's copies")
                .isPositive();
    }

    /** libcurl and TLS free their copies without overwriting them: there are some, and no more after many requests. */
    @Test
    void copiesInTheWorkersMemoryDoNotGrowWithTheRequests() throws IOException, SQLException {
        long worker = cluster.awaitWorker();
        String url = server.url("/get?id=many&f={{filed}}&s={{stored}}");
        for (int i = 0; i < 200; i++) {
            alice.collect(request(url, "stored,filed,other", "none"));
        }
        int[] count = {0};

        memoryOf(worker).eachWritable((address, text) -> count[0] += occurrences(text, STORED));

        assertThat(count[0]).as("three were sent with each of 200").isBetween(1, 100);
    }

    /** Its tables say what was measured, and nothing of what it was measured with: the one key that there is is not read. */
    @Test
    void whatBenchWritesHoldsNone() throws IOException {
        Path root = Path.of("..").toRealPath();
        assertThat(Files.readString(root.resolve("docs/benchmarks.md")))
                .contains("make bench")
                .doesNotContain("whsec_", "{{");
        try (Stream<Path> sources = Files.walk(root.resolve("bench/src/main/java"))) {
            assertThat(sources.filter(Files::isRegularFile).map(SecretSearchIT::textOf))
                    .anySatisfy(source -> assertThat(source).contains("net.create_webhook("))
                    .allSatisfy(source -> assertThat(source).doesNotContain("new_key", "set_secret", "_secret_keys"));
        }
    }

    private static void send(String path, String policy) throws SQLException {
        String query = path.contains("?") ? "&" : "?";
        alice.collect(request(
                server.url(path + query + "ms=300&id=" + path + "-" + policy + "&f={{filed}}&s={{stored}}"),
                "stored,filed,other",
                policy));
    }

    private static long request(String url, String secrets, String policy) throws SQLException {
        return alice.number("SELECT net.request('" + url + "', secrets => '{" + secrets + "}', policy => '" + policy
                + "', timeout => '200 ms', form => '{\"k\": \"{{stored}}\"}',"
                + " headers => '{\"Authorization\": \"Bearer {{stored}}\", \"X-Other\": \"{{other}}\"}')");
    }

    private static void tryTo(Session session, String statement, Object... arguments) {
        List<String> errors = new ArrayList<>();
        try {
            session.query(statement, arguments);
        } catch (SQLException refused) {
            errors.add(refused.getMessage());
        }
        assertThat(errors).hasSize(1).allSatisfy(error -> assertThat(error).doesNotContain("Xq7"));
    }

    private static ProcessMemory memoryOf(long pid) {
        ProcessMemory memory = new ProcessMemory(pid);
        assumeTrue(memory.isReadable(), "the memory of another process may not be read here");
        return memory;
    }

    private static int occurrences(String text, String what) {
        int count = 0;
        for (int at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + what.length())) {
            count++;
        }
        return count;
    }

    private static String textOf(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of the cluster that hold a text, as it is or in hexadecimal digits, by their paths in the data directory. */
    private static List<String> filesWith(String text) {
        List<byte[]> forms =
                List.of(text.getBytes(StandardCharsets.UTF_8), hex(text).getBytes(StandardCharsets.US_ASCII));
        try (Stream<Path> files = Files.walk(cluster.data())) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> forms.stream().anyMatch(form -> holds(file, form)))
                    .map(file -> cluster.data().relativize(file).toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean holds(Path file, byte[] form) {
        try {
            // A character for each byte, so that a search for characters is one for bytes.
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                    .contains(new String(form, StandardCharsets.ISO_8859_1));
        } catch (IOException gone) {
            return false;
        }
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
