package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Locale;
import java.util.Set;

/**
 * Writes requests into {@code net.http_request_queue}, one statement each. The rules are those of the SQL functions: the
 * same C functions add parameters and headers, and the trigger of the table checks the row. A null argument is SQL's
 * null. What is refused is an {@link SQLException} of the database's own.
 */
final class RequestQueue {
    private static final Set<String> STANDARD_METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static final String HEADERS = "?::pg_catalog.jsonb";
    private static final String HEADERS_WITH_TYPE =
            "net._with_default_header(?::pg_catalog.jsonb, 'Content-Type', '%s')";

    private static final String INSERT = """
            insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
            select ?, net._url_with_params(?, ?::pg_catalog.jsonb), request.headers, %s, ?
            from (select %s as headers) request
            where %s
            returning id
            """;

    private static final String ANY = "true";
    private static final String OF_JSON =
            "net._header(request.headers, 'Content-Type') operator(pg_catalog.=) '" + Body.JSON_TYPE + "'";

    // Raised by the database: an exception of Java's would arrive with its class in the message, and without the hint.
    private static final String REFUSE_TYPE = """
            do 'begin
                raise exception using
                    errcode = ''invalid_parameter_value'',
                    message = ''Content-Type header must be "application/json"'',
                    hint = ''net.request sends bodies of any type.'';
            end'
            """;

    private RequestQueue() {}

    /** Queues a request of any method, the standard ones in any case; its body decides the default Content-Type. */
    static long add(String method, String url, String params, String headers, Integer timeoutMillis, Body body)
            throws SQLException {
        String withHeaders = body.isPresent() ? HEADERS_WITH_TYPE.formatted(body.type()) : HEADERS;
        String insert = INSERT.formatted(body.column(), withHeaders, ANY);
        return insert(insert, standard(method), url, params, headers, timeoutMillis, body);
    }

    /** Queues a POST of JSON, or of nothing; another Content-Type is refused. */
    static long addPost(String url, String params, String headers, Integer timeoutMillis, Body json)
            throws SQLException {
        String insert = INSERT.formatted(json.column(), HEADERS_WITH_TYPE.formatted(Body.JSON_TYPE), OF_JSON);
        return insert(insert, "POST", url, params, headers, timeoutMillis, json);
    }

    private static long insert(
            String insert, String method, String url, String params, String headers, Integer timeoutMillis, Body body)
            throws SQLException {
        Connection connection = Session.connection();
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            statement.setString(1, method);
            statement.setString(2, url);
            statement.setString(3, params);
            body.set(statement, 4);
            if (timeoutMillis == null) {
                statement.setNull(5, Types.INTEGER);
            } else {
                statement.setInt(5, timeoutMillis);
            }
            statement.setString(6, headers);
            try (ResultSet rows = statement.executeQuery()) {
                if (rows.next()) {
                    return rows.getLong(1);
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(REFUSE_TYPE);
        }
        throw new IllegalStateException("a request without a row was not refused");
    }

    /** Upper case for what HTTP itself defines; other methods are left as they are, for their case has a meaning. */
    private static String standard(String method) {
        if (method == null || !method.chars().allMatch(c -> c < 128)) {
            return method;
        }
        String upper = method.toUpperCase(Locale.ROOT);
        return STANDARD_METHODS.contains(upper) ? upper : method;
    }
}
