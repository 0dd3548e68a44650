package org.pgnet.worker.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.pgnet.worker.memory.Wishes;
import org.pgnet.worker.spi.IdRange;

/** The tables of the extension, by SQL. */
public final class SqlTables implements StoreTables {
    private static final String INSERT =
            "INSERT INTO net.http_request_queue (method, url, headers, body, timeout_milliseconds) ";

    private final Connection connection;
    private final Connection other;

    /**
     * Both connections stay the caller's, and commit each statement.
     *
     * @param connection a superuser's
     * @param other a superuser's, for what lasts longer than a statement
     */
    public SqlTables(Connection connection, Connection other) {
        this.connection = connection;
        this.other = other;
    }

    /** What is read of the one row that a statement returns. */
    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private interface Transaction {
        void end() throws SQLException;
    }

    /** Deletes requests and responses. */
    public void empty() {
        execute(
                connection,
                "TRUNCATE net.http_request_queue, net._http_response, net.attempts, net.dead_letters RESTART IDENTITY");
    }

    @Override
    public long insert(String method, String url, String headersJson, String body, int timeoutMillis) {
        return one(
                INSERT + "VALUES (?, ?, ?::jsonb, ?, ?) RETURNING id",
                row -> row.getLong(1),
                method,
                url,
                headersJson,
                body.getBytes(UTF_8),
                timeoutMillis);
    }

    @Override
    public long insertGet(String url, Wishes wishes) {
        return one(
                "INSERT INTO net.http_request_queue (method, url, policy, not_before, expires, store, priority,"
                        + " order_key) VALUES ('GET', ?, nullif(?, ''), ?::text::timestamptz, ?::text::timestamptz,"
                        + " lower(?), lower(?), nullif(?, '')) RETURNING id",
                row -> row.getLong(1),
                url,
                wishes.policy(),
                wishes.notBefore().map(Instant::toString).orElse(null),
                wishes.expires().map(Instant::toString).orElse(null),
                wishes.store().name(),
                wishes.priority().name(),
                wishes.orderKey());
    }

    @Override
    public long insertPost(String url, String headersJson, String body, Wishes wishes) {
        return one(
                "INSERT INTO net.http_request_queue (method, url, headers, body, policy)"
                        + " VALUES ('POST', ?, ?::jsonb, ?, nullif(?, '')) RETURNING id",
                row -> row.getLong(1),
                url,
                headersJson,
                body.getBytes(UTF_8),
                wishes.policy());
    }

    @Override
    public List<String> deadLetters(long id) {
        return one(
                "SELECT array_agg(concat_ws(' ', method, url, headers, convert_from(coalesce(body, ''), 'UTF8'),"
                        + " policy, reason, attempts, coalesce(status_code, 0), coalesce(error_msg, '')) ORDER BY died)"
                        + " FROM net.dead_letters WHERE id = ?",
                SqlTables::texts,
                id);
    }

    @Override
    public boolean retry(long id) {
        return one("SELECT net.retry(?)", row -> row.getBoolean(1), id);
    }

    @Override
    public void rewrite() {
        execute(connection, "ALTER TABLE net.http_request_queue ADD rewritten float DEFAULT random()");
        execute(connection, "ALTER TABLE net.http_request_queue DROP rewritten");
    }

    @Override
    public List<String> attempts(long id) {
        return one(
                "SELECT array_agg(format('%s %s %s', attempt, coalesce(status_code, 0), error_msg) ORDER BY attempt)"
                        + " FROM net.attempts WHERE request_id = ?",
                SqlTables::texts, id);
    }

    private static List<String> texts(ResultSet row) throws SQLException {
        return row.getArray(1) == null
                ? List.of()
                : List.of((String[]) row.getArray(1).getArray());
    }

    @Override
    public int kept() {
        return one("SELECT count(*) FROM net._delivery", row -> row.getInt(1));
    }

