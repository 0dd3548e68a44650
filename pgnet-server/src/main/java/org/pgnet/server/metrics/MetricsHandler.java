package org.pgnet.server.metrics;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.pgnet.server.database.Capabilities;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.RoleDatabase;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;
import org.pgnet.server.database.Stats;
import org.pgnet.server.web.Answer;
import org.pgnet.server.web.Call;
import org.pgnet.server.web.Handler;

/** {@code /metrics}. However many ask, the database is asked once a second. */
public final class MetricsHandler implements Handler {
    private static final Duration AGE = Duration.ofSeconds(1);
    private static final String HOSTS = """
            select s.*, extract(epoch from s.p50)::float8 as p50_seconds, extract(epoch from s.p90)::float8 as p90_seconds,
                extract(epoch from s.p99)::float8 as p99_seconds
            from net.stat_host s
            """;

    private final RoleDatabase database;

    /** @param connector its own role is the one whose figures these are; a member of pg_monitor sees all hosts */
    public MetricsHandler(Connector connector) {
        database = new RoleDatabase(connector);
    }

    @Override
    public Answer answer(Call call) {
        boolean open = call.accept().contains("application/openmetrics-text");
        Exposition text = new Exposition(open);
        try {
            Metrics.write(database.read("metrics", AGE, MetricsHandler::read), text);
        } catch (SQLException e) {
            text = new Exposition(open);
            Metrics.writeDown(text);
        }
        return Answer.of(
                200,
                open ? Exposition.OPEN_METRICS : Exposition.PROMETHEUS,
                text.text().getBytes(StandardCharsets.UTF_8));
    }

    private static Metrics.Reading read(Connection connection) throws SQLException {
        Capabilities has = Capabilities.of(connection);
        List<Row> findings = has.doctor() ? Sql.rows(connection, "select severity from net.doctor()") : List.of();
        return new Metrics.Reading(
                Stats.read(connection),
                Sql.rows(connection, has.latency() ? HOSTS : "select * from net.stat_host"),
                findings);
    }
}
