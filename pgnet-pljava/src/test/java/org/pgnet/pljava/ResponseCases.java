package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.Session;

/** Requests with an answer of every kind. */
final class ResponseCases {
    private ResponseCases() {}

    /** Makes the requests in a transaction of their own; the names of their answers, and their ids. */
    static Map<String, Long> send(Connection connection, HttpServerFixture server) throws SQLException {
        server.handle(
                "/repeated",
                request -> Optional.of(new Reply(200, List.of("X-A: 1", "X-A: 2", "X-B: ü"), "Zoë|😀".getBytes())));
        server.handle(
                "/bytes",
                request -> Optional.of(
                        new Reply(200, List.of("Content-Type: application/octet-stream"), new byte[] {0, -1})));
        Map<String, String> urls = new LinkedHashMap<>();
        urls.put("answer", server.url("/get"));
        urls.put("repeated headers", server.url("/repeated"));
        urls.put("bytes", server.url("/bytes"));
        urls.put("status 404", server.url("/status/404"));
        urls.put("no answer", server.url("/drop"));
        Map<String, Long> ids = new LinkedHashMap<>();
        for (Map.Entry<String, String> url : urls.entrySet()) {
            ids.put(url.getKey(), Session.of(connection).get(url.getValue()));
        }
        connection.commit();
        ids.put("unknown request", 1_000_000L);
        ids.put("no request", null);
        return ids;
    }
}
