package org.pgnet.server.command;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;
import org.pgnet.server.database.Stats;
import org.pgnet.server.page.Format;
import org.pgnet.server.page.HostFlow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Hosts, rates and failures in a terminal, redrawn each second. */
@Command(
        name = "top",
        description = "Hosts, rates and failures, redrawn each second until it is interrupted.",
        mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final long SECOND_MILLIS = 1_000;
    private static final int HOSTS = 30;

    @Mixin
    private ConnectionOptions database;

    @Option(names = "--once", description = "Print it once; what happens anyway when the output is no terminal")
    private boolean once;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (Connection connection = database.open()) {
            Optional<Row> before = Optional.empty();
            boolean repeat = !once && System.console() != null;
            do {
                Row stats = Stats.read(connection);
                List<HostFlow> hosts = Sql.rows(connection, HostFlow.QUERY).stream()
                        .map(HostFlow::of)
                        .toList();
                out.print((repeat ? CLEAR : "") + screen(stats, before, hosts));
                out.flush();
                before = Optional.of(stats);
                if (repeat) {
                    Thread.sleep(SECOND_MILLIS);
                }
            } while (repeat);
        }
        return ExitCodes.WELL;
    }

    static String screen(Row stats, Optional<Row> before, List<HostFlow> hosts) {
        StringBuilder screen = new StringBuilder();
        String rate = before.map(earlier ->
                        Format.number(stats.numberOr("attempts", 0) - earlier.numberOr("attempts", 0)) + " started/s, ")
                .orElse("");
        screen.append("worker ")
                .append(stats.textOrEmpty("worker_state"))
                .append("   ")
                .append(rate)
                .append(figure(stats, "queued"))
                .append(", ")
                .append(figure(stats, "in_flight"))
                .append(", ")
                .append(figure(stats, "retrying"))
                .append(", ")
                .append(figure(stats, "dead"))
                .append(System.lineSeparator())
                .append(System.lineSeparator())
                .append(line("ORIGIN", "STATE", "WAITING", "FLIGHT", "STARTED", "FAILED", "P99", "WHY"));
        hosts.stream()
                .sorted(Comparator.comparing(HostFlow::tone).reversed())
                .limit(HOSTS)
                .forEach(host -> screen.append(line(
                        host.origin(),
                        host.state(),
                        Format.number(host.waiting()),
                        Format.number(host.inFlight()),
                        Format.number(host.started()),
                        Format.number(host.failed()),
                        host.p99().orElse(""),
                        host.reason().orElse(""))));
        return screen.toString();
    }

    private static String figure(Row stats, String column) {
        return Format.number(stats.numberOr(column, 0)) + " " + column.replace('_', ' ');
    }

    private static String line(
            String origin,
            String state,
            String waiting,
            String flight,
            String started,
            String failed,
            String p99,
            String why) {
        return String.join(
                                " ",
                                Terminal.column(origin, 36),
                                Terminal.column(state, 14),
                                Terminal.right(waiting, 9),
                                Terminal.right(flight, 7),
                                Terminal.right(started, 10),
                                Terminal.right(failed, 8),
                                Terminal.right(p99, 8),
                                Terminal.safe(why))
                        .stripTrailing()
                + System.lineSeparator();
    }
}
