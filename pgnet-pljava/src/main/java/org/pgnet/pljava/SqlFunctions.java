package org.pgnet.pljava;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The functions of schema {@code net}, as PL/Java calls them: JSON arrives as text, and a null argument is SQL's null.
 * Their signatures follow from those of the SQL functions; stored procedures call {@link PgNet} instead.
 *
 * <p>Each request function returns the request id. What is refused is an {@link SQLException} of the database's own.
 */
public final class SqlFunctions {
    private SqlFunctions() {}

    /** {@code net.http_get}. */
    public static long httpGet(String url, String params, String headers, Integer timeoutMillis) throws SQLException {
        return RequestQueue.add("GET", url, params, headers, timeoutMillis, Body.none());
    }

    /** {@code net.http_post}. */
    public static long httpPost(String url, String body, String params, String headers, Integer timeoutMillis)
            throws SQLException {
        return RequestQueue.addPost(url, params, headers, timeoutMillis, Body.json(body));
    }

    /** {@code net.http_delete}. */
    public static long httpDelete(String url, String params, String headers, Integer timeoutMillis, String body)
            throws SQLException {
        return RequestQueue.add("DELETE", url, params, headers, timeoutMillis, Body.json(body));
    }

    /**
     * {@code net.http_collect_response}.
     *
     * @param async false to wait for the response
     * @param result the row to write, of type {@code net.http_response_result}
     * @return true: there is always a row
     */
    public static boolean httpCollectResponse(Long requestId, Boolean async, ResultSet result) throws SQLException {
        Collected collected = Responses.collect(requestId, Boolean.FALSE.equals(async));
        if (collected instanceof Collected.Response response) {
            write(result, "SUCCESS", "ok");
            result.updateObject(3, new ResponseValue(response));
        } else if (collected instanceof Collected.Failed failed) {
            write(result, "ERROR", failed.reason());
        } else if (collected instanceof Collected.Succeeded) {
            write(result, "SUCCESS", "ok: a 2xx status, and the response is not stored");
        } else {
            write(result, "PENDING", ((Collected.Pending) collected).reason());
        }
        return true;
    }

    private static void write(ResultSet result, String status, String message) throws SQLException {
        result.updateString(1, status);
        result.updateString(2, message);
    }
}
