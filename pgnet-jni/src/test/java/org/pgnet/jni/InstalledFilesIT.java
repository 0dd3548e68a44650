package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** A worker needs nothing but what is installed, and leaves nothing behind. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class InstalledFilesIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    private static long worker;

    @BeforeAll
    static void start() throws SQLException {
        try (Session session = cluster.session()) {
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        worker = cluster.awaitWorker();
    }

    @Test
    void everythingIsReadFromTheInstallation() throws IOException {
        Path installed = PgInstallation.shared().libraryDirectory().resolve("pg_net");

        Set<Path> used = filesInUse();

        assertThat(used).contains(installed.resolve("libpgnet_curl.so"), installed.resolve("libjnidispatch.so"));
        // A jar itself is opened for a class that the archive does not have.
        List<String> jars = listedJars();
        assertThat(used)
                .filteredOn(file -> jars.contains(file.getFileName().toString()))
                .allMatch(file -> file.startsWith(installed));
    }

    @Test
    void listOfJarsIsWhatTheWorkerDependsOn() throws IOException {
        try (Stream<Path> gathered = Files.list(PgInstallation.checkout().resolve("pgnet-jni/target/jars"))) {
            assertThat(gathered.map(jar -> jar.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(listedJars());
        }
    }

    @Test
    void classDataArchiveIsUsed() throws IOException {
        Path archive = PgInstallation.shared().libraryDirectory().resolve("pg_net/pgnet.jsa");
        // The installation goes on without one when it could not be made in time.
        assumeThat(archive).exists();

        assertThat(filesInUse()).contains(archive);
    }

    @Test
    void javaWritesNothingToTheLog() {
        // PostgreSQL's own lines begin with the time.
        assertThat(cluster.log().count("^[^\\d\t]", 0)).isZero();
    }

    @Test
    void nothingIsReadFromTheBuildOrAHomeOrATemporaryDirectory() throws IOException {
        // It is below the temporary directory itself.
        PgInstallation installation = PgInstallation.shared();
        List<Path> foreign = List.of(
                PgInstallation.checkout(),
                Path.of(System.getProperty("user.home")),
                Path.of(System.getProperty("java.io.tmpdir")),
                Path.of("/tmp"),
                Path.of("/var/tmp"),
                Path.of("/home"));

        assertThat(filesInUse())
                .filteredOn(file -> !installation.contains(file) && !file.startsWith(System.getProperty("java.home")))
                .isNotEmpty()
                .noneMatch(file -> foreign.stream().anyMatch(file::startsWith));
    }

    @Test
    void nothingIsWrittenToATemporaryDirectory() throws IOException {
        Object user = Files.getOwner(Path.of("/proc", "" + worker));
        List<Path> left = new ArrayList<>();
        try (Stream<Path> entries = Files.list(Path.of("/tmp"))) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                boolean ofJvm = name.startsWith("hsperfdata_") && Files.exists(entry.resolve("" + worker));
                boolean ofJna = name.startsWith("jna") && Files.getOwner(entry).equals(user);
                if (ofJvm || ofJna || name.startsWith(".java_pid" + worker)) {
                    left.add(entry);
                }
            }
        }
        assertThat(left).isEmpty();
    }

    private static List<String> listedJars() throws IOException {
        return Files.readAllLines(PgInstallation.checkout().resolve("packaging/jars")).stream()
                .filter(line -> !line.startsWith("#"))
                .map(name -> name + ".jar")
                .toList();
    }

    /** What the worker has open or mapped, as far as it is a file. */
    private static Set<Path> filesInUse() throws IOException {
        Set<Path> files = new TreeSet<>();
        Path process = Path.of("/proc", "" + worker);
        for (String line : Files.readAllLines(process.resolve("maps"))) {
            int path = line.indexOf('/');
            if (path >= 0) {
                files.add(Path.of(line.substring(path)));
            }
        }
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                Path target = Files.readSymbolicLink(descriptor);
                if (target.isAbsolute()) {
                    files.add(target);
                }
            }
        }
        return files;
    }
}
