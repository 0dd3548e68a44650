package org.pgnet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.http.SilentServer;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.memory.Wishes;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.PolicyTerms;
import org.pgnet.worker.spi.RateLimit;
import org.pgnet.worker.spi.TlsFiles;

/** The whole engine, with rules of hosts. */
class FlowTest {
    private final SimulatedClock clock = new SimulatedClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final MemoryHost host = new MemoryHost(store, clock);
    private final ScriptedServer server = ScriptedServer.start();
    private final ScriptedServer other = ScriptedServer.start();
    private final Map<String, HostTerms> terms = new ConcurrentHashMap<>();
    private RunningWorker worker;

    @BeforeEach
    void start() {
        server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        other.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother");
        server.on("/to-other", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + other.url("/") + "\r\n\r\n");
        worker = new RunningWorker(host, store, MemorySettings.of());
    }

    @AfterEach
    void stop() {
        worker.close();
        server.close();
        other.close();
    }

    /** The parts of terms that tests set. */
    private record Rule(
            OptionalInt timeoutMillis,
            OptionalInt connectTimeoutMillis,
            Optional<RateLimit> rate,
            boolean breaker,
            String headersJson,
            String rolesRule,
            boolean paused) {
        static final Rule NONE =
                new Rule(OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), false, "", "", false);

        Rule timeouts(int millis, int connectMillis) {
            return new Rule(
                    OptionalInt.of(millis),
                    OptionalInt.of(connectMillis),
                    rate,
                    breaker,
                    headersJson,
                    rolesRule,
                    paused);
        }

        Rule rate(double perSecond, double burst) {
            return new Rule(
                    timeoutMillis,
                    connectTimeoutMillis,
                    Optional.of(new RateLimit("rule", perSecond, burst)),
                    breaker,
                    headersJson,
                    rolesRule,
                    paused);
        }

        Rule withBreaker() {
            return new Rule(timeoutMillis, connectTimeoutMillis, rate, true, headersJson, rolesRule, paused);
        }

        Rule headers(String json) {
            return new Rule(timeoutMillis, connectTimeoutMillis, rate, breaker, json, rolesRule, paused);
        }

        Rule roles(String rule) {
            return new Rule(timeoutMillis, connectTimeoutMillis, rate, breaker, headersJson, rule, paused);
        }

        Rule pause() {
            return new Rule(timeoutMillis, connectTimeoutMillis, rate, breaker, headersJson, rolesRule, true);
        }

