package org.pgnet.testkit.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end, in at most a minute. */
public final class Command {
    private static final long TIMEOUT_SECONDS = 60;
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private Command() {}

    /** As the user of this process. Returns what the program wrote to its standard output and error. */
    public static String run(Path directory, Map<String, String> environment, List<String> words) {
        Path output = null;
        try {
            // A file, not a pipe: a server that the program leaves behind would hold a pipe open.
            output = Files.createTempFile("pgnet-command", ".out");
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            return outcome(builder.start(), words, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted in " + words, e);
        } finally {
            delete(output);
        }
    }

    /** As the user that owns the clusters: {@code postgres} when this process runs as root. */
    public static String runAsOwner(Path directory, String... words) {
        List<String> command = new ArrayList<>();
        if (ROOT) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.addAll(List.of(words));
        return run(directory, Map.of(), command);
    }

    private static String outcome(Process process, List<String> words, Path output)
            throws IOException, InterruptedException {
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("still running after " + TIMEOUT_SECONDS + " s: " + words);
        }
        String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            throw new AssertionError("exit code " + process.exitValue() + " of " + words + "\n" + text);
        }
        return text;
    }

    private static void delete(Path output) {
        try {
            if (output != null) {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
