package org.pgnet.pljava;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.session.Session;

/** PL/Java where the PostgreSQL of PG_CONFIG has it. */
final class PlJavaCluster {
    private static final Path SHARE =
            PgInstallation.shared().extensionDirectory().getParent();

    private PlJavaCluster() {}

    /** Whether pg_available_extensions names PL/Java: it lists the control files. */
    static boolean isAvailable() {
        return Files.exists(PgInstallation.shared().extensionDirectory().resolve("pljava.control"));
    }

    /** A server with the extension in database postgres, and with PL/Java and the jar installed in database java. */
    static PgCluster start() throws SQLException {
        PgCluster cluster = PgCluster.withExtension(
                "pg_net.allowed_hosts = '127.0.0.1'",
                "pljava.libjvm_location = '" + System.getProperty("pljava.libjvm") + "'",
                "pljava.policy_urls = '\"file:" + policy() + "\",\"=\"'");
        cluster.execute("CREATE ROLE app LOGIN", "CREATE DATABASE java");
        cluster.set("pg_net.database_name = 'postgres, java'");
        cluster.restart();
        execute(
                cluster,
                "java",
                "CREATE EXTENSION pg_net",
                "CREATE EXTENSION pljava",
                "GRANT USAGE ON SCHEMA sqlj TO PUBLIC",
                install(jar()));
        return cluster;
    }

    /** Runs statements as superuser, each a transaction, in a session of their own. */
    static void execute(PgCluster cluster, String database, String... statements) throws SQLException {
        try (Session session = cluster.session(database, "postgres")) {
            session.execute(statements);
        }
    }

    /** The statement that puts the Java bodies in place. */
    static String install(Path jar) {
        return "SELECT sqlj.install_jar('file:" + jar + "', 'pgnet', true)";
    }

    /** The jar, where {@code make install} puts it. */
    static Path jar() {
        return SHARE.resolve("pg_net/pgnet-pljava.jar");
    }

    /** PL/Java's own API, which the source of a trigger is compiled with. */
    static Path api() throws IOException {
        try (var files = Files.list(SHARE.resolve("pljava"))) {
            return files.filter(file -> file.getFileName().toString().matches("pljava-api-.*\\.jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The default policy; the copy of PostgreSQL that the tests run has no directory of system-wide files. */
    private static Path policy() {
        String pgConfig = Optional.ofNullable(System.getenv("PG_CONFIG")).orElse("pg_config");
        String directory = Command.run(Path.of("/"), Map.of(), List.of(pgConfig, "--sysconfdir"));
        return Path.of(directory.strip(), "pljava.policy");
    }
}