        HostTerms terms() {
            return new HostTerms(
                    Optional.empty(),
                    timeoutMillis,
                    connectTimeoutMillis,
                    OptionalInt.empty(),
                    rate,
                    Optional.of(breaker),
                    Optional.empty(),
                    headersJson,
                    rolesRule,
                    TlsFiles.NONE,
                    paused);
        }
    }

    private void rule(String url, Rule rule) {
        terms.put(new Origins().of(url), rule.terms());
        Map<String, HostTerms> all = Map.copyOf(terms);
        HostRules rules = origin -> all.getOrDefault(origin, HostTerms.NONE);
        host.settings(MemorySettings.of().with(rules));
    }

    // ---- headers

    @Test
    void headersOfAHostAreAddedToRequestsThatDoNotHaveThem() {
        rule(server.url("/"), Rule.NONE.headers("{\"X-Team\": \"blue\", \"User-Agent\": \"theirs\"}"));

        worker.get(server.url("/"));
        worker.exchange("GET", server.url("/"), "{\"x-team\": \"red\", \"user-agent\": \"mine\"}", "", 5_000);

        assertThat(server.requests().get(0).headerLines()).contains("X-Team: blue", "User-Agent: theirs");
        assertThat(server.requests().get(1).headerLines())
                .contains("x-team: red", "user-agent: mine")
                .doesNotContain("X-Team: blue");
    }

    @Test
    void headersOfAHostGoToItAlone() {
        rule(server.url("/"), Rule.NONE.headers("{\"X-Team\": \"blue\"}"));
        rule(other.url("/"), Rule.NONE.headers("{\"X-Other\": \"green\"}"));

        assertThat(worker.get(server.url("/to-other")).content()).isEqualTo("other");

        assertThat(server.requests().get(0).headerLines())
                .contains("X-Team: blue")
                .doesNotContain("X-Other: green");
        assertThat(other.requests().get(0).headerLines())
                .contains("X-Other: green")
                .doesNotContain("X-Team: blue");
        assertThat(other.requests().get(0).values("User-Agent")).hasSize(1);
    }

    // ---- times

    @Test
    void requestWithoutATimeoutHasItsHosts() throws Exception {
        try (SilentServer silent = SilentServer.start()) {
            String url = "http://127.0.0.1:" + silent.port() + "/";
            rule(url, Rule.NONE.timeouts(150, 100));

            MemoryStore.Stored row = worker.exchange("GET", url, "{}", "", HttpRequest.TIMEOUT_OF_HOST);
            MemoryStore.Stored own = worker.exchange("GET", url, "{}", "", 250);

            assertThat(row.error()).startsWith("Timeout of 150 ms reached");
            assertThat(own.error()).startsWith("Timeout of 250 ms reached");
        }
    }

    @Test
    void connectingThatTakesTooLongSaysSo() throws Exception {
        try (SilentServer silent = SilentServer.start()) {
            String url = "https://127.0.0.1:" + silent.port() + "/";
            rule(url, Rule.NONE.timeouts(10_000, 150));

            MemoryStore.Stored row = worker.exchange("GET", url, "{}", "", HttpRequest.TIMEOUT_OF_HOST);

            assertThat(row.error()).isEqualTo("no connection within the connect_timeout of 150 ms");
            assertThat(row.timedOut()).isFalse();
        }
    }

    // ---- roles

    @Test
    void redirectToAHostOfOtherRolesIsRefused() {
        rule(other.url("/"), Rule.NONE.roles("other.test"));

        MemoryStore.Stored row = worker.get(server.url("/to-other"));

        assertThat(row.error()).contains("may not call this host").contains("other.test");
        assertThat(other.requests()).isEmpty();
    }

    // ---- what waits

    @Test
    void requestsStartAtTheRateOfTheirHost() {
        rule(server.url("/"), Rule.NONE.rate(50, 1));
        long start = System.nanoTime();
        IdRange ids = store.insertGets(server.url("/"), 26);
        host.commit(ids);

        worker.await(() -> store.responses().size() == 26, "responses");

        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(480), Duration.ofSeconds(8));
    }

    @Test
    void pausedHostDelaysNoOtherAndGoesOnWhenItMay() {
        rule(server.url("/"), Rule.NONE.pause());
        host.commit(store.insertGets(server.url("/"), 5_000));
        assertThat(worker.get(other.url("/")).status()).isEqualTo(200);
        assertThat(server.requests()).isEmpty();

        rule(server.url("/"), Rule.NONE);

        worker.await(() -> store.responses().size() == 5_001, "all responses");
    }

    @Test
    void requestThatIsHeldBackExpires() {
        rule(server.url("/"), Rule.NONE.pause());
        long id = store.insert(
                "GET",
                server.url("/"),
                Wishes.none(clock.now()).expires(clock.now().plusMillis(300)));
        host.commit(id);

        assertThat(worker.response(id).error()).startsWith("expired");
        assertThat(server.requests()).isEmpty();
        worker.await(() -> host.inFlight() == 0, "nothing in flight");
    }

    private void slowPolicy() {
        store.policy(
                "slow",
                new PolicyTerms(
                        List.of(Duration.ofHours(3)),
                        OptionalInt.empty(),
                        Optional.empty(),
                        0,
                        PolicyTerms.USUAL_RETRY_ON,
                        false));
    }

    /** Until no more than so many are queued. */
    private void passTime(int mostSeconds, int queued) {
        for (int i = 0; i < mostSeconds && store.queued() > queued; i++) {
            clock.advance(Duration.ofSeconds(1));
            // The transfer thread sleeps by the machine's clock.
            worker.get(other.url("/"));
            host.ring();
        }
    }

    @Test
    void serversWishHoldsThoughItsBreakerCloses() {
        slowPolicy();
        rule(server.url("/"), Rule.NONE.withBreaker());
        server.on("/", "HTTP/1.1 503 Away\r\nContent-Length: 0\r\nRetry-After: 3600\r\n\r\n");
        host.commit(
                store.insert("GET", server.url("/"), Wishes.none(clock.now()).policy("slow")));
        worker.await(() -> store.histories().size() == 1, "a failed attempt");
        server.on("/", "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
        host.commit(store.insertGets(server.url("/"), 40));
        worker.await(() -> store.responses().size() >= 20, "failures");
        server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        host.commit(store.insertGets(server.url("/"), 5));

        passTime(400, 1);
        worker.await(() -> store.queued() == 1, "all others sent");
        passTime(20, 0);
        assertThat(store.queued()).as("it waits for as long as it was told").isEqualTo(1);

        clock.advance(Duration.ofHours(1));
        host.ring();
        worker.await(() -> store.queued() == 0, "it is sent two hours before its policy says");
    }

    @Test
    void whatFailedForWantOfAServerIsSentWhenItsBreakerCloses() {
        slowPolicy();
        rule(server.url("/"), Rule.NONE.withBreaker());
        server.on("/", "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
        for (int i = 0; i < 40; i++) {
            host.commit(store.insert(
                    "GET", server.url("/"), Wishes.none(clock.now()).policy("slow")));
        }
        worker.await(() -> store.histories().size() >= 20, "failed attempts");
        server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        // Two of these are probes; the others are held back.
        host.commit(store.insertGets(server.url("/"), 5));

        passTime(200, 0);

        worker.await(() -> store.queued() == 0, "all sent, hours before they were due");
    }
}
