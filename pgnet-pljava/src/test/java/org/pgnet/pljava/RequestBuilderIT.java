package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.session.Session;

/** {@link Request} makes the rows, and is refused with the errors, of {@code net.request} with the same arguments. */
@PgNetTest(
        sql = {
            "CREATE ROLE app LOGIN",
            "CREATE SCHEMA app AUTHORIZATION app",
            "CREATE FUNCTION app.done(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS ''"
        })
class RequestBuilderIT {
    private static final String URL = "http://127.0.0.1/x";

    /** Methods whose name is not that of the argument. */
    private static final Map<String, String> NAMES =
            Map.of("url", "to", "body", "json", "body_text", "text", "body_bytes", "bytes");

    @Given(role = "app")
    private static Session session;

    private static Connection connection;

    @BeforeAll
    static void start() throws SQLException {
        session.execute("SELECT net.set_secret('token', 'value', hosts => '{http://127.0.0.1}')");
        connection = session.connection();
        connection.setAutoCommit(false);
    }

    @TestFactory
    Stream<DynamicTest> requestIsTheSame() {
        return cases().entrySet().stream()
                .map(example -> DynamicTest.dynamicTest(example.getKey(), () -> {
                    String call = "SELECT net.request('" + URL + "', " + example.getKey() + ")";
                    Outcome expected = Outcome.ofRequest(() -> session.send(call), connection);

                    DefaultConnection.lend(connection);
                    assertThat(Outcome.ofRequest(() -> example.getValue().send(), connection))
                            .isEqualTo(expected);
                    assertThat(expected.text()).isNotEqualTo(plain());
                }));
    }

    /** An argument that is new in SQL needs a method here. */
    @Test
    void everyArgumentHasAMethod() throws SQLException {
        List<String> arguments =
                session.column("SELECT unnest(proargnames) FROM pg_proc WHERE oid = to_regproc('net.request')");
        Set<String> methods = Arrays.stream(Request.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toSet());

        assertThat(arguments)
                .hasSizeGreaterThan(10)
                .allSatisfy(argument -> assertThat(methods).contains(methodOf(argument)));
    }

    private static Map<String, Request> cases() {
        Request request = Request.to(URL);
        return Map.ofEntries(
                Map.entry("'{\"a\": [1]}'", request.json(Map.of("a", List.of(1)))),
                Map.entry("'[1]'", request.json("[1]")),
                Map.entry("body_text => 'Zoë'", request.text("Zoë")),
                Map.entry("body_bytes => '\\x00ff'", request.bytes(new byte[] {0, -1})),
                Map.entry("form => '{\"a\": \"b c\"}'", request.form(Map.of("a", "b c"))),
                Map.entry("method => 'put'", request.method("put")),
                Map.entry("headers => '{\"X\": \"é\"}'", request.headers(Map.of("X", "é"))),
                Map.entry("params => '{\"p\": 1}'", request.params(Map.of("p", 1))),
                Map.entry("timeout => '1.5 s'", request.timeout(Duration.ofMillis(1500))),
                Map.entry("policy => 'standard'", request.policy("standard")),
                Map.entry("policy => 'none'", request.policy("none")),
                Map.entry("policy => 'unknown'", request.policy("unknown")),
                Map.entry(
                        "delay => '90 min', expires_after => '2 days 0.5 s'",
                        request.delay(Duration.ofMinutes(90))
                                .expiresAfter(Duration.ofDays(2).plusMillis(500))),
                Map.entry("delay => '-1 s'", request.delay(Duration.ofSeconds(-1))),
                Map.entry("priority => 'urgent'", request.priority("urgent")),
                Map.entry("priority => 'high'", request.priority("high")),
                Map.entry("order_key => 'cust-7'", request.orderKey("cust-7")),
                Map.entry("on_response => 'app.unknown'", request.onResponse("app.unknown")),
                Map.entry(
                        "on_response => 'app.done', context => '{\"document\": 7}'",
                        request.onResponse("app.done").context(Map.of("document", 7))),
                Map.entry("context => '[1]'", request.context("[1]")),
                Map.entry("store => 'status'", request.store("status")),
                Map.entry("store => 'some'", request.store("some")),
                Map.entry(
                        "secrets => '{token}', headers => '{\"X\": \"{{token}}\"}'",
                        request.secrets("token").headers(Map.of("X", "{{token}}"))),
                Map.entry("secrets => '{token,missing}'", request.secrets("token", "missing")),
                Map.entry("secrets => '{\"a \\\"b\\\\\"}'", request.secrets("a \"b\\")),
                Map.entry("sign_with => 'token'", request.signWith("token")),
                Map.entry("sign_with => 'missing'", request.signWith("missing")),
                Map.entry("'{}', body_text => ''", request.json("{}").text("")));
    }

    private static String plain() throws SQLException {
        return Outcome.ofRequest(() -> session.get(URL), connection).text();
    }

    private static String methodOf(String argument) {
        String name = NAMES.getOrDefault(argument, argument);
        return Stream.of(name.split("_"))
                .map(word -> name.startsWith(word) ? word : word.substring(0, 1).toUpperCase() + word.substring(1))
                .collect(Collectors.joining());
    }
}
