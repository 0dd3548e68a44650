package org.pgnet.testkit.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.pgnet.testkit.machine.Command;

/**
 * A private copy of PostgreSQL with what was built of pg_net installed in it, and an empty cluster to copy from. Made
 * once, on first use, below the temporary directory, and the clusters in memory where there is room; removed when the JVM
 * ends. The environment variable PG_CONFIG chooses which PostgreSQL is copied.
 */
public final class PgInstallation {
    /** A cluster is a thousand files, and a run of all tests makes some hundred: most of a disk's time went into that. */
    private static final Path MEMORY = Path.of("/dev/shm");

    /** As much as the largest clusters take at the same time, and some to spare; a container has 64 MB there. */
    private static final long ROOM_BYTES = 4L << 30;

    private final Path root;
    private final Path bin;
    private final Path template;

    /** @param root a directory of its own */
    private PgInstallation(Path root, Path bin) throws IOException {
        this.root = root;
        this.bin = bin;
        Path clusters = hasRoom(MEMORY)
                ? temporary(Files.createTempDirectory(MEMORY, "pgnet-clusters"))
                : Files.createDirectory(root.resolve("clusters"));
        Files.setPosixFilePermissions(clusters, PosixFilePermissions.fromString("rwxrwxrwx"));
        template = clusters.resolve("template");
        Command.runAsOwner(
                root,
                program("initdb"),
                "--auth=trust",
                "--username=postgres",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--pgdata=" + template);
    }

    /** The installation of this run. */
    public static PgInstallation shared() {
        return Holder.INSTANCE;
    }

    /** Another PostgreSQL, in which pg_net is installed already; what is made for it is not in its directories. */
    public static PgInstallation of(Path pgConfig) {
        try {
            return new PgInstallation(temporaryDirectory(), pgConfig.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path of one of PostgreSQL's programs. */
    public String program(String name) {
        return bin.resolve(name).toString();
    }

    /** The directory of pg_net.so and, in {@code pg_net} below it, of what the worker loads. */
    public Path libraryDirectory() {
        return Path.of(Command.run(root, Map.of(), List.of(program("pg_config"), "--pkglibdir"))
                .strip());
    }

    /** The directory of the control files and scripts of extensions. */
    public Path extensionDirectory() {
        return Path.of(Command.run(root, Map.of(), List.of(program("pg_config"), "--sharedir"))
                        .strip())
                .resolve("extension");
    }

    /** Whether a file is one of this installation or of its clusters. */
    public boolean contains(Path file) {
        return file.startsWith(root) || file.startsWith(template.getParent());
    }

    /** Makes a new cluster's directory, as if initdb had just run. */
    Path newCluster(String name) {
        Path directory = newDirectory(name);
        Command.runAsOwner(
                root, "cp", "-a", template.toString(), directory.resolve("data").toString());
        return directory;
    }

    /** Makes a directory for a cluster, without a cluster in it. */
    Path newDirectory(String name) {
        Path directory = template.resolveSibling(name);
        Command.runAsOwner(root, "mkdir", "-m", "700", directory.toString());
        return directory;
    }

    /** Where this project is checked out. */
    public static Path checkout() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("packaging/copy-postgres"))) {
            directory = directory.getParent();
            if (directory == null) {
                throw new AssertionError("the tests run in a checkout of the project");
            }
        }
        return directory;
    }

    /** Readable for the user that the servers run as. */
    private static Path temporaryDirectory() throws IOException {
        Path directory = temporary(Files.createTempDirectory("pgnet-test"));
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static boolean hasRoom(Path directory) throws IOException {
        return Files.isWritable(directory) && Files.getFileStore(directory).getUsableSpace() >= ROOM_BYTES;
    }

    /** Removes a directory when the JVM ends. */
    private static Path temporary(Path directory) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> Command.run(Path.of("/"), Map.of(), List.of("rm", "-rf", directory.toString()))));
        return directory;
    }

    private static final class Holder {
        private static final PgInstallation INSTANCE = make();

        private static PgInstallation make() {
            try {
                Path root = temporaryDirectory();
                Path checkout = checkout();
                String pgConfig = Command.run(checkout, Map.of(), List.of("packaging/copy-postgres", root.toString()))
                        .strip();
                List<String> install =
                        List.of("make", "--no-print-directory", "install-files", "PG_CONFIG=" + pgConfig);
                Command.run(checkout, Map.of(), install);
                return new PgInstallation(root, Path.of(pgConfig).getParent());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
