package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.FreePort;
import org.pgnet.testkit.session.Session;

/** {@code call net.fetch(...)}: one statement that queues, commits, waits and returns the response. */
@PgNetTest
class FetchIT {
    private static final String ACTIVE_TRANSACTION = "25001";
    private static final String QUERY_CANCELED = "57014";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void returnsTheResponse() throws SQLException {
        String row = fetch("'" + server.url("/get") + "'");

        assertThat(row).matches("\\d+\\|200\\|\\{.*\"/get\"\\}\\|null");
        assertThat(session.number("SELECT count(*) FROM net._http_response WHERE id = " + row.split("\\|")[0]))
                .isEqualTo(1);
    }

    @Test
    void takesTheArgumentsOfRequest() throws SQLException {
        String url = server.url("/echo?id=fetch-arguments");

        fetch("'" + url + "', '{\"a\": 1}', method => 'PUT', headers => '{\"X-A\": \"b\"}', params => '{\"p\": \"q\"}',"
                + " timeout => '3 s'");

        assertThat(server.received("fetch-arguments")).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("PUT");
            assertThat(request.target()).endsWith("id=fetch-arguments&p=q");
            assertThat(request.header("x-a")).contains("b");
            assertThat(request.text()).isEqualTo("{\"a\": 1}");
        });
    }

    @Test
    void returnsTheErrorOfARequestThatFailed() throws Exception {
        int closed = FreePort.next();

        assertThat(fetch("'http://127.0.0.1:" + closed + "/'"))
                .matches("\\d+\\|null\\|null\\|Couldn't connect to server.*");
    }

    /** A host's row may say that responses are not kept: this one is what the caller waits for. */
    @Test
    void returnsTheResponseOfAHostWhoseResponsesAreNotStored() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, store) VALUES ('127.0.0.1', 'failures')");
        try {
            assertThat(fetch("'" + server.url("/get") + "'")).matches("\\d+\\|200\\|\\{.*\"/get\"\\}\\|null");
        } finally {
            session.execute("DELETE FROM net.hosts");
        }
    }

    @Test
    void mayBeCalledInALoopOutsideOfATransactionBlock() throws SQLException {
        session.execute("DO $$ DECLARE id bigint; status int; content text; error text; BEGIN"
                + " FOR i IN 1..3 LOOP id := NULL; CALL net.fetch('" + server.url("/get")
                + "', NULL, NULL, NULL, NULL, NULL, id, status, content, error);"
                + " ASSERT status = 200 AND content LIKE '%/get%' AND error IS NULL; END LOOP; END $$");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN; CALL net.fetch('%s')",
                "BEGIN; DO $$ DECLARE id bigint; s int; c text; e text;"
                        + " BEGIN CALL net.fetch('%s', NULL, NULL, NULL, NULL, NULL, id, s, c, e); END $$",
                "CALL fetch_in_function('%s')",
            })
    void isRefusedWhereItCannotCommit(String statements) throws SQLException {
        String url = server.url("/get?id=refused");
        try (Session other = cluster.session()) {
            other.execute(
                    "CREATE OR REPLACE PROCEDURE fetch_in_function(url text) LANGUAGE plpgsql SET work_mem = '4MB'"
                            + " AS $$ DECLARE id bigint; s int; c text; e text;"
                            + " BEGIN CALL net.fetch(url, NULL, NULL, NULL, NULL, NULL, id, s, c, e); END $$");

            assertThatThrownBy(() -> other.execute(statements.formatted(url)))
                    .asInstanceOf(type(SQLException.class))
                    .satisfies(refusal -> {
                        assertThat(refusal.getSQLState()).isEqualTo(ACTIVE_TRANSACTION);
                        assertThat(refusal.getMessage()).contains("net.fetch cannot run inside a transaction block");
                    });
        }

        assertThat(server.received("refused")).isEmpty();
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE url LIKE '%refused'"))
                .isZero();
    }

    @Test
    void invalidArgumentsAreRefusedAsByRequest() {
        assertThatThrownBy(() -> fetch("'ftp://example.com/'")).hasMessageContaining("Unsupported URL scheme");
        assertThatThrownBy(() -> fetch("NULL")).isInstanceOf(SQLException.class);
    }

    /** What was committed is sent all the same. */
    @Test
    void endsWhenItIsCancelled() throws SQLException {
        assertThatThrownBy(() -> {
                    try (Session other = cluster.session()) {
                        other.execute("SET statement_timeout = '300ms'");
                        other.execute("CALL net.fetch('" + server.url("/hang?id=fetch-cancelled") + "')");
                    }
                })
                .asInstanceOf(type(SQLException.class))
                .satisfies(refusal -> assertThat(refusal.getSQLState()).isEqualTo(QUERY_CANCELED));
        Eventually.until(
                "sent",
                Duration.ofSeconds(10),
                () -> server.received("fetch-cancelled").size() == 1);
    }

    /** The columns that it returns, by their order. */
    private static String fetch(String arguments) throws SQLException {
        try (Statement statement = session.connection().createStatement();
                ResultSet row = statement.executeQuery("CALL net.fetch(" + arguments + ")")) {
            assertThat(row.next()).isTrue();
            return row.getString("request_id") + "|" + row.getString("status_code") + "|" + row.getString("content")
                    + "|" + row.getString("error_msg");
        }
    }
}
