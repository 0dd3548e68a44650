package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** The Java methods give the rows and the errors that the SQL functions give, to a role without privileges. */
@PgNetTest(settings = "pg_net.allowed_hosts = '127.0.0.1'", sql = "CREATE ROLE app LOGIN")
class JavaFunctionsIT {
    @Given
    private static HttpServerFixture server;

    @Given(role = "app")
    private static Session session;

    private static Connection connection;
    private static CallsOfSql sql;
    private static CallsOfJava java;

    @BeforeAll
    static void start() throws SQLException {
        connection = session.connection();
        connection.setAutoCommit(false);
        sql = new CallsOfSql(connection);
        java = new CallsOfJava(connection);
    }

    @TestFactory
    Stream<DynamicTest> requestIsTheSame() {
        return RequestCase.all().stream()
                .map(requestCase -> DynamicTest.dynamicTest(requestCase.signature() + ": " + requestCase.name(), () -> {
                    Outcome expected = Outcome.ofRequest(requestCase, sql, connection);

                    assertThat(expected.sqlState()).isEqualTo(requestCase.sqlState());
                    assertThat(Outcome.ofRequest(requestCase, java, connection)).isEqualTo(expected);
                }));
    }

    @TestFactory
    Stream<DynamicTest> responseIsTheSame() throws SQLException {
        Map<String, Long> ids = ResponseCases.send(connection, server);
        return ids.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    Long id = entry.getValue();
                    Outcome expected = Outcome.ofResponse(id, false, sql, connection);

                    assertThat(expected.text())
                            .startsWith(entry.getKey().startsWith("no ") || id > 999_999 ? "ERROR|" : "SUCCESS|");
                    assertThat(Outcome.ofResponse(id, false, java, connection)).isEqualTo(expected);
                    assertThat(Outcome.ofResponse(id, true, java, connection)).isEqualTo(expected);
                    assertThat(Outcome.ofResponse(id, null, java, connection)).isEqualTo(expected);
                }));
    }

    @Test
    void requestOfThisTransactionIsPending() throws SQLException {
        long id = java.request("http_get(text, jsonb, jsonb, integer)", List.of(server.url("/"), "{}", "{}", 1));

        assertThat(Outcome.ofResponse(id, true, java, connection))
                .isEqualTo(new Outcome("", "PENDING|request is pending"));
    }

    @Test
    void requestThatWaitsSaysForWhat() throws SQLException {
        long scheduled = session.send("SELECT net.request(?, delay => '1 hour')", server.url("/"));
        long retrying = session.send("SELECT net.request(?, policy => 'standard')", server.url("/status/503"));
        connection.commit();
        session.await("SELECT count(*) FROM net._delivery WHERE attempts > 0", 1);

        for (long id : new long[] {scheduled, retrying}) {
            Outcome expected = Outcome.ofResponse(id, true, sql, connection);
            assertThat(Outcome.ofResponse(id, true, java, connection)).isEqualTo(expected);
            assertThat(expected.text())
                    .startsWith(
                            id == scheduled
                                    ? "PENDING|request is scheduled for "
                                    : "PENDING|attempt 1 of 10 failed with status 503, next at ");
        }
        session.execute("SELECT net.cancel(" + scheduled + "), net.cancel(" + retrying + ")", "COMMIT");
    }

    @Test
    void responseThatIsNotStoredIsASuccess() throws SQLException {
        String call = "SELECT net.request(?, store => 'failures')";
        long ofSql = session.send(call, server.url("/delay?ms=500"));
        connection.commit();
        Outcome expected = Outcome.ofResponse(ofSql, false, sql, connection);
        long ofJava = session.send(call, server.url("/delay?ms=500"));
        connection.commit();

        assertThat(expected.text()).startsWith("SUCCESS|");
        assertThat(Outcome.ofResponse(ofJava, false, java, connection)).isEqualTo(expected);
        assertThat(Outcome.ofResponse(ofJava, true, java, connection))
                .isEqualTo(new Outcome("", "ERROR|" + Responses.NOT_FOUND));
    }

    /** As there is after TRUNCATE ... RESTART IDENTITY. */
    @Test
    void responseOfAnOlderRequestIsNotThatOfOneThatWaits(@Given Session superuser) throws SQLException {
        long id = session.send("SELECT net.request(?, delay => '1 hour')", server.url("/"));
        connection.commit();
        superuser.execute(
                "INSERT INTO net._response_detail (id, owner) VALUES (" + id + ", 'app'::regrole)",
                "INSERT INTO net._http_response (id, status_code) VALUES (" + id + ", 200)");

        assertThat(Outcome.ofResponse(id, true, java, connection).text()).startsWith("PENDING|request is scheduled");

        superuser.execute("DELETE FROM net.http_request_queue WHERE id = " + id);
        assertThat(Outcome.ofResponse(id, true, java, connection).text()).startsWith("SUCCESS|ok|200");
    }

    @Test
    void requestOfThisTransactionIsNotWaitedFor() throws SQLException {
        String get = "http_get(text, jsonb, jsonb, integer)";
        long id = sql.request(get, List.of(server.url("/"), "{}", "{}", 1));
        Outcome expected = Outcome.ofResponse(id, false, sql, connection);
        long other = java.request(get, List.of(server.url("/"), "{}", "{}", 1));

        assertThat(expected.sqlState()).isEqualTo("55000");
        assertThat(Outcome.ofResponse(other, false, java, connection).text().replace("" + other, "" + id))
                .isEqualTo(expected.text());
    }
}
