package org.pgnet.server.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgnet.server.database.Capabilities;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;
import org.pgnet.server.page.Format;
import org.pgnet.server.page.RequestFilter;
import org.pgnet.server.page.RequestRow;
import org.pgnet.server.page.RequestSearch;
import org.pgnet.server.page.RequestTab;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What net.requests shows, filtered as the page filters it. */
@Command(
        name = "requests",
        description =
                "Requests, the newest first. A filter is what the page takes: host:api.example.com status:5xx older:10min",
        mixinStandardHelpOptions = true)
final class RequestsCommand implements Callable<Integer> {
    private static final int MOST = 1_000;

    @Mixin
    private ConnectionOptions database;

    @Option(names = "--state", paramLabel = "STATE", description = "waiting, retrying, succeeded, failed or dead")
    private String state = "";

    @Option(names = "--before", paramLabel = "ID", description = "Only those with a lower id: the next page")
    private long before = Long.MAX_VALUE;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many, up to 1000; ${DEFAULT-VALUE} by default")
    private int limit;

    @Option(names = "--json", description = "A JSON object for each request, one a line")
    private boolean json;

    @Parameters(
            paramLabel = "FILTER",
            description = "Words like host:NAME, status:503, owner:ROLE, older:10min, or an id")
    private List<String> words = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws SQLException, IOException {
        RequestFilter filter = RequestFilter.parse(String.join(" ", words));
        RequestTab tab = RequestTab.of(Optional.of(state));
        if (!filter.notes().isEmpty() || !state.isEmpty() && !tab.word().equals(state) || limit < 1 || limit > MOST) {
            throw new ParameterException(
                    spec.commandLine(),
                    filter.notes().stream().findFirst().orElse("No such state, or a limit that is not 1 to 1000."));
        }
        List<Row> rows;
        try (Connection connection = database.open()) {
            Capabilities has = Capabilities.of(connection);
            RequestSearch search = filter.id()
                    .map(RequestSearch::of)
                    .orElseGet(() -> RequestSearch.of(has, tab, filter, before, limit));
            rows = Sql.rows(connection, search.sql(), search.arguments().toArray()).stream()
                    .filter(row -> row.has("id"))
                    .toList();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(rows, out);
        } else {
            rows.stream().map(RequestRow::of).map(RequestsCommand::line).forEach(out::println);
            out.flush();
        }
        return ExitCodes.WELL;
    }

    private static String line(RequestRow row) {
        return String.join(
                        "  ",
                        Terminal.right("" + row.id(), 10),
                        Terminal.column(row.state(), 9),
                        Terminal.column(Format.moment(row.created()), 23),
                        Terminal.column(
                                row.method() + " " + row.place().host()
                                        + row.place().path(),
                                60),
                        Terminal.safe(row.reason()))
                .stripTrailing();
    }
}
