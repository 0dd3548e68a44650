package org.pgnet.pljava;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A request as {@code net.request} takes it, which says what each part means, what is the default, and what is refused:
 *
 * <pre>{@code
 * long id = Request.to("https://example.com/orders").json(Map.of("id", 42)).policy("standard").send();
 * }</pre>
 *
 * Immutable: each method returns a changed copy. {@link PgNet} describes the maps.
 */
public final class Request {
    /** By the names of the function's arguments. */
    private final Map<String, Argument> arguments;

    /** @param expression of one parameter */
    private record Argument(String expression, Object value) {}

    private Request(Map<String, Argument> arguments) {
        this.arguments = arguments;
    }

    /** A request to this URL: a GET, or a POST when it gets a body. */
    public static Request to(String url) {
        return new Request(Map.of()).with("url", "?", url);
    }

    /** The method: any but CONNECT and TRACE; the standard ones in any case. */
    public Request method(String method) {
        return with("method", "?", method);
    }

    /** A body of JSON. */
    public Request json(String json) {
        return with("body", "?::pg_catalog.jsonb", json);
    }

    /** A body of JSON, an object. */
    public Request json(Map<String, ?> members) {
        return json(Json.object(members));
    }

    /** A body of text, sent in UTF-8. */
    public Request text(String text) {
        return with("body_text", "?", text);
    }

    /** A body that is sent byte for byte. */
    public Request bytes(byte[] bytes) {
        return with("body_bytes", "?", bytes.clone());
    }

    /** A body as an HTML form sends it. */
    public Request form(Map<String, ?> fields) {
        return with("form", "?::pg_catalog.jsonb", Json.object(fields));
    }

    /** The headers. */
    public Request headers(Map<String, ?> headers) {
        return with("headers", "?::pg_catalog.jsonb", Json.object(headers));
    }

    /** Parameters to be added to the URL. */
    public Request params(Map<String, ?> params) {
        return with("params", "?::pg_catalog.jsonb", Json.object(params));
    }

    /** From sending to the end of the response; zero for none. */
    public Request timeout(Duration timeout) {
        return with("timeout", timeout);
    }

    /** The name of a policy, of {@code net.policies}: whether it is sent again when it fails. */
    public Request policy(String policy) {
        return with("policy", "?", policy);
    }

    /** It is not sent before so long from now. */
    public Request delay(Duration delay) {
        return with("delay", delay);
    }

    /** It is not begun later than so long from now. */
    public Request expiresAfter(Duration span) {
        return with("expires_after", span);
    }

    /** Requests with the same key are sent one after the other. */
    public Request orderKey(String orderKey) {
        return with("order_key", "?", orderKey);
    }

    /** {@code urgent}, {@code normal} or {@code bulk}. */
    public Request priority(String priority) {
        return with("priority", "?", priority);
    }

    /** The function that is called with the outcome: its name, with its schema where the search path has not got it. */
    public Request onResponse(String function) {
        return with("on_response", "?", function);
    }

    /** What that function is given beside the outcome; {@code net.responses} shows it, too. */
    public Request context(Map<String, ?> context) {
        return context(Json.object(context));
    }

    /** The same, as JSON. */
    public Request context(String json) {
        return with("context", "?::pg_catalog.jsonb", json);
    }

    /** Secrets whose values are put in for <code>{{name}}</code> in header values, URL and form when it is sent. */
    public Request secrets(String... names) {
        return with("secrets", "?::pg_catalog.text[]", arrayOf(names));
    }

    /** The secret whose keys sign it when it is sent, as Standard Webhooks has it. */
    public Request signWith(String secret) {
        return with("sign_with", "?", secret);
    }

    /** How much of the response is kept: {@code all}, {@code status} or {@code failures}. */
    public Request store(String store) {
        return with("store", "?", store);
    }

    /**
     * Queues it, to be sent when the transaction commits, and returns the request id.
     *
     * @throws SQLException with the texts of the SQL function, when it is refused
     */
    public long send() throws SQLException {
        String list = arguments.entrySet().stream()
                .map(argument ->
                        argument.getKey() + " => " + argument.getValue().expression())
                .collect(Collectors.joining(", "));
        List<Argument> values = new ArrayList<>(arguments.values());
        try (PreparedStatement statement = Session.connection().prepareStatement("select net.request(" + list + ")")) {
            for (int i = 0; i < values.size(); i++) {
                if (values.get(i).value() instanceof byte[] bytes) {
                    statement.setBytes(i + 1, bytes);
                } else {
                    statement.setString(i + 1, (String) values.get(i).value());
                }
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** PostgreSQL reads the notation of ISO 8601, in which a duration is printed. */
    private Request with(String name, Duration span) {
        return with(name, "?::pg_catalog.interval", span.toString());
    }

    /** As PostgreSQL reads an array. */
    private static String arrayOf(String... names) {
        return Stream.of(names)
                .map(name -> '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }

    private Request with(String name, String expression, Object value) {
        Map<String, Argument> more = new LinkedHashMap<>(arguments);
        more.put(name, new Argument(expression, value));
        return new Request(more);
    }
}
