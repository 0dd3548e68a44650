package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.Session;

/** Which outcomes lead to another attempt, and what the attempts of a request have in common. */
@PgNetTest(
        resolver = true,
        settings = {
            "pg_net.allowed_hosts = '127.0.0.1,127.0.0.9,*.test'",
            "pg_net.denied_networks = '127.0.0.9/32'",
            "pg_net.max_response_size = '100kB'"
        })
class RepeatedIT {
    @Given
    private static Resolver resolver;

    @Given
    private static HttpServerFixture server;

    @Given
    private static RawServer raw;

    @Given
    private static Session session;

    private static RawServer untrusted;

    @BeforeAll
    static void start() {
        untrusted = RawServer.start(TlsIdentity.ofThisMachine());
        server.handle("/loop", request -> redirect("/loop"));
        server.handle("/away", request -> redirect("http://localhost/"));
        server.handle("/nowhere", request -> redirect("gopher://127.0.0.1/"));
        server.handle("/large", request -> Optional.of(Reply.text(200, "x".repeat(200_000))));
        raw.reply("", "no TLS");
        raw.reply("/broken-off", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    }

    @AfterAll
    static void stop() {
        untrusted.close();
    }

    private static Optional<Reply> redirect(String target) {
        return Optional.of(new Reply(302, List.of("Location: " + target), new byte[0]));
    }

    @BeforeEach
    void empty() throws SQLException {
        session.execute(
                "TRUNCATE net.http_request_queue, net._http_response, net.dead_letters, net.hosts",
                "DELETE FROM net.policies WHERE name IN ('twice', 'twice by class')",
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES ('twice', '{50 ms}', 2, 0)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://unknown.test/",
                "http://127.0.0.1:1/",
                "/drop",
                "raw:/broken-off",
                "tls:/",
                "/hang",
                "/status/408",
                "/status/425",
                "/status/500",
                "/status/502",
                "/status/503",
                "/status/504"
            })
    void whatMayPassIsSentAgain(String what) throws SQLException {
        long id = send(url(what), "twice");

        session.collect(id);

        assertThat(attempts(id)).isEqualTo(2);
        assertThat(reason(id)).isEqualTo("exhausted");
    }

    @ParameterizedTest
    @CsvSource({
        "untrusted:/, refused",
        "http://127.0.0.9/, refused",
        "/away, refused",
        "/loop, refused",
        "/nowhere, refused",
        "/large, refused",
        "/status/400, rejected",
        "/status/401, rejected",
        "/status/404, rejected",
        "/status/501, rejected",
        "/status/599, rejected"
    })
    void whatDoesNotPassByItselfIsNot(String what, String reason) throws SQLException {
        long id = send(url(what), "twice");

        session.collect(id);

        assertThat(attempts(id)).isEqualTo(1);
        assertThat(reason(id)).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({"400,2", "499,2", "500,1", "501,2", "503,2", "504,1", "204,2", "205,1"})
    void policyNamesStatusesClassesAndRanges(int status, int attempts) throws SQLException {
        session.execute("INSERT INTO net.policies (name, delays, max_attempts, jitter, retry_on)"
                + " VALUES ('twice by class', '{50 ms}', 2, 0, '{4xx,501-503,204}')");
        long id = send(server.url("/status/" + status), "twice by class");

        session.collect(id);

        assertThat(attempts(id)).isEqualTo(attempts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"it's \"odd\" ; -- %s $1", "None", "gr\u00fc\u00dfe", "a, b"})
    void policyHasAnyName(String name) throws SQLException {
        session.query(
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES (?, '{50 ms}', 2, 0) RETURNING name",
                name);
        long id = send(server.url("/status/503"), name);

        session.collect(id);

        assertThat(attempts(id)).isEqualTo(2);
        session.query("DELETE FROM net.policies WHERE name = ? RETURNING name", name);
    }

    @Test
    void policyWithoutNetworkDoesNotRepeatItsFailures() throws SQLException {
        session.execute("INSERT INTO net.policies (name, delays, max_attempts, jitter, retry_on)"
                + " VALUES ('twice by class', '{50 ms}', 2, 0, '{timeout,503}')");
        long lost = send(raw.url("/broken-off"), "twice by class");
        long late = send(server.url("/hang"), "twice by class");

        session.collect(lost);
        session.collect(late);

        assertThat(attempts(lost)).isEqualTo(1);
        assertThat(reason(lost)).isEqualTo("rejected");
        assertThat(attempts(late)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "POST,twice,true",
        "PATCH,twice,true",
        "PUT,twice,false",
        "DELETE,twice,false",
        "GET,twice,false",
        "POST,none,false",
        "PATCH,,false"
    })
    void keyIsSentWithWhatMayNotBeDoneTwice(String method, String policy, boolean hasKey) throws SQLException {
        String name = "key-" + method + policy;
        session.collect(session.send(
                "SELECT net.request(?, method => ?, policy => ?)", server.url("/get?id=" + name), method, policy));

        ReceivedRequest received = server.received(name).get(0);
        assertThat(received.header("idempotency-key").isPresent()).isEqualTo(hasKey);
    }

    @Test
    void queueRowIsAsItWasMade() throws SQLException {
        session.execute("UPDATE net.policies SET delays = '{1 h}' WHERE name = 'twice'");
        long id = send(server.url("/status/503"), "twice");
        String row = "SELECT concat(xmin, ctid, q) FROM net.http_request_queue q WHERE id = " + id;
        String made = session.text(row);

        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 1);

        assertThat(session.text(row)).isEqualTo(made);
    }

    private static String url(String what) {
        String path = what.substring(what.indexOf(':') + 1);
        if (what.startsWith("http:")) {
            return what;
        }
        if (what.startsWith("raw:")) {
            return raw.url(path);
        }
        if (what.startsWith("tls:")) {
            return raw.url(path).replace("http:", "https:");
        }
        return what.startsWith("untrusted:") ? untrusted.url(path) : server.url(what);
    }

    private static long send(String url, String policy) throws SQLException {
        return session.send("SELECT net.request(?, policy => ?, timeout => '300 ms')", url, policy);
    }

    /** By its policy: one that succeeds at once has no history. */
    private static long attempts(long id) throws SQLException {
        return session.number("SELECT greatest(count(*), 1) FROM net.attempts WHERE request_id = ?", id);
    }

    private static String reason(long id) throws SQLException {
        return session.text("SELECT reason FROM net.dead_letters WHERE id = ?", id);
    }
}
