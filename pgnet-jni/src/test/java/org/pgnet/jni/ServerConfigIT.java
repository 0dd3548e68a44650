package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;

/** {@code make install-config} adds what the server's configuration lacks; {@code make uninstall-config} takes that away. */
class ServerConfigIT {
    private static final PgInstallation POSTGRES = PgInstallation.shared();

    private Path directory;
    private Path config;

    @BeforeEach
    void makeCluster() {
        directory =
                Path.of("/tmp", "pgnet-server-config-" + ProcessHandle.current().pid());
        Command.runAsOwner(
                Path.of("/tmp"),
                POSTGRES.program("initdb"),
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--pgdata=" + directory);
        config = directory.resolve("postgresql.conf");
    }

    @AfterEach
    void removeCluster() {
        Command.run(Path.of("/tmp"), Map.of(), List.of("rm", "-rf", directory.toString()));
    }

    @Test
    void linesThatAreMissingAreAddedOnceAndTakenAway() throws IOException {
        String before = Files.readString(config);
        Object permissions = Files.getPosixFilePermissions(config);

        assertThat(make("install-config")).contains(config.toString(), "Restart the server");

        assertThat(setting("shared_preload_libraries")).isEqualTo("pg_net");
        assertThat(setting("pg_net.database_name")).isEqualTo("postgres");
        String after = Files.readString(config);
        assertThat(after).startsWith(before);
        assertThat(Files.getPosixFilePermissions(config)).isEqualTo(permissions);
        assertThat(make("install-config")).contains("has all that pg_net needs");
        assertThat(config).hasContent(after);

        assertThat(make("uninstall-config")).contains("Removed");
        assertThat(config).hasContent(before);
        assertThat(make("uninstall-config")).contains("has no lines");
        assertThat(listing()).doesNotContain("pg_net");
    }

    @Test
    void otherLibrariesStayBeforePgNet() {
        append("shared_preload_libraries = '\"auto_explain\", pg_stat_statements'  # ours");

        make("install-config", "DATABASE=app's");

        assertThat(setting("shared_preload_libraries")).isEqualTo("\"auto_explain\", pg_stat_statements,pg_net");
        assertThat(setting("pg_net.database_name")).isEqualTo("app's");
        make("install-config", "DATABASE=app, shop");
        assertThat(setting("pg_net.database_name")).isEqualTo("app, shop");
        assertThat(make("install-config")).contains("has all that pg_net needs");
    }

    @Test
    void linesOfTheAdministratorCount() throws IOException {
        append("shared_preload_libraries = 'pg_stat_statements, pg_net'\npg_net.database_name = 'app'");
        String before = Files.readString(config);

        assertThat(make("install-config")).contains("has all that pg_net needs");
        assertThat(config).hasContent(before);
        assertThat(make("uninstall-config")).contains("It still loads pg_net");
        assertThat(config).hasContent(before);
    }

    @Test
    void alterSystemIsNotContradicted() throws IOException {
        Command.runAsOwner(
                directory,
                "sh",
                "-c",
                "echo \"shared_preload_libraries = 'pg_stat_statements'\" >>postgresql.auto.conf");
        String before = Files.readString(config);

        assertThatThrownBy(() -> make("install-config"))
                .hasMessageContaining("ALTER SYSTEM SET shared_preload_libraries = pg_stat_statements, pg_net;");

        assertThat(config).hasContent(before);
        assertThat(listing()).doesNotContain("pg_net");
    }

    private String setting(String name) {
        return Command.runAsOwner(directory, POSTGRES.program("postgres"), "-D", directory.toString(), "-C", name)
                .strip();
    }

    private void append(String lines) {
        Command.runAsOwner(directory, "sh", "-c", "cat >>postgresql.conf <<'end'\n" + lines + "\nend");
    }

    private String listing() {
        return Command.runAsOwner(directory, "ls");
    }

    private String make(String target, String... variables) {
        return Command.run(
                PgInstallation.checkout(),
                Map.of(),
                Stream.concat(
                                Stream.of(
                                        "make",
                                        "--no-print-directory",
                                        target,
                                        "CONFIG=" + config,
                                        "PG_CONFIG=" + POSTGRES.program("pg_config")),
                                Stream.of(variables))
                        .toList());
    }
}
