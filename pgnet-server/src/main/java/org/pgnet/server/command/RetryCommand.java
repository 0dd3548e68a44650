package org.pgnet.server.command;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgnet.server.change.Change;
import org.pgnet.server.change.Changes;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends again what waits for its next attempt, or is dead. */
@Command(
        name = "retry",
        description =
                "Send requests again: some by their ids, or all that failed at a host since a moment. Shows the SQL,"
                        + " and asks.",
        mixinStandardHelpOptions = true)
final class RetryCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions database;

    @Parameters(paramLabel = "ID", description = "Requests that wait for their next attempt, or are dead")
    private List<Long> ids = List.of();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "All of a host, like api.example.com or *.example.com; with --since")
    private String host;

    @Option(names = "--since", paramLabel = "TIME", description = "What failed since then, like '2026-11-26 12:00'")
    private String since;

    @Option(
            names = "--max",
            paramLabel = "N",
            defaultValue = "1000",
            description = "At most so many of a host; ${DEFAULT-VALUE} by default")
    private long most;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "So many a second of a host; as many as its rules allow without it")
    private BigDecimal rate;

    @Option(names = "--yes", description = "Do not ask")
    private boolean yes;

    @Option(names = "--json", description = "What the statement returns, a JSON object a line")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, IOException {
        Change change = change();
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.println(change.sql());
            out.flush();
        }
        if (!yes && !agreed(change)) {
            return ExitCodes.ADVICE;
        }
        try (Connection connection = database.open()) {
            List<Row> rows = Sql.run(connection, change.sql());
            if (json) {
                JsonOutput.print(rows, out);
            } else {
                out.println(change.result().of(rows));
            }
        }
        out.flush();
        return ExitCodes.WELL;
    }

    private Change change() {
        boolean byHost = host != null && since != null && ids.isEmpty() && most > 0;
        boolean byId =
                host == null && since == null && rate == null && !ids.isEmpty() && ids.size() <= Changes.MOST_REQUESTS;
        if (!byHost && !byId) {
            throw new ParameterException(
                    spec.commandLine(), "Give ids, up to " + Changes.MOST_REQUESTS + ", or --host and --since.");
        }
        if (rate != null && rate.signum() <= 0) {
            throw new ParameterException(spec.commandLine(), "--rate takes a number of more than 0.");
        }
        return byHost ? Changes.retryHost(host, since, most, Optional.ofNullable(rate)) : Changes.retry(ids);
    }

    private boolean agreed(Change change) {
        Console console = System.console();
        if (console == null) {
            throw new ParameterException(spec.commandLine(), "Nobody is there to ask: give --yes.");
        }
        return console.readLine("%s [y/N] ", change.title())
                .strip()
                .toLowerCase(Locale.ROOT)
                .startsWith("y");
    }
}
