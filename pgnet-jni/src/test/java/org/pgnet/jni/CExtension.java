package org.pgnet.jni;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.session.Session;

/** Catalogues as the C extension left them, for tests that move from there and back. */
final class CExtension {
    /** The version that there is a way back to. */
    static final String LAST = "0.20.4";

    private static final Path SOURCES = PgInstallation.checkout().resolve("pgnet-sql");

    private CExtension() {}

    /** The releases whose catalogues may be there: all versions, and with 0.3 and 0.5 two that called themselves 0.2. */
    static List<String> releases() {
        return lines("versions").filter(line -> !line.startsWith("#")).toList();
    }

    /** Makes {@code CREATE EXTENSION pg_net VERSION ...} possible for a version. */
    static void offer(String version) {
        try {
            Files.copy(
                    SOURCES.resolve("test/fixture/c-extension.sql"),
                    PgInstallation.shared().extensionDirectory().resolve("pg_net--" + version + ".sql"),
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Installs a release's catalogue in the database of the session, under the version that it was registered as. */
    static void create(Session session, String release) throws SQLException {
        String version = List.of("0.3", "0.5").contains(release) ? "0.2" : release;
        offer(version);
        session.execute(
                "SET fixture.shape = '" + release + "'",
                "CREATE EXTENSION pg_net VERSION '" + version + "'",
                "RESET fixture.shape");
    }

    /** Whether responses refer to requests, which stay in the queue, and have no time. */
    static boolean responsesReferToRequests(String release) {
        return List.of("0.1", "0.2", "0.3").contains(release);
    }

    /** What the catalogue holds of the extension, a line each. */
    static List<String> catalogue(Session session) throws SQLException {
        return session.column(String.join("\n", lines("test/catalogue.sql").toList()));
    }

    private static Stream<String> lines(String file) {
        try {
            return Files.readAllLines(SOURCES.resolve(file)).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
