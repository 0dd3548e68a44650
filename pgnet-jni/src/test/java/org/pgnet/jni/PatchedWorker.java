package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.pgnet.jni.cluster.PgInstallation;

/** Faults in the worker of the tests' own installation, until closed: two of its classes, compiled with a line more. */
final class PatchedWorker implements AutoCloseable {
    private static final Path INSTALLED =
            PgInstallation.shared().libraryDirectory().resolve("pg_net");
    private static final Path SOURCES =
            PgInstallation.checkout().resolve("pgnet-worker/src/main/java/org/pgnet/worker");

    /** First in the class path. */
    private final Path jar = INSTALLED.resolve("pgnet-jni.jar");

    private final Path original = INSTALLED.resolve("pgnet-jni.jar.original");

    private PatchedWorker() {}

    /**
     * A response of status 597 uses up the heap, of 598 the stack, of 599 throws an error, all on the transfer thread. A URL
     * with {@code fails-the-backend-thread} throws an exception on the other.
     */
    static PatchedWorker failing() throws IOException {
        Path directory = Files.createTempDirectory("pgnet-patch");
        Path redirects = patch(
                directory,
                "exchange/Redirects.java",
                "static boolean isRedirect(int status) {",
                "if (status == 597) { java.util.List<byte[]> all = new java.util.ArrayList<>();"
                        + " while (true) { all.add(new byte[1 << 16]); } }"
                        + " if (status == 598) { return isRedirect(status) && isRedirect(status); }"
                        + " if (status == 599) { throw new InternalError(\"injected\"); }");
        Path origins = patch(
                directory,
                "http/Origins.java",
                "String of(String url) {",
                "if (url.contains(\"fails-the-backend-thread\")) { throw new IllegalStateException(\"injected\"); }");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options =
                List.of("-d", directory.toString(), "-cp", classPath(), redirects.toString(), origins.toString());
        assertThat(compiler.run(null, null, null, options.toArray(String[]::new)))
                .isZero();

        PatchedWorker patched = new PatchedWorker();
        Files.move(patched.jar, patched.original);
        Files.copy(patched.original, patched.jar);
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + patched.jar.toUri()), Map.of())) {
            for (String name : new String[] {"exchange/Redirects.class", "http/Origins.class"}) {
                Path target = zip.getPath("org/pgnet/worker").resolve(name);
                Files.createDirectories(target.getParent());
                Files.copy(directory.resolve("org/pgnet/worker").resolve(name), target);
            }
        }
        return patched;
    }

    private static Path patch(Path directory, String name, String before, String added) throws IOException {
        String source = Files.readString(SOURCES.resolve(name));
        assertThat(source).containsOnlyOnce(before);
        Path patched = directory.resolve(Path.of(name).getFileName());
        return Files.writeString(patched, source.replace(before, before + " " + added));
    }

    private static String classPath() throws IOException {
        try (Stream<Path> files = Files.list(INSTALLED)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".jar"))
                    .collect(Collectors.joining(":"));
        }
    }

    @Override
    public void close() throws IOException {
        Files.move(original, jar, StandardCopyOption.REPLACE_EXISTING);
    }
}
