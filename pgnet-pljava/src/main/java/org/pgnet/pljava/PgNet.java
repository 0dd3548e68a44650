package org.pgnet.pljava;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/**
 * Asynchronous HTTP from stored procedures in Java. A request is a row that is sent after the caller's transaction
 * commits, and never when it, or its savepoint, is rolled back; it belongs to the role in force.
 *
 * <p>A trigger function that reports each new order:
 *
 * <pre>{@code
 * public static void announce(TriggerData trigger) throws SQLException {
 *     ResultSet order = trigger.getNew();
 *     PgNet.post("https://example.com/orders", Map.of("id", order.getLong("id"), "item", order.getString("item")));
 * }
 * }</pre>
 *
 * {@code src/example/java} of this module has it whole; its README says how to install it.
 *
 * <p>{@code params} are percent-encoded and added to the URL's query; {@code headers} are the request's, where an iterable
 * sends a line for each element and {@code ""} suppresses a header of libcurl's own. Their values, and those of a JSON
 * body, are maps, iterables, numbers, booleans or null, and anything else is its {@code toString()}.
 *
 * <p>A timeout runs from sending to the end of the response, is at most {@link Integer#MAX_VALUE} milliseconds, and zero is
 * none. {@link Request} has what {@code net.request} has beyond that: policies, delays, callbacks, forms. A refused request
 * is an {@link SQLException} with the texts of the SQL functions; after it the transaction, or the savepoint, can only be
 * rolled back. To be called on the thread that PL/Java runs the procedure on.
 */
public final class PgNet {
    /** The timeout where none is given: 5 s. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    private PgNet() {}

    /** Queues a GET, and returns the request id. */
    public static long get(String url) throws SQLException {
        return get(url, Map.of(), Map.of(), DEFAULT_TIMEOUT);
    }

    /** Queues a GET, and returns the request id. */
    public static long get(String url, Map<String, ?> params, Map<String, ?> headers, Duration timeout)
            throws SQLException {
        return request("GET", url, Body.none(), params, headers, timeout);
    }

    /** Queues a POST of a JSON object, and returns the request id. */
    public static long post(String url, Map<String, ?> body) throws SQLException {
        return post(url, Json.object(body), Map.of(), Map.of(), DEFAULT_TIMEOUT);
    }

    /** Queues a POST of JSON, and returns the request id. */
    public static long post(String url, String json) throws SQLException {
        return post(url, json, Map.of(), Map.of(), DEFAULT_TIMEOUT);
    }

    /** Queues a POST of JSON, and returns the request id. A Content-Type other than application/json is refused. */
    public static long post(String url, String json, Map<String, ?> params, Map<String, ?> headers, Duration timeout)
            throws SQLException {
        return RequestQueue.addPost(url, Json.object(params), Json.object(headers), millis(timeout), Body.json(json));
    }

    /**
     * Queues a request without a body, and returns the request id.
     *
     * @param method any but CONNECT and TRACE; the standard ones in any case
     */
    public static long request(
            String method, String url, Map<String, ?> params, Map<String, ?> headers, Duration timeout)
            throws SQLException {
        return request(method, url, Body.none(), params, headers, timeout);
    }

    /**
     * Queues a request with a body, sent byte for byte, and returns the request id.
     *
     * @param method any but CONNECT and TRACE; the standard ones in any case
     * @param headers without a Content-Type, {@code application/octet-stream} is sent
     */
    public static long request(
            String method, String url, byte[] body, Map<String, ?> params, Map<String, ?> headers, Duration timeout)
            throws SQLException {
        return request(method, url, Body.bytes(body), params, headers, timeout);
    }

    /** What became of a request so far. */
    public static Collected collect(long requestId) throws SQLException {
        return Responses.collect(requestId, false);
    }

    /**
     * What became of a request, when it is answered. It waits for requests of earlier transactions only: one of this
     * transaction is not sent yet, and refused (SQLSTATE 55000).
     */
    public static Collected await(long requestId) throws SQLException {
        return Responses.collect(requestId, true);
    }

    private static long request(
            String method, String url, Body body, Map<String, ?> params, Map<String, ?> headers, Duration timeout)
            throws SQLException {
        return RequestQueue.add(method, url, Json.object(params), Json.object(headers), millis(timeout), body);
    }

    private static int millis(Duration timeout) {
        return Math.toIntExact(timeout.toMillis());
    }
}
