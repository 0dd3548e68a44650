package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.session.Session;

/** What stored procedures in Java call. */
@PgNetTest
class PgNetIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    private static Connection connection;

    @BeforeAll
    static void start() throws SQLException {
        connection = session.connection();
        connection.setAutoCommit(false);
    }

    @BeforeEach
    void lend() {
        DefaultConnection.lend(connection);
    }

    @AfterEach
    void rollBack() throws SQLException {
        connection.rollback();
    }

    @Test
    void getIsSentAfterTheCommitAndAnswered() throws SQLException {
        long id = PgNet.get(server.url("/get?id=get"), Map.of("a", "b c"), Map.of("X-A", List.of(1, 2)), TIMEOUT);

        assertThat(PgNet.collect(id)).isEqualTo(new Collected.Pending("request is pending"));
        connection.commit();
        assertThat(PgNet.await(id)).isInstanceOfSatisfying(Collected.Response.class, response -> {
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.headers().get("Content-Type")).containsExactly("application/json");
            assertThat(response.body())
                    .hasValueSatisfying(body -> assertThat(body).contains("/get?id=get&a=b%20c"));
        });
        assertThat(server.received("get").get(0).headers().get("x-a")).containsExactly("1", "2");
    }

    @Test
    void postSendsJson() throws SQLException {
        long ofMap = PgNet.post(server.url("/post?id=map"), Map.of("item", "Zoë's tea"));
        long ofText = PgNet.post(server.url("/post?id=text"), "[1,2]");
        connection.commit();

        assertThat(PgNet.await(ofMap)).isInstanceOf(Collected.Response.class);
        assertThat(PgNet.await(ofText)).isInstanceOf(Collected.Response.class);
        ReceivedRequest received = server.received("map").get(0);
        assertThat(received.text()).isEqualTo("{\"item\": \"Zoë's tea\"}");
        assertThat(received.headers().get("content-type")).containsExactly("application/json");
        assertThat(server.received("text").get(0).text()).isEqualTo("[1, 2]");
    }

    @Test
    void requestSendsBytesByAnyMethod() throws SQLException {
        byte[] body = "a,b".getBytes(StandardCharsets.UTF_8);
        Map<String, String> type = Map.of("Content-Type", "text/csv");
        long with = PgNet.request("patch", server.url("/x?id=with"), body, Map.of(), type, TIMEOUT);
        long without = PgNet.request("DELETE", server.url("/x?id=without"), Map.of(), Map.of(), TIMEOUT);
        connection.commit();

        assertThat(PgNet.await(with)).isInstanceOf(Collected.Response.class);
        assertThat(PgNet.await(without)).isInstanceOf(Collected.Response.class);
        assertThat(server.received("with").get(0).method()).isEqualTo("PATCH");
        assertThat(server.received("with").get(0).text()).isEqualTo("a,b");
        assertThat(server.received("with").get(0).headers().get("content-type")).containsExactly("text/csv");
        assertThat(server.received("without").get(0).method()).isEqualTo("DELETE");
    }

    @Test
    void requestHasWhatTheSqlFunctionTakes() throws SQLException {
        long form = Request.to(server.url("/x?id=form"))
                .form(Map.of("a", "b c"))
                .params(Map.of("p", 1))
                .headers(Map.of("X-A", "é"))
                .timeout(TIMEOUT)
                .send();
        long text = Request.to(server.url("/x?id=text-body"))
                .text("Zoë")
                .method("put")
                .send();
        long bytes =
                Request.to(server.url("/x?id=bytes")).bytes(new byte[] {1, 0}).send();
        long json = Request.to(server.url("/x?id=json")).json(Map.of("a", 1)).send();
        connection.commit();

        for (long id : new long[] {form, text, bytes, json}) {
            assertThat(PgNet.await(id)).isInstanceOf(Collected.Response.class);
        }
        assertThat(server.received("form").get(0).text()).isEqualTo("a=b%20c");
        assertThat(server.received("form").get(0).parameter("p")).contains("1");
        assertThat(server.received("form").get(0).header("content-type")).contains("application/x-www-form-urlencoded");
        assertThat(server.received("text-body").get(0).method()).isEqualTo("PUT");
        assertThat(server.received("text-body").get(0).text()).isEqualTo("Zoë");
        assertThat(server.received("bytes").get(0).body()).containsExactly(1, 0);
        assertThat(server.received("json").get(0).text()).isEqualTo("{\"a\": 1}");
    }

    @Test
    void requestSaysWhenAndHowPersistentlyItIsSent() throws SQLException {
        long id = Request.to(server.url("/x"))
                .policy("quick")
                .delay(Duration.ofMinutes(90))
                .expiresAfter(Duration.ofDays(2).plusMillis(500))
                .send();

        assertThat(session.text(
                        "SELECT policy || ' ' || (expires - not_before) FROM net.http_request_queue WHERE id = ?", id))
                .isEqualTo("quick 1 day 22:30:00.5");
        assertThatThrownBy(() -> Request.to(server.url("/x")).policy("unknown").send())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("policy \"unknown\" does not exist");
    }

    @Test
    void requestThatIsRolledBackIsNotSent() throws SQLException {
        long rolledBack = PgNet.get(server.url("/get?id=rolled-back"));
        connection.rollback();
        long sent = PgNet.get(server.url("/get?id=sent"));
        connection.commit();

        assertThat(PgNet.await(sent)).isInstanceOf(Collected.Response.class);
        assertThat(PgNet.collect(rolledBack)).isEqualTo(new Collected.Failed(Responses.NOT_FOUND));
        assertThat(server.received("rolled-back")).isEmpty();
    }

    @Test
    void failureSaysWhy() throws SQLException {
        long id = PgNet.get(server.url("/hang"), Map.of(), Map.of(), Duration.ofMillis(50));
        connection.commit();

        assertThat(PgNet.await(id))
                .isInstanceOfSatisfying(
                        Collected.Failed.class,
                        failed -> assertThat(failed.reason()).startsWith("Timeout of 50 ms reached"));
    }

    @Test
    void refusalIsTheDatabasesOwn() {
        assertThatThrownBy(() -> PgNet.post(server.url("/"), "1", Map.of(), Map.of("Content-Type", "a/b"), TIMEOUT))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("Content-Type header must be \"application/json\"")
                .hasMessageContaining("net.request sends bodies of any type.");
        assertThatThrownBy(() -> PgNet.get("http://127.0.0.1/", Map.of(), Map.of(), Duration.ofDays(30)))
                .isInstanceOf(ArithmeticException.class);
    }
}
