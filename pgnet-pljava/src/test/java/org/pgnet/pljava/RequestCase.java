package org.pgnet.pljava;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A call of a request function, with all its arguments.
 *
 * @param signature as in {@code http_get(text, jsonb, jsonb, integer)}
 * @param sqlState what it is refused with; empty when it gives a row
 */
record RequestCase(String name, String signature, List<Object> arguments, String sqlState) {
    private static final String GET = "http_get(text, jsonb, jsonb, integer)";
    private static final String POST = "http_post(text, jsonb, jsonb, jsonb, integer)";
    private static final String DELETE = "http_delete(text, jsonb, jsonb, integer, jsonb)";

    private static final String URL = "http://127.0.0.1/x";
    private static final String JSON_TYPE = "{\"Content-Type\": \"application/json\"}";
    private static final String INVALID = "22023";
    private static final String NOT_NULL = "23502";
    private static final String NO_JSON = "22P02";

    /** Normal use, and every refusal. */
    static List<RequestCase> all() {
        List<RequestCase> cases = new ArrayList<>();
        cases.addAll(normalUse());
        cases.addAll(refusals());
        return cases;
    }

    private static List<RequestCase> normalUse() {
        return List.of(
                row("get", GET, URL, "{}", "{}", 5000),
                row("params", GET, URL + "?x=1#f", "{\"a b\": \"c&d\", \"n\": 1.50, \"z\": null, \"é\": [1]}", "{}", 0),
                row("headers", GET, URL, "{}", "{\"Accept\": [\"a\", \"b\"], \"X\": null, \"User-Agent\": \"\"}", 1),
                row("nulls", GET, URL, null, null, 5000),
                row("the host's timeout", GET, URL, "{}", "{}", null),
                row("capitals in the scheme", GET, "HTTP://127.0.0.1", "{}", "{}", 2147483647),
                row("post", POST, URL, "{\"b\":1,  \"a\": \"Zoë '\\\"\"}", "{}", JSON_TYPE, 5000),
                row("post without a body", POST, URL, null, "{\"p\": 1}", null, 5000),
                row("post with headers", POST, URL, "{}", "{}", "{\"X-A\": \"b\"}", 5000),
                row(
                        "post with a type in capitals",
                        POST,
                        URL,
                        "{}",
                        "{}",
                        "{\"CONTENT-TYPE\": \"application/json\"}",
                        5),
                row("post with a null type", POST, URL, "{}", "{}", "{\"Content-Type\": null}", 5000),
                row("post with a null type in capitals", POST, URL, "{}", "{}", "{\"CONTENT-TYPE\": null}", 5000),
                row("post of a large number", POST, URL, "1" + "0".repeat(3000), "{}", "{}", 5000),
                row("post of JSON's null", POST, URL, "null", "{}", "{}", 5000),
                row("delete", DELETE, URL, "{}", "{}", 5000, null),
                row("delete with a body", DELETE, URL, "{}", "{}", 5000, "[1,2]"),
                row("delete with a type", DELETE, URL, "{}", "{\"content-type\": \"a/b\"}", 5000, "{}"));
    }

    private static List<RequestCase> refusals() {
        return List.of(
                refused("no URL", NOT_NULL, GET, null, "{}", "{}", 5000),
                refused("no URL of a post", NOT_NULL, POST, null, "{}", "{}", "{}", 5000),
                refused("negative timeout", INVALID, GET, URL, "{}", "{}", -1),
                refused("other scheme", INVALID, GET, "ftp://127.0.0.1/", "{}", "{}", 5000),
                refused("no scheme", INVALID, GET, "localhost", "{}", "{}", 5000),
                refused("malformed URL", INVALID, GET, "/malformed_url", "{}", "{}", 5000),
                refused("malformed port", INVALID, POST, "http://user:secret@127.0.0.1:x/?k", "{}", "{}", "{}", 5000),
                refused("params of another type", INVALID, GET, URL, "[1]", "{}", 5000),
                refused("headers of another type", INVALID, GET, URL, "{}", "\"a\"", 5000),
                refused("headers of a post of another type", INVALID, POST, URL, "{}", "{}", "[]", 5000),
                refused("headers of JSON's null", INVALID, GET, URL, "{}", "null", 5000),
                refused("line end in a header", INVALID, GET, URL, "{}", "{\"X-A\": \"b\\r\\nX-C: d\"}", 5000),
                refused("line end in an array", INVALID, DELETE, URL, "{}", "{\"X-A\": [\"b\\n\"]}", 5000, null),
                refused("line end in a header's name", INVALID, GET, URL, "{}", "{\"X\\n\": \"b\"}", 5000),
                refused("NUL in a header", "22P05", GET, URL, "{}", "{\"X\": \"\\u0000\"}", 5000),
                refused("header without a name", INVALID, GET, URL, "{}", "{\"\": \"b\"}", 5000),
                refused(
                        "other type of a post",
                        INVALID,
                        POST,
                        URL,
                        "{}",
                        "{}",
                        "{\"Content-Type\": \"text/plain\"}",
                        5),
                refused(
                        "parameter of the type",
                        INVALID,
                        POST,
                        URL,
                        "1",
                        "{}",
                        "{\"content-type\": \"text/json\"}",
                        5000),
                refused("two types of a post", INVALID, POST, URL, "1", "{}", "{\"Content-Type\": [\"a/b\"]}", 5000),
                refused("host that is not allowed", "42501", GET, "http://denied.test/", "{}", "{}", 5000),
                refused("body that is no JSON", NO_JSON, POST, URL, "no json", "{}", "{}", 5000),
                refused("params that are no JSON", NO_JSON, GET, URL, "{", "{}", 5000),
                refused("headers that are no JSON", NO_JSON, GET, URL, "{}", "", 5000));
    }

    private static RequestCase row(String name, String signature, Object... arguments) {
        return refused(name, "", signature, arguments);
    }

    private static RequestCase refused(String name, String sqlState, String signature, Object... arguments) {
        return new RequestCase(name, signature, Arrays.asList(arguments), sqlState);
    }
}
