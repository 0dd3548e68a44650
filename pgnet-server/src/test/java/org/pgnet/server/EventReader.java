package org.pgnet.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;

/** Reads server-sent events. */
final class EventReader implements AutoCloseable {
    /** What took long on a busy machine is asked again after a minute. */
    private static final Duration WITHIN = Duration.ofSeconds(90);

    private final BufferedReader lines;

    EventReader(InputStream stream) {
        lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }

    /** Reads on until there is an event for a region whose HTML is as it should be. */
    void await(String region, Predicate<String> asItShould) throws IOException {
        long end = System.nanoTime() + WITHIN.toNanos();
        while (System.nanoTime() < end) {
            String data = next();
            int line = data.indexOf('\n');
            if (line > 0 && data.substring(0, line).equals(region) && asItShould.test(data.substring(line + 1))) {
                return;
            }
        }
        throw new AssertionError("no such event for " + region + " within " + WITHIN);
    }

    private String next() throws IOException {
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            if (line.startsWith("data:")) {
                data.append(data.isEmpty() ? "" : "\n").append(line.replaceFirst("^data: ?", ""));
            }
        }
        return data.toString();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
