package org.pgnet.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Command;

/**
 * Runs each file of {@code pgnet-sql/test/sql} with psql, on an extension just created, and compares what psql prints
 * with the file of that name in {@code pgnet-sql/test/expected}. With the system property {@code regression.update} set to
 * true it writes those files instead.
 */
@PgNetTest(extension = false, cluster = Sharing.WITH_NONE, settings = "pg_net.jvm_options = ''")
class SqlRegressionIT {
    private static final boolean UPDATE = Boolean.getBoolean("regression.update");
    private static final Path DIRECTORY = PgInstallation.checkout().resolve("pgnet-sql/test");

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @BeforeAll
    static void start() throws SQLException {
        server.handle("/headers", request -> Optional.of(Reply.text(200, callersHeaders(request))));
        // The address of the server must not show in what psql prints, so the SQL asks for it.
        cluster.execute("ALTER DATABASE postgres SET test.server = '" + server.url("") + "'");
    }

    @TestFactory
    Stream<DynamicTest> psqlPrintsWhatIsExpected() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("sql"))) {
            return files.sorted().toList().stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> run(file)));
        }
    }

    private static void run(Path file) throws IOException, SQLException {
        cluster.execute("DROP EXTENSION IF EXISTS pg_net", "CREATE EXTENSION pg_net");
        String printed = psql(file);
        Path expected = DIRECTORY
                .resolve("expected")
                .resolve(file.getFileName().toString().replace(".sql", ".out"));
        if (UPDATE) {
            Files.writeString(expected, printed);
            return;
        }
        Path actual = Files.createTempFile("pgnet-regression", ".out");
        try {
            Files.writeString(actual, printed);
            // Its exit code is 1, and so an error that shows the differences, when there are any.
            Command.run(DIRECTORY, Map.of(), List.of("diff", "-u", expected.toString(), actual.toString()));
        } finally {
            Files.delete(actual);
        }
    }

    /** The header lines that differ neither by the port nor by the release: a line for each value, sorted by name. */
    private static String callersHeaders(ReceivedRequest request) {
        return request.headers().entrySet().stream()
                .filter(header -> !List.of("host", "user-agent").contains(header.getKey()))
                .flatMap(header -> header.getValue().stream().map(value -> header.getKey() + ": " + value))
                .sorted(Comparator.comparing(line -> line.substring(0, line.indexOf(':'))))
                .collect(Collectors.joining("\n"));
    }

    /** Read from the standard input: psql would name the file, with its path, in each error. */
    private static String psql(Path file) {
        Map<String, String> environment = Map.of(
                "PGHOST", "127.0.0.1",
                "PGPORT", "" + cluster.port(),
                "PGUSER", "postgres",
                "PGDATABASE", "postgres",
                "PGCLIENTENCODING", "UTF8",
                "PGOPTIONS", "-c statement_timeout=30s -c TimeZone=UTC");
        String psql = PgInstallation.shared().program("psql");
        String command = psql + " -Xaq -v SHOW_CONTEXT=never -P null='(null)' < " + file;
        return Command.run(DIRECTORY, environment, List.of("sh", "-c", command));
    }
}