    @Override
    public IdRange insertGets(String url, int count) {
        return one(
                "WITH inserted AS (" + INSERT + "SELECT 'GET', ?, NULL, NULL, 5000 FROM generate_series(1, ?)"
                        + " RETURNING id) SELECT min(id), max(id) FROM inserted",
                row -> new IdRange(row.getLong(1), row.getLong(2)),
                url,
                count);
    }

    @Override
    public void whileUncommitted(String url, Runnable action) {
        during(INSERT + "VALUES ('GET', '" + url + "', NULL, NULL, 5000)", action, other::commit);
    }

    @Override
    public void update(long id, String url) {
        execute(connection, "UPDATE net.http_request_queue SET url = ? WHERE id = ?", url, id);
    }

    @Override
    public void delete(long id) {
        execute(connection, "DELETE FROM net.http_request_queue WHERE id = ?", id);
    }

    @Override
    public void truncate() {
        execute(connection, "TRUNCATE net.http_request_queue RESTART IDENTITY");
    }

    @Override
    public void whileLocked(long id, Runnable action) {
        during("SELECT FROM net.http_request_queue WHERE id = " + id + " FOR UPDATE", action, other::rollback);
    }

    @Override
    public void whileRefused(int status, Runnable action) {
        execute(
                connection,
                "ALTER TABLE net._http_response ADD CONSTRAINT refused CHECK (status_code <> " + status + ")");
        try {
            action.run();
        } finally {
            execute(connection, "ALTER TABLE net._http_response DROP CONSTRAINT refused");
        }
    }

    @Override
    public void whileHidden(Runnable action) {
        execute(connection, "ALTER TABLE net.http_request_queue RENAME TO hidden");
        try {
            action.run();
        } finally {
            execute(connection, "ALTER TABLE net.hidden RENAME TO http_request_queue");
        }
    }

    @Override
    public int queued() {
        return one("SELECT count(*) FROM net.http_request_queue", row -> row.getInt(1));
    }

    @Override
    public int responses() {
        return one("SELECT count(*) FROM net._http_response", row -> row.getInt(1));
    }

    @Override
    public Optional<StoredResponse> response(long id) {
        return query(
                "SELECT *, (extract(epoch FROM duration) * 1000000)::bigint AS micros FROM net.responses"
                        + " WHERE id = ?",
                SqlTables::response,
                id);
    }

    private static StoredResponse response(ResultSet row) throws SQLException {
        return new StoredResponse(
                Optional.ofNullable((Integer) row.getObject("status_code")),
                Optional.ofNullable(row.getString("content_type")),
                StoredResponse.headers(
                        Optional.ofNullable(row.getString("headers")).orElse("")),
                Optional.ofNullable(row.getString("content")),
                Optional.ofNullable(row.getBytes("body")).map(StoredResponse::hex),
                row.getBoolean("timed_out"),
                Optional.ofNullable(row.getString("error_msg")),
                row.getInt("attempts"),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                Duration.of(row.getLong("micros"), ChronoUnit.MICROS),
                Optional.ofNullable(row.getString("method")).orElse(""),
                Optional.ofNullable(row.getString("url")).orElse(""));
    }

    /** Runs the action in a transaction that has begun with a statement. */
    private void during(String sql, Runnable action, Transaction transaction) {
        try {
            other.setAutoCommit(false);
            execute(other, sql);
            action.run();
            transaction.end();
        } catch (SQLException e) {
            throw new AssertionError(e);
        } finally {
            rollBack();
        }
    }

    private void rollBack() {
        try {
            other.rollback();
            other.setAutoCommit(true);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private <T> T one(String sql, RowReader<T> reader, Object... arguments) {
        return query(sql, reader, arguments).orElseThrow();
    }

    private <T> Optional<T> query(String sql, RowReader<T> reader, Object... arguments) {
        try (PreparedStatement statement = prepare(connection, sql, arguments);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private static void execute(Connection on, String sql, Object... arguments) {
        try (PreparedStatement statement = prepare(on, sql, arguments)) {
            statement.execute();
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private static PreparedStatement prepare(Connection on, String sql, Object... arguments) throws SQLException {
        PreparedStatement statement = on.prepareStatement(sql);
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
        return statement;
    }
}
