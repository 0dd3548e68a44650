package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Redirects are followed with libcurl's rules: the row is the answer of where they lead. */
@PgNetTest
class RedirectIT {
    private static final String SECRETS =
            "{\"Authorization\": \"Bearer a\", \"Cookie\": \"b=c\", \"X-Api-Key\": \"d\"," + " \"X-Plain\": \"e\"}";

    @Given
    private static HttpServerFixture server;

    @Given
    private static HttpServerFixture other;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @BeforeAll
    static void start() throws SQLException {
        for (int status : new int[] {300, 301, 302, 303, 307, 308}) {
            server.handle("/from/" + status, request -> to(status, request));
        }
        server.handle("/hops", RedirectIT::oneHopLess);
    }

    @ParameterizedTest
    @CsvSource({
        "301, GET, GET", "302, GET, GET", "303, GET, GET", "307, GET, GET", "308, GET, GET",
        "301, HEAD, HEAD", "302, HEAD, HEAD", "303, HEAD, HEAD", "307, HEAD, HEAD", "308, HEAD, HEAD",
        "301, POST, GET", "302, POST, GET", "303, POST, GET", "307, POST, POST", "308, POST, POST",
        "301, PUT, PUT", "302, PUT, PUT", "303, PUT, GET", "307, PUT, PUT", "308, PUT, PUT",
        "301, DELETE, DELETE", "302, DELETE, DELETE", "303, DELETE, GET", "307, DELETE, DELETE", "308, DELETE, DELETE"
    })
    void methodAndBodyAreKeptOrDroppedByStatus(int status, String method, String methodThere) throws SQLException {
        String id = status + method;
        boolean withBody = method.equals("POST") || method.equals("PUT");
        String url = server.url("/from/" + status + "?to=/post?id=" + id);

        ResponseRow row = withBody
                ? caller.answer("SELECT net.request(method => ?, url => ?, body => '{\"k\": 1}')", method, url)
                : caller.request(method, url);

        assertThat(row.status()).isEqualTo(200);
        ReceivedRequest there = server.received(id).get(0);
        assertThat(server.received(id)).hasSize(1);
        assertThat(there.method()).isEqualTo(methodThere);
        boolean bodyKept = withBody && method.equals(methodThere);
        assertThat(there.text()).isEqualTo(bodyKept ? "{\"k\": 1}" : "");
        assertThat(there.header("content-type"))
                .isEqualTo(bodyKept ? Optional.of("application/json") : Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "b?id=r1, /relative/b?id=r1",
        "../c?id=r2, /c?id=r2",
        "/d/./e/../f?id=r3, /d/f?id=r3",
        "?id=r4, /relative/page?id=r4",
        "/g h?id=r5#part, /g%20h?id=r5"
    })
    void relativeLocationIsResolved(String location, String target) throws SQLException {
        String id = target.substring(target.indexOf("id=") + 3);
        server.handle(
                "/relative/page",
                request -> request.parameter("id").isPresent()
                        ? Optional.of(Reply.text(200, ""))
                        : redirect(302, location));

        assertThat(caller.fetch(server.url("/relative/page")).status()).isEqualTo(200);

        assertThat(server.received(id)).extracting(ReceivedRequest::target).containsExactly(target);
    }

    @Test
    void thirtyRedirectsAreFollowedAndNotOneMore() throws SQLException {
        ResponseRow thirty = caller.fetch(server.url("/hops?id=thirty&left=30"));
        ResponseRow more = caller.fetch(server.url("/hops?id=more&left=31"));

        assertThat(thirty.status()).isEqualTo(200);
        assertThat(thirty.content()).contains("arrived");
        assertThat(server.received("thirty")).hasSize(31);
        assertThat(more.isFailure()).isTrue();
        assertThat(more.error()).contains("Number of redirects hit maximum amount");
        assertThat(more.timedOut()).isFalse();
        assertThat(server.received("more")).hasSize(31);
    }

    @Test
    void circleIsAnErrorRow() throws SQLException {
        server.handle("/circle", request -> redirect(308, "/circle?id=round"));

        assertThat(caller.fetch(server.url("/circle?id=round")).error())
                .contains("Number of redirects hit maximum amount");
        assertThat(server.received("round")).hasSize(31);
    }

    @Test
    void secretsStayWithTheirOrigin() throws SQLException {
        caller.fetch(server.url("/from/302?to=/get?id=same"), SECRETS);
        caller.fetch(server.url("/from/302?to=" + other.url("/get?id=port")), SECRETS);

        assertThat(server.received("same").get(0).headers())
                .containsKeys("authorization", "cookie", "x-api-key", "x-plain");
        assertThat(other.received("port").get(0).headers())
                .containsKeys("x-plain", "user-agent")
                .doesNotContainKeys("authorization", "cookie", "x-api-key");
        assertThat(other.received("port").get(0).header("host")).contains("127.0.0.1:" + other.port());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://127.0.0.1/x",
                "file:///etc/passwd",
                "FILE:/etc/passwd",
                "gopher://127.0.0.1:1/",
                "javascript:0"
            })
    void redirectToAnotherProtocolIsAnErrorRow(String location) throws SQLException {
        server.handle("/elsewhere", request -> redirect(302, location));

        ResponseRow row = caller.fetch(server.url("/elsewhere"));

        assertThat(row.isFailure()).isTrue();
        assertThat(row.error()).contains("Unsupported protocol");
    }

    @Test
    void statusWithoutALocationOrOfAnotherMeaningIsTheAnswer() throws SQLException {
        assertThat(caller.fetch(server.url("/status/302")).status()).isEqualTo(302);
        assertThat(caller.fetch(server.url("/from/300?to=/get?id=choice")).status())
                .isEqualTo(300);
        assertThat(server.received("choice")).isEmpty();
    }

    /** Sends the client to what the query says after {@code to=}. */
    private static Optional<Reply> to(int status, ReceivedRequest request) {
        int to = request.target().indexOf("to=");
        return to < 0
                ? Optional.of(Reply.text(status, "nowhere to go"))
                : redirect(status, request.target().substring(to + 3));
    }

    private static Optional<Reply> oneHopLess(ReceivedRequest request) {
        int left = Integer.parseInt(request.parameter("left").orElse("0"));
        String id = request.parameter("id").orElse("");
        return left == 0 ? Optional.of(Reply.text(200, "arrived")) : redirect(302, "?id=" + id + "&left=" + (left - 1));
    }

    private static Optional<Reply> redirect(int status, String location) {
        return Optional.of(new Reply(status, List.of("Location: " + location), new byte[0]));
    }
}
