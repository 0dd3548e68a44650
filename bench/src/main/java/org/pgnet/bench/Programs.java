package org.pgnet.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;

/** The programs that pg_net is compared with over HTTP. */
final class Programs {
    private static final Path ROOT = Path.of("/");
    private static final Pattern WRK_RATE = Pattern.compile("Requests/sec: +([0-9.]+)");
    private static final Pattern WRK_ERRORS = Pattern.compile("Non-2xx.*|Socket errors.*");

    private Programs() {}

    /**
     * A run of the C program.
     *
     * @param requests how many were answered
     * @param seconds from the first request to the last response
     * @param cpuSeconds of all its threads in this time
     */
    record CurlRun(int requests, double seconds, double cpuSeconds) {
        double rate() {
            return requests / seconds;
        }
    }

    /** Runs {@code bench/src/main/c/curl_multi.c}: GETs to the addresses in turn, every one of which must be answered. */
    static CurlRun curlMulti(int requests, int inFlight, List<String> urls) {
        List<String> command = new ArrayList<>();
        command.add(PgInstallation.checkout().resolve("bench/target/curl_multi").toString());
        command.add("" + requests);
        command.add("" + inFlight);
        command.addAll(urls);
        String[] figures = Command.run(ROOT, Map.of(), command).strip().split(" ");
        if (!figures[2].equals("0")) {
            throw new AssertionError(figures[2] + " requests of the C program failed");
        }
        return new CurlRun(requests, Double.parseDouble(figures[0]), Double.parseDouble(figures[1]));
    }

    /** Requests a second that wrk gets through. */
    static double wrk(int seconds, int connections, String url) {
        String output =
                Command.run(ROOT, Map.of(), List.of("wrk", "-t1", "-c" + connections, "-d" + seconds + "s", url));
        Matcher rate = WRK_RATE.matcher(output);
        if (!rate.find() || WRK_ERRORS.matcher(output).find()) {
            throw new AssertionError("wrk: " + output);
        }
        return Double.parseDouble(rate.group(1));
    }
}
