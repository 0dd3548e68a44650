package org.pgnet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;

/**
 * A run of pgbench: one statement, a transaction each, without synchronous commit.
 *
 * @param rate transactions a second of the whole run
 * @param perSecond transactions of each second
 */
record PgBench(double rate, List<Double> perSecond) {
    private static final Pattern RATE = Pattern.compile("tps = ([0-9.]+) ");
    private static final Pattern PROGRESS = Pattern.compile("progress: [0-9.]+ s, ([0-9.]+) tps");

    static PgBench run(Database database, String statement, int connections, int seconds) throws IOException {
        Path script = Files.createTempFile("pgnet-bench", ".sql");
        try {
            Files.writeString(script, statement + ";\n");
            String command = PgInstallation.shared().program("pgbench") + " -n -P 1 -c " + connections + " -j "
                    + connections + " -T " + seconds + " -f " + script + " -h 127.0.0.1 -p " + database.port()
                    + " -U postgres postgres";
            String output = Command.run(
                    script.getParent(), Map.of("PGOPTIONS", "-c synchronous_commit=off"), List.of(command.split(" ")));
            return read(output);
        } finally {
            Files.delete(script);
        }
    }

    private static PgBench read(String output) {
        Matcher rate = RATE.matcher(output);
        List<Double> perSecond = new ArrayList<>();
        Matcher progress = PROGRESS.matcher(output);
        while (progress.find()) {
            perSecond.add(Double.parseDouble(progress.group(1)));
        }
        if (!rate.find() || perSecond.isEmpty() || output.contains("ERROR")) {
            throw new AssertionError("pgbench: " + output);
        }
        return new PgBench(Double.parseDouble(rate.group(1)), perSecond);
    }
}
