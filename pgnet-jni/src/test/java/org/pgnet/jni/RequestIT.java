package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.Session;

/** What a call makes the server receive, from wherever it is made. */
@PgNetTest
class RequestIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void getHasNothingThatTheCallerDidNotAskFor() throws SQLException {
        String version = session.query("SELECT extversion FROM pg_extension WHERE extname = 'pg_net'")
                .orElseThrow();

        ReceivedRequest request = received("plain", "net.http_get('" + server.url("/get?id=plain") + "')");

        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.target()).isEqualTo("/get?id=plain");
        assertThat(request.body()).isEmpty();
        assertThat(request.headers()).containsOnlyKeys("host", "user-agent", "accept");
        assertThat(request.header("host")).contains("127.0.0.1:" + server.port());
        assertThat(request.header("user-agent")).contains("pg_net/" + version);
    }

    @Test
    void paramsAreEncodedAndAddedToTheQuery() throws SQLException {
        ReceivedRequest request = received(
                "params",
                "net.http_get('" + server.url("/get?id=params#part") + "', params :="
                        + " '{\"b\": true, \"n\": 5, \"ü\": \"é\", \"a b\": \"1&2=3\", \"none\": null}')");

        assertThat(request.target()).isEqualTo("/get?id=params&b=true&n=5&%C3%BC=%C3%A9&a%20b=1%262%3D3");
    }

    @Test
    void headersArriveAsGiven() throws SQLException {
        ReceivedRequest request = received(
                "headers",
                "net.http_get('" + server.url("/get?id=headers") + "', headers :="
                        + " '{\"X-One\": \"a, b\", \"X-Many\": [\"1\", \"2\"], \"User-Agent\": \"mine/1\", \"Accept\": \"\","
                        + " \"X-None\": null}')");

        assertThat(request.headers()).containsOnlyKeys("host", "user-agent", "x-one", "x-many");
        assertThat(request.headers().get("x-one")).containsExactly("a, b");
        assertThat(request.headers().get("x-many")).containsExactly("1", "2");
        assertThat(request.headers().get("user-agent")).containsExactly("mine/1");
    }

    @Test
    void bodyOfAPostArrivesByteForByte() throws SQLException {
        String json = "{\"text\": \"grüße, \\u20ac and \\\"quotes\\\"\", \"number\": 1.50}";

        ReceivedRequest request =
                received("bytes", "net.http_post('" + server.url("/post?id=bytes") + "', '" + json + "')");

        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.text()).isEqualTo("{\"text\": \"grüße, € and \\\"quotes\\\"\", \"number\": 1.50}");
        assertThat(request.headers().get("content-type")).containsExactly("application/json");
        assertThat(request.headers().get("content-length")).containsExactly("" + request.body().length);
    }

    @Test
    void postOfANullBodyIsEmpty() throws SQLException {
        ReceivedRequest request =
                received("empty", "net.http_post('" + server.url("/post?id=empty") + "', body := null)");

        assertThat(request.body()).isEmpty();
        assertThat(request.headers().get("content-length")).containsExactly("0");
    }

    @Test
    void deleteHasABodyOnlyIfOneIsGiven() throws SQLException {
        ReceivedRequest without = received("del", "net.http_delete('" + server.url("/x?id=del") + "')");
        ReceivedRequest with =
                received("del-body", "net.http_delete('" + server.url("/x?id=del-body") + "', body := '{\"a\": [1]}')");

        assertThat(without.method()).isEqualTo("DELETE");
        assertThat(without.headers()).doesNotContainKeys("content-type", "content-length", "transfer-encoding");
        assertThat(with.method()).isEqualTo("DELETE");
        assertThat(with.text()).isEqualTo("{\"a\": [1]}");
        assertThat(with.headers().get("content-type")).containsExactly("application/json");
    }

    @Test
    void callInPlpgsqlIsSent() throws SQLException {
        session.execute("DO $$ BEGIN FOR n IN 1 .. 3 LOOP"
                + " PERFORM net.http_post('" + server.url("/post?id=plpgsql") + "', jsonb_build_object('n', n));"
                + " END LOOP; END $$");

        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%id=plpgsql'", 3);
        assertThat(server.received("plpgsql").stream().map(ReceivedRequest::text))
                .containsExactlyInAnyOrder("{\"n\": 1}", "{\"n\": 2}", "{\"n\": 3}");
    }

    @Test
    void callInATriggerIsSentForEachRow() throws SQLException {
        session.execute(
                "CREATE TABLE orders (id int PRIMARY KEY, item text)",
                "CREATE FUNCTION notify_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " PERFORM net.http_post('" + server.url("/post?id=trigger") + "', to_jsonb(new));"
                        + " RETURN new; END $$",
                "CREATE TRIGGER notify AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION notify_order()",
                "INSERT INTO orders VALUES (1, 'tea'), (2, 'cake')");

        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%id=trigger'", 2);
        assertThat(server.received("trigger").stream().map(ReceivedRequest::text))
                .containsExactlyInAnyOrder("{\"id\": 1, \"item\": \"tea\"}", "{\"id\": 2, \"item\": \"cake\"}");
    }

    @Test
    void redirectIsFollowed() throws SQLException {
        server.handle(
                "/moved", request -> Optional.of(new Reply(302, List.of("Location: /get?id=target"), new byte[0])));

        long id = session.get(server.url("/moved?id=moved"));

        assertThat(session.collect(id))
                .isEqualTo("SUCCESS|ok|200|{\"method\": \"GET\", \"target\": \"/get?id=target\"}");
        assertThat(server.received("moved")).hasSize(1);
        assertThat(server.received("target")).hasSize(1);
    }

    /** Makes the call, waits for its response, and returns the one request that the server received. */
    private static ReceivedRequest received(String id, String call) throws SQLException {
        assertThat(session.collect(session.number("SELECT " + call))).startsWith("SUCCESS|ok|200");
        assertThat(server.received(id)).hasSize(1);
        return server.received(id).get(0);
    }
}
