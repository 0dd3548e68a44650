package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.SQLException;
import org.pgnet.testkit.session.Session;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a call gave, but for its id.
 *
 * @param sqlState empty when it was not refused
 * @param text the row, or message and hint
 */
record Outcome(String sqlState, String text) {
    /** Makes a request, and returns its id. */
    interface Request {
        long id() throws SQLException;
    }

    private interface Call {
        String text() throws SQLException;
    }

    /** Of a request, which is rolled back. Without autocommit. */
    static Outcome ofRequest(RequestCase requestCase, Calls calls, Connection connection) throws SQLException {
        return ofRequest(() -> calls.request(requestCase.signature(), requestCase.arguments()), connection);
    }

    /** Of a request, which is rolled back. Without autocommit. */
    static Outcome ofRequest(Request request, Connection connection) throws SQLException {
        return of(connection, () -> row(connection, request.id()));
    }

    /** Of a response. Without autocommit. */
    static Outcome ofResponse(Long requestId, Boolean async, Calls calls, Connection connection) throws SQLException {
        return of(connection, () -> calls.collect(requestId, async));
    }

    private static Outcome of(Connection connection, Call call) throws SQLException {
        try {
            return new Outcome("", call.text());
        } catch (PSQLException refusal) {
            ServerErrorMessage error = refusal.getServerErrorMessage();
            return new Outcome(refusal.getSQLState(), error.getMessage() + "|" + error.getHint());
        } finally {
            connection.rollback();
        }
    }

    private static String row(Connection connection, long id) throws SQLException {
        String query = "SELECT to_jsonb(q) - '{id,created,not_before,expires,body}'::text[] || jsonb_build_object("
                + "'body', encode(body, 'escape'), 'delay', date_trunc('minute', not_before - created + '30 s'),"
                + " 'begins within', expires - not_before) FROM net.http_request_queue q WHERE id = ?";
        return Session.of(connection).text(query, id);
    }
}
