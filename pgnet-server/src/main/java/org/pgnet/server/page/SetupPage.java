package org.pgnet.server.page;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;

/** What is still to be done until requests are sent, each step with its line to copy. Needs no extension. */
public final class SetupPage implements Page {
    private static final String SERVER = """
            select current_database() as database,
                exists (select from pg_available_extensions where name = 'pg_net') as available,
                exists (select from pg_extension where extname = 'pg_net') as installed,
                current_setting('pg_net.database_name', true) as databases,
                concat_ws(', ', nullif(current_setting('pg_net.database_name', true), ''), quote_ident(current_database())) as wanted,
                current_setting('pg_net.ttl', true) is not null as loaded
            """;
    private static final String USE = """
            select net._worker_state() as state, net._worker_failure() as failure,
                net._newest_id() is not null as request
            """;

    /** @param line to copy; empty when there is none */
    public record Step(String title, boolean done, String text, String line) {}

    public record Model(List<Step> steps) {
        public boolean complete() {
            return steps.stream().allMatch(Step::done);
        }
    }

    @Override
    public View view(Look look) throws SQLException {
        Row server = look.rows(SERVER).get(0);
        boolean installed = look.has().installed();
        Row use = installed ? look.rows(USE).get(0) : new Row(Map.of());
        String database = server.textOrEmpty("database");
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(
                "Loaded",
                server.flag("loaded"),
                "The server loads the library when it starts. Add it to what is there already, and restart.",
                "shared_preload_libraries = 'pg_net'   # postgresql.conf"));
        boolean served =
                use.text("state").filter(state -> !state.equals("none")).isPresent();
        steps.add(new Step(
                "Extension",
                installed,
                "Its functions and tables are in this database, " + database + ".",
                "CREATE EXTENSION pg_net;"));
        steps.add(new Step(
                "Served",
                served,
                "A worker sends what this database queues. Served now: "
                        + server.text("databases").orElse("nothing, the library is not loaded") + "."
                        + use.text("failure").map(failure -> " " + failure).orElse(""),
                "ALTER SYSTEM SET pg_net.database_name = " + Sql.literal(server.textOrEmpty("wanted"))
                        + "; SELECT pg_reload_conf();"));
        steps.add(new Step(
                "First request",
                use.flag("request"),
                "Queue one; it is sent when the transaction commits.",
                "SELECT net.request('https://example.com/');"));
        if (look.has().webhooks()) {
            steps.add(new Step(
                    "First webhook",
                    !look.rows("select from net.webhooks limit 1").isEmpty(),
                    "Send each change of a table to a URL, signed.",
                    "SELECT net.create_webhook('orders', 'public.orders', 'https://hooks.example.com/orders');"));
        }
        return new View("Setup", "setup.jte", new Model(steps), Map.of("steps", "part/steps.jte"));
    }
}
