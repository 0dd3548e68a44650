package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** The processes that send, callbacks that fail, and what each policy means on a time axis. */
public final class WorkersPage implements Page {
    private static final String STATE = "select net._worker_state() as state, net._worker_failure() as failure,"
            + " current_database() as database, (select extversion from pg_extension where extname = 'pg_net') as extension,"
            + " current_setting('server_version') as server";
    private static final String PROCESSES = """
            select pid, coalesce(datname, '') as database, coalesce(usename, '') as role, backend_type, backend_start,
                coalesce(state, '') as state
            from pg_stat_activity
            where backend_type like 'pg_net%' or backend_type in ('net launcher', 'net callback', 'net scout')
            order by backend_type, datname, pid limit 200
            """;
    private static final String CALLBACKS = """
            select request_id, pg_get_userbyid(owner) as owner, function, attempts, due, left(error_msg, 500) as error
            from net._callbacks where attempts > 0 order by due limit 50
            """;
    private static final String POLICIES = """
            select name, max_attempts, extract(epoch from max_age)::float8 as max_age, array_to_string(retry_on, ', ') as retry_on, comment,
                (select string_agg(extract(epoch from delay)::text, ' ' order by place)
                    from unnest(delays) with ordinality d (delay, place)) as delays
            from net.policies order by name in ('none', 'quick', 'standard'), name limit 100
            """;

    public record Model(
            String state,
            Tone tone,
            Optional<String> failure,
            String database,
            String versions,
            List<Process> processes,
            List<Callback> callbacks,
            List<PolicyAxis> policies) {}

    public record Process(long pid, String kind, String database, String role, Optional<Instant> started) {}

    public record Callback(
            long request, String function, String owner, long attempts, String error, Optional<Instant> due) {}

    @Override
    public View view(Look look) throws SQLException {
        Row row = look.rows(STATE).get(0);
        String state = row.textOrEmpty("state");
        Model model = new Model(
                state,
                switch (state) {
                    case "running", "resting" -> Tone.WELL;
                    case "starting" -> Tone.DELAYED;
                    default -> Tone.STOPPED;
                },
                row.text("failure"),
                row.textOrEmpty("database"),
                "pg_net " + row.textOrEmpty("extension") + ", PostgreSQL " + row.textOrEmpty("server"),
                look.rows(PROCESSES).stream().map(WorkersPage::process).toList(),
                look.rows(CALLBACKS).stream().map(WorkersPage::callback).toList(),
                look.calmRows(POLICIES).stream().map(PolicyAxis::of).toList());
        return new View(
                "Workers",
                "workers.jte",
                model,
                Map.of("processes", "part/processes.jte", "callbacks", "part/callbacks.jte"));
    }

    private static Process process(Row row) {
        return new Process(
                row.numberOr("pid", 0),
                row.textOrEmpty("backend_type"),
                row.textOrEmpty("database"),
                row.textOrEmpty("role"),
                row.moment("backend_start"));
    }

    private static Callback callback(Row row) {
        return new Callback(
                row.numberOr("request_id", 0),
                row.textOrEmpty("function"),
                row.textOrEmpty("owner"),
                row.numberOr("attempts", 0),
                row.textOrEmpty("error"),
                row.moment("due"));
    }
}
