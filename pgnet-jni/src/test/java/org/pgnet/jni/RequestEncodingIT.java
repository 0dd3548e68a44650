package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/**
 * What of a request is text is sent in UTF-8, whatever the database's encoding: text that cannot be is an error of the call,
 * since the worker could not read such a row.
 */
@PgNetTest(
        sql = {
            "CREATE DATABASE win1252 TEMPLATE template0 LOCALE 'C' ENCODING 'WIN1252'",
            "CREATE DATABASE sql_ascii TEMPLATE template0 LOCALE 'C' ENCODING 'SQL_ASCII'",
            "CREATE DATABASE euc_jp TEMPLATE template0 LOCALE 'C' ENCODING 'EUC_JP'"
        },
        databases = {"win1252", "sql_ascii", "euc_jp"},
        cluster = Sharing.WITH_NONE)
class RequestEncodingIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @BeforeAll
    static void createExtensions() throws SQLException {
        for (String database : new String[] {"win1252", "sql_ascii", "euc_jp"}) {
            try (Session session = cluster.session(database, "postgres")) {
                session.execute("CREATE EXTENSION pg_net");
            }
        }
    }

    /** Bytes that are characters of the encoding, or that it does not look at, and nothing in Unicode. */
    @ParameterizedTest
    @CsvSource({"win1252, 81", "sql_ascii, e9", "sql_ascii, eda080", "euc_jp, a9a1"})
    void textThatIsNotInUnicodeIsRefusedByTheCall(String database, String hex) throws SQLException {
        String text = "convert_from('\\x" + hex + "', '" + database + "')";
        try (Session caller = cluster.session(database, "postgres")) {
            for (String call : new String[] {
                "net.http_get('" + server.url("/get?q=") + "' || " + text + ")",
                "net.http_get('" + server.url("/get") + "', params := jsonb_build_object('q', " + text + "))",
                "net.http_get('" + server.url("/get") + "', headers := jsonb_build_object('X', " + text + "))",
                "net.http_get('" + server.url("/get") + "', headers := jsonb_build_object('X', jsonb_build_array('a', "
                        + text + ")))",
                "net.http_get('" + server.url("/get") + "', headers := jsonb_build_object('X', jsonb_build_object('a', "
                        + text + ")))",
            }) {
                assertThatThrownBy(() -> caller.send("SELECT " + call))
                        .as(call)
                        .hasMessageContaining("cannot be converted to UTF-8")
                        .asInstanceOf(type(SQLException.class))
                        .satisfies(error -> assertThat(error.getSQLState()).isEqualTo("22021"));
            }
            assertThatThrownBy(() ->
                            caller.send("INSERT INTO net.http_request_queue (method, url, headers) VALUES ('GET', '"
                                    + server.url("/get") + "', jsonb_build_object('X', " + text + ")) RETURNING id"))
                    .hasMessageContaining("header \"X\" cannot be converted to UTF-8");
            assertThat(caller.fetch(server.url("/get")).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"win1252, e9, é", "sql_ascii, c3a9, é", "euc_jp, c6fccbdc, 日本"})
    void textOfTheDatabaseIsSentInUtf8(String database, String hex, String character) throws SQLException {
        String text = "convert_from('\\x" + hex + "', '" + database + "')";
        try (Session caller = cluster.session(database, "postgres")) {
            ResponseRow row = caller.answer("SELECT net.http_get('" + server.url("/get?id=" + database + "&q=")
                    + "' || " + text + ", headers := jsonb_build_object('X-A', " + text + "))");
            assertThat(row.error()).isEmpty();
        }
        ReceivedRequest received = server.received(database).get(0);
        assertThat(received.parameter("q")).contains(character);
        assertThat(received.header("x-a")
                        .map(value -> new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)))
                .contains(character);
    }

    @Test
    void urlIsPercentEncodedWhenItIsSentAndKeptAsItWasWritten() throws SQLException {
        String url = server.url("/straße/日本?q=日本&id=encoded&r=%E6%97%a5#ende–");
        try (Session caller = cluster.session()) {
            caller.fetch(url);

            assertThat(server.received("encoded"))
                    .singleElement()
                    .satisfies(received -> assertThat(received.target())
                            .isEqualTo("/stra%C3%9Fe/%E6%97%A5%E6%9C%AC?q=%E6%97%A5%E6%9C%AC&id=encoded&r=%E6%97%a5"));
            assertThat(caller.text("SELECT count(*) FROM net.responses WHERE url = ?", url))
                    .isEqualTo("1");
        }
    }

    @ParameterizedTest
    @CsvSource({"POST", "PUT", "PATCH", "DELETE", "GET"})
    void bodyHasTheTypeThatTheCallerGivesOrNone(String method) throws SQLException {
        try (Session caller = cluster.session()) {
            String id = "type-" + method;
            caller.request(method, server.url("/get?id=" + id));
            caller.answer(
                    "INSERT INTO net.http_request_queue (method, url, body) VALUES (?, ?, 'a=b') RETURNING id",
                    method,
                    server.url("/get?id=" + id));
            caller.answer(
                    "SELECT net.request(method := ?, url := ?, body_bytes := 'a=b', headers := '{\"Content-Type\": \"\"}')",
                    method,
                    server.url("/get?id=" + id));

            assertThat(server.received(id))
                    .hasSize(3)
                    .allSatisfy(received -> assertThat(received.headers()).doesNotContainKey("content-type"));
        }
    }
}
