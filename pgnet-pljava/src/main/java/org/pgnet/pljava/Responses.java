package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;

/** Reads what became of requests, as {@code net.http_collect_response} does. */
final class Responses {
    static final String NOT_FOUND = "request matching request_id not found";

    private static final String AWAIT = "select net._await_response(?)";
    private static final String READ = """
            select r.status_code, r.headers::pg_catalog.text, r.content, r.error_msg
            from net._http_response r
            where r.id operator(pg_catalog.=) ?
            """;
    private static final String PENDING = "select net._pending(?)";

    private Responses() {}

    /**
     * What became of a request; null is no request.
     *
     * @param wait whether to wait until the response is there; where it cannot come, the database refuses (55000)
     */
    static Collected collect(Long requestId, boolean wait) throws SQLException {
        Connection connection = Session.connection();
        boolean hasSucceeded = wait && hasSucceededUnstored(connection, requestId);
        // First the queue, as in SQL: a response beside a queued request is that of an older one of the same id.
        Optional<String> reason = pending(connection, requestId);
        if (reason.isPresent()) {
            return new Collected.Pending(reason.get());
        }
        try (PreparedStatement read = prepare(connection, READ, requestId);
                ResultSet rows = read.executeQuery()) {
            if (rows.next()) {
                return read(rows);
            }
            return hasSucceeded ? new Collected.Succeeded() : new Collected.Failed(NOT_FOUND);
        }
    }

    /** Waits for the response. Null says that it was one that is not stored, but for null, which is no request. */
    private static boolean hasSucceededUnstored(Connection connection, Long requestId) throws SQLException {
        try (PreparedStatement await = prepare(connection, AWAIT, requestId);
                ResultSet row = await.executeQuery()) {
            row.next();
            row.getBoolean(1);
            return row.wasNull() && requestId != null;
        }
    }

    private static Optional<String> pending(Connection connection, Long requestId) throws SQLException {
        try (PreparedStatement pending = prepare(connection, PENDING, requestId);
                ResultSet row = pending.executeQuery()) {
            row.next();
            return Optional.ofNullable(row.getString(1));
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, Long requestId) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        if (requestId == null) {
            statement.setNull(1, Types.BIGINT);
        } else {
            statement.setLong(1, requestId);
        }
        return statement;
    }

    private static Collected read(ResultSet row) throws SQLException {
        String error = row.getString(4);
        if (error != null) {
            return new Collected.Failed(error);
        }
        return new Collected.Response(
                row.getInt(1), Optional.ofNullable(row.getString(2)), Optional.ofNullable(row.getString(3)));
    }
}
