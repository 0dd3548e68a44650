package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;

/** {@code make install} keeps what it replaces of the C extension; {@code make uninstall} removes only what it installed. */
class InstallationIT {
    @TempDir
    private Path server;

    private Path libraries;
    private Path extensions;

    /** The directories of a server that has the C extension and another one. */
    @BeforeEach
    void prepare() throws IOException {
        libraries = Files.createDirectories(server.resolve("lib"));
        extensions = Files.createDirectories(server.resolve("share/extension"));
        Files.createDirectories(libraries.resolve("bitcode/pg_net/src"));
        Files.writeString(libraries.resolve("pg_net.so"), "theirs");
        Files.writeString(libraries.resolve("bitcode/pg_net.index.bc"), "theirs");
        Files.writeString(libraries.resolve("bitcode/pg_net/src/worker.bc"), "theirs");
        Files.writeString(libraries.resolve("other.so"), "other");
        Files.writeString(extensions.resolve("pg_net.control"), "theirs");
        Files.writeString(extensions.resolve("pg_net--0.20.4.sql"), "theirs");
        Files.writeString(extensions.resolve("pg_net--0.20.3--0.20.4.sql"), "theirs");
        Path pgConfig = server.resolve("pg_config");
        Files.writeString(
                pgConfig,
                "#!/bin/sh\ncase $1 in --pkglibdir) echo " + libraries + " ;; --sharedir) echo "
                        + server.resolve("share")
                        + " ;; --docdir) echo " + server.resolve("doc") + " ;; --version) echo PostgreSQL 15.0 ;;"
                        + " *) echo " + server.resolve("none") + " ;; esac\n");
        assertThat(pgConfig.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void cExtensionIsThereAgainAfterTwoInstallationsAndARemoval() throws IOException {
        Map<String, String> before = files();

        make("install-files");
        assertThat(Files.readString(extensions.resolve("pg_net.control"))).contains("default_version");
        assertThat(libraries.resolve("bitcode/pg_net")).doesNotExist();
        make("install-files");
        assertThat(files())
                .containsKeys("share/extension/pg_net--0.2--1.0.0.sql", "doc/extension/pg_net-preflight.sql");
        make("uninstall");

        assertThat(files()).isEqualTo(before);
    }

    @Test
    void nothingIsLeftWhereNothingWas() throws IOException {
        Files.delete(libraries.resolve("pg_net.so"));
        Files.delete(extensions.resolve("pg_net.control"));
        Map<String, String> before = files();

        make("install-files");
        make("uninstall");

        assertThat(files()).isEqualTo(before);
    }

    /** Every file below the server's directories, and what the small ones hold. */
    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(server)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(
                        server.relativize(path).toString(), Files.size(path) < 1000 ? Files.readString(path) : "large");
            }
        }
        return files;
    }

    private void make(String target) {
        List<String> command = new ArrayList<>(List.of("make", "--no-print-directory", target));
        command.add("PG_CONFIG=" + server.resolve("pg_config"));
        // Without it no class-data archive is made, which takes a while.
        command.add("JAVA=/bin/true");
        Command.run(PgInstallation.checkout(), Map.of(), command);
    }
}
