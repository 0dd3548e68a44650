package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/**
 * Where requests may go: pg_net.allowed_hosts, pg_net.denied_networks and pg_net.proxy. The addresses are loopback ones, the
 * denied ones too; names that end in .test are answered by {@link Resolver}.
 */
@PgNetTest(resolver = true)
class EgressIT {
    private static final String DENIED = "127.0.0.8/29";
    private static final String REFUSAL =
            "address (::ffff:)?127\\.0\\.0\\.9 is denied by pg_net\\.denied_networks \\(127\\.0\\.0\\.8/29\\)";

    @Given
    private static Resolver resolver;

    @Given
    private static HttpServerFixture server;

    private static RawServer secret;
    private static int changes;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @BeforeAll
    static void start() throws SQLException {
        secret = RawServer.startOn("127.0.0.9");
        secret.reply("/", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
        cluster.awaitWorker();
    }

    @AfterAll
    static void stop() {
        secret.close();
    }

    @BeforeEach
    void deny() throws SQLException {
        resolver.answer("127.0.0.1");
        set("*", DENIED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.9",
                "2130706441",
                "0x7f000009",
                "0x7f.9",
                "017700000011",
                "0177.0.0.011",
                "127.9",
                "127%2e0.0.9",
                "[::ffff:127.0.0.9]",
                "[::ffff:7f00:9]",
                "127.0.0.1@127.0.0.9",
                "127.0.0.1:80@127.0.0.9"
            })
    void everyFormOfADeniedAddressIsAnErrorRow(String host) throws SQLException {
        assertRefused(caller.fetch(secret.url(host, "/")));
    }

    @Test
    void addressThatIsNotDeniedIsReached() throws SQLException {
        set("*", "127.0.0.16/28");

        assertThat(caller.fetch(secret.url("127.0.0.9", "/")).content()).contains("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"denied.test", "dot.test."})
    void nameOfADeniedAddressIsAnErrorRow(String host) throws SQLException {
        resolver.answer("127.0.0.9");

        assertRefused(caller.fetch(secret.url(host, "/")));
    }

    @Test
    void nameOfADeniedMappedAddressIsAnErrorRow() throws SQLException {
        resolver.answer("::ffff:127.0.0.9");

        assertRefused(caller.fetch(secret.url("mapped.test", "/")));
    }

    @Test
    void nameOfSeveralAddressesLeadsToOneThatIsAllowed() throws SQLException {
        resolver.answer("127.0.0.9 127.0.0.10 127.0.0.1");

        assertThat(caller.fetch(server.url("/get").replace("127.0.0.1", "several.test"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void nameOfSeveralAddressesThatAreAllDeniedIsAnErrorRow() throws SQLException {
        resolver.answer("::ffff:127.0.0.9 127.0.0.9");

        assertRefused(caller.fetch(secret.url("all.test", "/")));
    }

    @Test
    void nameThatChangesItsAddressIsJudgedByTheAddressConnectedTo() throws SQLException {
        set("rebound.test", DENIED);
        assertThat(caller.fetch(server.url("/get").replace("127.0.0.1", "rebound.test"))
                        .status())
                .isEqualTo(200);

        resolver.answer("127.0.0.9");

        // Another port, for which the name is resolved anew.
        assertRefused(caller.fetch(secret.url("rebound.test", "/")));
    }

    @Test
    void redirectToADeniedAddressIsAnErrorRow() throws SQLException {
        redirectTo(secret.url("0x7f.9", "/"));

        assertRefused(caller.fetch(server.url("/redirect")));
    }

    @Test
    void redirectToAHostThatIsNotAllowedIsAnErrorRow() throws SQLException {
        set("127.0.0.1", "");
        redirectTo(secret.url("127.0.0.9", "/"));

        ResponseRow row = caller.fetch(server.url("/redirect"));

        assertThat(row.isFailure()).isTrue();
        assertThat(row.error()).contains("host \"127.0.0.9\" is not allowed by pg_net.allowed_hosts");
    }

    @Test
    void requestIsCheckedAgainWhenItIsSent() throws SQLException {
        set("*", "");
        cluster.execute("ALTER SYSTEM SET pg_net.batch_size = 0", "SELECT pg_reload_conf()");
        // The worker obeys a setting a moment after the session shows it; only what it then leaves alone is queued.
        long id = Eventually.get("a request that is not sent", Duration.ofSeconds(10), () -> {
            long sent = caller.send("SELECT net.http_get(?)", server.url("/delay?ms=1"));
            caller.text("SELECT pg_sleep(0.2)");
            return isPending(sent) ? Optional.of(sent) : Optional.empty();
        });
        write("*.test", "", "");

        cluster.execute("ALTER SYSTEM RESET pg_net.batch_size", "SELECT pg_reload_conf()");

        assertThat(caller.answerTo(id).error()).contains("host \"127.0.0.1\" is not allowed by pg_net.allowed_hosts");
    }

    @Test
    void hostThatIsNotAllowedIsRefusedWhenTheRequestIsMade() throws SQLException {
        set("*.test, 127.0.0.1", "");
        for (String host :
                List.of("test", "a.test.example", "a.test@127.0.0.9", "0x7f.9", "[::1]", "[::ffff:127.0.0.1]")) {
            assertThatThrownBy(() -> caller.fetch("http://" + host + ":1/"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("is not allowed by pg_net.allowed_hosts")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("42501");
        }
        for (String host : List.of("A.TEST", "a.test.", "b.a.test", "x@a.test", "0x7f.1", "2130706433")) {
            String url = server.url("/get").replace("127.0.0.1", host);
            assertThat(caller.fetch(url).status()).as(url).isEqualTo(200);
        }
    }

    @Test
    void keptConnectionIsNotUsedOnceItsAddressIsDenied() throws SQLException {
        set("*", "");
        caller.fetch(server.url("/get"));
        long connections = server.connections();
        assertThat(caller.fetch(server.url("/get")).status()).isEqualTo(200);
        assertThat(server.connections()).as("a connection that is used again").isEqualTo(connections);
        long requests = server.requests();

        set("*", "127.0.0.0/30");

        assertThat(caller.fetch(server.url("/get")).error())
                .contains("address 127.0.0.1 is denied by pg_net.denied_networks (127.0.0.0/30)");
        assertThat(server.requests()).isEqualTo(requests);
    }

    @Test
    void proxyIsUsedWhereNoNetworkIsDenied() throws SQLException {
        write("*", "", server.url(""));

        // Nobody listens there, and before the change it is denied.
        Eventually.until(
                "an answer of the proxy",
                Duration.ofSeconds(10),
                () -> caller.fetch("http://127.0.0.9:1/").status() == 200);
    }

    @Test
    void proxyOfTheEnvironmentIsUsedOnlyWhereNoNetworkIsDenied() throws SQLException {
        try (PgCluster proxied = PgCluster.create("pg_net.denied_networks = '127.0.0.8/29'")) {
            proxied.setEnvironment("http_proxy=" + server.url(""), "no_proxy=");
            proxied.start();
            proxied.execute("CREATE EXTENSION pg_net");
            try (Session inside = proxied.session()) {
                assertRefused(inside.fetch("http://127.0.0.9:1/"));

                proxied.set("pg_net.denied_networks = ''");
                proxied.reload();

                Eventually.until(
                        "an answer of the proxy",
                        Duration.ofSeconds(10),
                        () -> inside.fetch("http://127.0.0.9:1/").status() == 200);
            }
        }
    }

    @Test
    void proxyThatWouldBypassDeniedNetworksStopsEverythingUntilItIsMended() throws SQLException {
        long before = server.requests();
        write("*", DENIED, server.url(""));
        Eventually.until(
                "a line in the log",
                Duration.ofSeconds(10),
                () -> cluster.log().text().contains("nothing is sent: pg_net.denied_networks cannot be enforced"));
        long id = caller.send("SELECT net.http_get(?)", secret.url("127.0.0.9", "/"));
        long other = caller.send("SELECT net.http_get(?)", server.url("/get"));
        // Time in which it would have been sent: the worker was awake to read its settings.
        caller.text("SELECT pg_sleep(0.3)");
        assertThat(isPending(id)).isTrue();
        assertThat(isPending(other)).isTrue();
        assertThat(server.requests()).isEqualTo(before);

        write("*", DENIED, "");

        assertRefused(caller.answerTo(id));
        assertThat(caller.answerTo(other).status()).isEqualTo(200);
    }

    @Test
    void logHoldsNothingOfWhatARequestSays() throws SQLException {
        set("*.test, 127.0.0.1, 127.0.0.9", DENIED);
        redirectTo("http://127.0.0.10:1/?token=s3cret");
        for (String url : List.of(
                secret.url("127.0.0.9", "/?token=s3cret"),
                server.url("/redirect?token=s3cret"),
                server.url("/drop?token=s3cret"),
                server.url("/status/500?token=s3cret"),
                "http://user:s3cret@127.0.0.1:1/?token=s3cret")) {
            caller.answer(
                    "SELECT net.request(?, body_text := 's3cret body', headers := '{\"Authorization\": \"s3cret\"}')",
                    url);
        }

        assertThat(cluster.log().text()).doesNotContain("s3cret");
    }

    /** Changes the settings, and waits until both the worker and the caller's session obey them. */
    private static void set(String allowedHosts, String deniedNetworks) throws SQLException {
        // Denied by this change alone, so that a refusal shows that it is obeyed.
        String fresh = "127.1.0." + ++changes;
        write(allowedHosts + ", " + fresh, deniedNetworks + ", " + fresh, "");
        Eventually.until("settings that are obeyed", Duration.ofSeconds(10), () -> {
            try {
                return caller.fetch("http://" + fresh + ":1/")
                        .error()
                        .orElse("")
                        .contains(fresh + "/32");
            } catch (SQLException notAllowedYet) {
                return false;
            }
        });
    }

    private static void write(String allowedHosts, String deniedNetworks, String proxy) throws SQLException {
        cluster.execute(
                "ALTER SYSTEM SET pg_net.allowed_hosts = '" + allowedHosts + "'",
                "ALTER SYSTEM SET pg_net.denied_networks = '" + deniedNetworks + "'",
                "ALTER SYSTEM SET pg_net.proxy = '" + proxy + "'",
                "SELECT pg_reload_conf()");
    }

    private static void assertRefused(ResponseRow row) {
        assertThat(row.isFailure()).isTrue();
        assertThat(row.error()).hasValueSatisfying(error -> assertThat(error).matches(REFUSAL));
    }

    private static void redirectTo(String url) {
        server.handle("/redirect", request -> Optional.of(new Reply(302, List.of("Location: " + url), new byte[0])));
    }

    private static boolean isPending(long id) throws SQLException {
        return caller.text("SELECT status FROM net.http_collect_response(?)", id)
                .equals("PENDING");
    }
}
