package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.pgnet.testkit.cluster.PgInstallation;

/** Another worker in the tests' own installation, until closed: some of its classes, compiled with a change. */
final class PatchedWorker implements AutoCloseable {
    private static final Path INSTALLED =
            PgInstallation.shared().libraryDirectory().resolve("pg_net");
    private static final Path ENGINE = Path.of("pgnet-worker/src/main/java/org/pgnet/worker");
    private static final Path TESTS = Path.of("pgnet-jni/src/test/java/org/pgnet/jni");
    private static final Path BINDING = Path.of("pgnet-jni/src/main/java/org/pgnet/jni");

    /** First in the class path. */
    private final Path jar = INSTALLED.resolve("pgnet-jni.jar");

    private final Path original = INSTALLED.resolve("pgnet-jni.jar.original");

    /** One text in a source file, and another in its place. */
    private record Patch(Path source, String text, String instead) {}

    private PatchedWorker(Patch... patches) throws IOException {
        Path directory = Files.createTempDirectory("pgnet-patch");
        Path classes = Files.createDirectory(directory.resolve("classes"));
        compile(directory, classes, patches);
        Files.move(jar, original);
        Files.copy(original, jar);
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of());
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = zip.getPath(classes.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /**
     * A response of status 597 uses up the heap, of 598 the stack, of 599 throws an error, all on the transfer thread. A URL
     * with {@code fails-the-backend-thread} throws an exception on the other.
     */
    static PatchedWorker failing() throws IOException {
        String isRedirect = "static boolean isRedirect(int status) {";
        String of = "String of(String url) {";
        return new PatchedWorker(
                new Patch(
                        ENGINE.resolve("exchange/Redirects.java"),
                        isRedirect,
                        isRedirect + " if (status == 597) { java.util.List<byte[]> all = new java.util.ArrayList<>();"
                                + " while (true) { all.add(new byte[1 << 16]); } }"
                                + " if (status == 598) { return isRedirect(status) && isRedirect(status); }"
                                + " if (status == 599) { throw new InternalError(\"injected\"); }"),
                new Patch(
                        ENGINE.resolve("http/Origins.java"),
                        of,
                        of + " if (url.contains(\"fails-the-backend-thread\"))"
                                + " { throw new IllegalStateException(\"injected\"); }"));
    }

    /** A worker that sends nothing, but does what {@link RemoteStore} asks it for. */
    static PatchedWorker servingItsStore() throws IOException {
        String server = "final class StoreServer {";
        return new PatchedWorker(
                new Patch(
                        BINDING.resolve("WorkerMain.java"),
                        "new WorkerAgent(new PostgresHost()).run();",
                        "StoreServer.run();"),
                new Patch(TESTS.resolve("StoreServer.java"), server, server));
    }

    /** The jars of a later version. */
    static PatchedWorker ofAnotherVersion() throws IOException {
        String version = "getImplementationVersion()";
        return new PatchedWorker(new Patch(BINDING.resolve("WorkerMain.java"), version, version + " + \".1\""));
    }

    /** Java that looks for another field than C has. */
    static PatchedWorker withAnotherField() throws IOException {
        return new PatchedWorker(
                new Patch(BINDING.resolve("PackedOutcome.java"), "\"duration_micros\"", "\"duration_nanos\""));
    }

    /** Java that looks for another setting than C has. */
    static PatchedWorker withAnotherSetting() throws IOException {
        return new PatchedWorker(new Patch(ENGINE.resolve("spi/Settings.java"), "\"pg_net.ttl\"", "\"pg_net.time\""));
    }

    private static void compile(Path directory, Path classes, Patch... patches) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-cp", classPath()));
        for (Patch patch : patches) {
            String source = Files.readString(PgInstallation.checkout().resolve(patch.source()));
            assertThat(source).containsOnlyOnce(patch.text());
            Path patched = directory.resolve(patch.source().getFileName());
            Files.writeString(patched, source.replace(patch.text(), patch.instead()));
            arguments.add(patched.toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler.run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    private static String classPath() throws IOException {
        try (Stream<Path> files = Files.list(INSTALLED)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".jar"))
                    .collect(Collectors.joining(":"));
        }
    }

    /** Puts the installed file back. May be called twice. */
    @Override
    public void close() throws IOException {
        if (Files.exists(original)) {
            Files.move(original, jar, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
