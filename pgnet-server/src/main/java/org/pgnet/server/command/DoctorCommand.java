package org.pgnet.server.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.pgnet.server.database.Capabilities;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;
import org.pgnet.server.page.Finding;
import org.pgnet.server.page.Format;
import org.pgnet.server.page.Tone;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What net.doctor() finds. */
@Command(
        name = "doctor",
        description = "What is wrong, the worst first, and what to do.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All well",
            "1:Something is delayed, or there is advice",
            "2:Something has stopped, or requests are being lost",
            "64:The command line cannot be read",
            "69:The database cannot be asked"
        })
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions database;

    @Option(names = "--json", description = "A JSON object for each finding, one a line")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<Row> rows;
        try (Connection connection = database.open()) {
            if (!Capabilities.of(connection).doctor()) {
                spec.commandLine()
                        .getErr()
                        .println("pgnet: this database has no net.doctor(): install or update the extension pg_net");
                return ExitCodes.UNAVAILABLE;
            }
            rows = Sql.rows(connection, Finding.QUERY);
        }
        if (json) {
            JsonOutput.print(rows, out);
        } else {
            print(rows.stream().map(Finding::of).toList(), out);
        }
        return exitCode(rows.stream().map(Finding::of).toList());
    }

    private static void print(List<Finding> findings, PrintWriter out) {
        if (findings.isEmpty()) {
            out.println("All well");
        }
        for (Finding finding : findings) {
            out.println(Terminal.column(finding.severity(), 8) + " " + Terminal.safe(finding.finding())
                    + finding.since()
                            .map(since -> " (since " + Format.moment(since) + ")")
                            .orElse(""));
            out.println("         " + Terminal.safe(finding.advice()));
            finding.sql()
                    .ifPresent(sql -> sql.lines().forEach(line -> out.println("           " + Terminal.safe(line))));
        }
        out.flush();
    }

    private static int exitCode(List<Finding> findings) {
        boolean trouble =
                findings.stream().anyMatch(finding -> finding.tone() == Tone.STOPPED || finding.tone() == Tone.LOSING);
        return findings.isEmpty() ? ExitCodes.WELL : trouble ? ExitCodes.TROUBLE : ExitCodes.ADVICE;
    }
}
