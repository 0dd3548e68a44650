package org.pgnet.testkit.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgnet.testkit.machine.Eventually;

/** What a server wrote to its log. */
public final class ServerLog {
    private final Path file;

    ServerLog(Path file) {
        this.file = file;
    }

    /** All of it, since the cluster was made. */
    public String text() {
        try {
            return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How long it is now, to look later at only what came after: in characters. */
    public int length() {
        return text().length();
    }

    /** How often the expression is found in what was written from the position given on. */
    public long count(String regex, int from) {
        return Pattern.compile(regex, Pattern.MULTILINE)
                .matcher(text().substring(from))
                .results()
                .count();
    }

    /** Waits until the expression is found, in what was written from the position given on; returns the match. */
    public String await(String regex, int from, Duration within) {
        Pattern pattern = Pattern.compile(regex, Pattern.MULTILINE);
        return Eventually.get("in the server's log: " + regex, within, () -> {
            Matcher matcher = pattern.matcher(text().substring(from));
            return matcher.find() ? Optional.of(matcher.group()) : Optional.empty();
        });
    }

    /** The same, anywhere in the log. */
    public String await(String regex, Duration within) {
        return await(regex, 0, within);
    }

    /** The last lines, for the message of a failure. */
    public String tail(int lines) {
        String[] all = text().split("\n");
        int first = Math.max(0, all.length - lines);
        return String.join("\n", Arrays.asList(all).subList(first, all.length));
    }

    /** Keeps a copy for whoever looks for the cause of a failure: {@code pgnet-jni/target/cluster-logs}. */
    void keep(String name) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            Path directory =
                    Files.createDirectories(PgInstallation.checkout().resolve("pgnet-jni/target/cluster-logs"));
            Files.copy(file, directory.resolve(name + ".log"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
