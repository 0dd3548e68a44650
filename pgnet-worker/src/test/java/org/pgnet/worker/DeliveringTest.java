package org.pgnet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.MemoryStore.Tried;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.memory.Wishes;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.PolicyTerms;
import org.pgnet.worker.spi.StoreException;

/** The whole engine, with requests that are sent again after days of a simulated clock. */
class DeliveringTest {
    private static final String POLICY = "patient";
    private static final List<Duration> DELAYS =
            List.of(Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofHours(2), Duration.ofHours(24));

    private final SimulatedClock clock = new SimulatedClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final MemoryHost host = new MemoryHost(store, clock);
    private final List<String> answers = new ArrayList<>();
    private ScriptedServer server;
    private RunningWorker worker;

    @BeforeEach
    void start() {
        server = ScriptedServer.answering((request, out) -> answer(out));
        store.policy(POLICY, terms(DELAYS, 5));
        worker = new RunningWorker(host, store, MemorySettings.of());
    }

    @AfterEach
    void stop() {
        worker.close();
        server.close();
    }

    @Test
    void requestIsSentByTheScheduleOfItsPolicy() {
        answer("503", "503", "network", "503", "200");
        long id = insert(POLICY);

        for (int attempt = 1; attempt <= DELAYS.size(); attempt++) {
            awaitAttempts(attempt);
            assertNotSentBefore(DELAYS.get(attempt - 1), attempt);
        }

        MemoryStore.Stored response = worker.response(id);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.attempts()).isEqualTo(5);
        assertThat(store.histories()).extracting(Tried::attempt).containsExactly(1, 2, 3, 4, 5);
        assertThat(store.histories()).extracting(Tried::status).containsExactly(503, 503, 0, 503, 200);
        assertThat(pauses())
                .zipSatisfy(DELAYS, (pause, delay) -> assertThat(pause).isBetween(delay, delay.plusSeconds(2)));
        assertThat(store.kept()).isZero();
        assertThat(host.announced()).as("at the end alone").containsExactly(id);
        worker.await(() -> host.inFlight() == 0, "nothing in flight");
    }

    @Test
    void exhaustedRequestHasItsLastOutcome() {
        store.policy(POLICY, terms(List.of(Duration.ofSeconds(1)), 3));
        answer("500", "503", "503", "503");
        long id = insert(POLICY);

        assertThat(worker.response(id).status()).as("500 is not repeated").isEqualTo(500);
        long second = insert(POLICY);
        awaitAttempts(1);
        clock.advance(Duration.ofSeconds(1));
        host.ring();
        awaitAttempts(2);
        clock.advance(Duration.ofSeconds(1));
        host.ring();

        assertThat(worker.response(second).status()).isEqualTo(503);
        assertThat(worker.response(second).attempts()).isEqualTo(3);
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void requestThatDoesNotSucceedIsKeptIfItsPolicySaysSo() {
        store.policy(POLICY, terms(List.of(Duration.ofSeconds(1)), 1));
        store.policy(
                "forgetful", new PolicyTerms(List.of(), OptionalInt.of(1), Optional.empty(), 0, List.of("503"), false));
        answer("503", "404", "503", "404", "200");

        for (String policy : List.of(POLICY, POLICY, "forgetful", "", POLICY)) {
            worker.response(insert(policy));
        }

        assertThat(store.deadLetters(1)).hasSize(1).first().asString().endsWith(" exhausted 1 503 ");
        assertThat(store.deadLetters(2)).hasSize(1).first().asString().endsWith(" rejected 1 404 ");
        for (long id = 3; id <= 5; id++) {
            assertThat(store.deadLetters(id)).isEmpty();
        }
    }

    @Test
    void requestThatCannotBeReadIsDeadToo() {
        long id = store.insert("GET", server.url("/"), wishes().policy(POLICY));
        store.unreadable(id, "damaged");
        host.commit(id);

        assertThat(worker.response(id).error()).isEqualTo("damaged");
        assertThat(store.deadLetters(id)).hasSize(1).first().asString().endsWith(" refused 0 0 damaged");
    }

    @Test
    void oldDeadLettersAreDeletedThoughNothingElseHappens() {
        answer("404");
        long id = insert(POLICY);
        worker.response(id);
        assertThat(store.deadLetters(id)).hasSize(1);

        // The worker may be about to note when the letter is old enough: so the time passes as often as it takes.
        worker.await(
                () -> {
                    clock.advance(Duration.ofDays(7).plusSeconds(2));
                    host.ring();
                    return store.deadLetters(id).isEmpty();
                },
                "no dead letter");
    }

    @Test
    void serverThatSaysWhenIsAskedThenAndNotCounted() {
        store.policy(POLICY, terms(List.of(Duration.ofSeconds(1)), 2));
        answer("429 7200", "429 7200", "503", "200");
        long id = insert(POLICY);

        awaitAttempts(1);
        assertNotSentBefore(Duration.ofHours(2), 1);
        awaitAttempts(2);
        assertNotSentBefore(Duration.ofHours(2), 2);
        awaitAttempts(3);
        clock.advance(Duration.ofSeconds(1));
        host.ring();

        assertThat(worker.response(id).status()).isEqualTo(200);
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void oldRequestIsNotSentAgain() {
        store.policy(
                POLICY,
                new PolicyTerms(
                        DELAYS, OptionalInt.empty(), Optional.of(Duration.ofMinutes(1)), 0, List.of("503"), true));
        answer("503", "503");
        long id = insert(POLICY);
        awaitAttempts(1);
        clock.advance(Duration.ofSeconds(5));
        host.ring();

        assertThat(worker.response(id).attempts())
                .as("the next would be after 5 minutes")
                .isEqualTo(2);
    }

    @Test
    void requestThatExpiresIsNotSentAgain() {
        answer("503");
        long id = store.insert(
                "GET",
                server.url("/"),
                wishes().policy(POLICY).expires(clock.now().plusSeconds(3)));
        host.commit(id);

        assertThat(worker.response(id).status()).isEqualTo(503);
        assertThat(store.kept()).isZero();
    }

    @Test
    void changedPolicyHoldsAtTheNextAttempt() {
        answer("503", "503", "200");
        long id = insert(POLICY);
        awaitAttempts(1);
        store.policy(POLICY, terms(List.of(Duration.ofSeconds(1), Duration.ofSeconds(7)), 5));
        clock.advance(Duration.ofSeconds(5));
        host.ring();
        awaitAttempts(2);
        assertNotSentBefore(Duration.ofSeconds(7), 2);

        assertThat(worker.response(id).status()).isEqualTo(200);
    }

    @Test
    void policyThatIsNotThereIsOneAttempt() {
        answer("503");

        assertThat(worker.response(insert("gone")).status()).isEqualTo(503);
        assertThat(store.histories()).isEmpty();
    }

    @Test
    void requestWithoutAPolicyHasThatOfItsHost() {
        host.settings(MemorySettings.of().with(origin -> termsWithPolicy(POLICY)));
        answer("503", "200");
        long id = store.insertGet(server.url("/"));
        host.commit(id);

        awaitAttempts(1);
        assertNotSentBefore(DELAYS.get(0), 1);

        assertThat(worker.response(id).status()).isEqualTo(200);
        assertThat(worker.response(id).attempts()).isEqualTo(2);
    }

    @Test
    void policyOfTheRequestComesBeforeThatOfItsHost() {
        host.settings(MemorySettings.of().with(origin -> termsWithPolicy(POLICY)));
        answer("503");

        assertThat(worker.response(insert(Delivery.NO_POLICY)).status()).isEqualTo(503);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void policyThatTheHostHasNoMoreEndsWithTheNextAttempt() {
        host.settings(MemorySettings.of().with(origin -> termsWithPolicy(POLICY)));
        answer("503", "503");
        long id = store.insertGet(server.url("/"));
        host.commit(id);
        awaitAttempts(1);

        host.settings(MemorySettings.of());
        clock.advance(DELAYS.get(0));
        host.ring();

        assertThat(worker.response(id).status()).isEqualTo(503);
        assertThat(worker.response(id).attempts()).isEqualTo(2);
        assertThat(store.kept()).isZero();
    }

    @Test
    void requestWithoutAPolicyAsksForNone() {
        answer("503", "503");
        long id = store.insertGet(server.url("/"));
        host.commit(id);

        assertThat(worker.response(id).status()).isEqualTo(503);
        assertThat(store.policyReads()).isZero();
        assertThat(store.kept()).isZero();
    }

    @Test
    void keyIsTheSameForEachAttemptAndDiffersForEachRequest() {
        store.policy(POLICY, terms(List.of(Duration.ZERO), 3));
        answer("503", "200", "200", "200", "200");
        worker.response(post("POST", POLICY));
        worker.response(post("patch", POLICY));
        worker.response(post("PUT", POLICY));
        worker.response(post("POST", ""));

        List<List<String>> keys = server.requests().stream()
                .map(request -> request.values("Idempotency-Key"))
                .toList();
        assertThat(keys.get(0)).hasSize(1).isEqualTo(keys.get(1));
        assertThat(keys.get(2)).hasSize(1).isNotEqualTo(keys.get(0));
        assertThat(keys.subList(3, 5)).allSatisfy(key -> assertThat(key).isEmpty());
    }

    @Test
    void decisionWaitsWhileTheDatabaseRefuses() {
        answer("503", "200");
        store.beforePolicy(() -> {
            throw new StoreException(StoreException.Kind.OUTAGE, "53300", "too many");
        });
        long id = insert(POLICY);
        worker.await(() -> host.logLines().stream().anyMatch(line -> line.contains("reading policies failed")), "log");
        assertThat(store.responses()).isEmpty();
        store.beforePolicy(() -> {});
        // Less than the policy's delay, for the second attempt would follow at once.
        clock.advance(Duration.ofSeconds(2));
        host.ring();
        awaitAttempts(1);
        clock.advance(Duration.ofSeconds(5));
        host.ring();

        assertThat(worker.response(id).status()).isEqualTo(200);
    }

    @Test
    void clockThatIsSetBackDelaysNothingThatIsScheduledAfterwards() {
        answer("200", "200");
        long first = schedule(Duration.ofSeconds(10));
        clock.advance(Duration.ofSeconds(10));
        host.ring();
        worker.response(first);
        clock.advance(Duration.ofHours(-1));
        long second = schedule(Duration.ofSeconds(10));
        clock.advance(Duration.ofSeconds(10));
        host.ring();

        assertThat(worker.response(second).status()).isEqualTo(200);
    }

    /** The engine holds moments, not requests. */
    @Test
    void aMillionThatWaitCostNothing() {
        answer("200");
        Instant later = clock.now().plus(Duration.ofDays(1));
        for (int i = 0; i < 1_000_000; i++) {
            store.insert("GET", "http://127.0.0.1:1/", wishes().notBefore(later));
        }
        int before = store.dueCalls();
        host.commit(new IdRange(1, 1_000_000));
        long now = store.insertGet(server.url("/"));
        host.commit(now);

        assertThat(worker.response(now).status()).isEqualTo(200);
        worker.await(() -> !host.isActive(), "idle");
        assertThat(store.dueCalls() - before).as("looks for what is due").isLessThan(20);
        assertThat(host.source().heldCount()).isZero();
    }

    private void answer(String... words) {
        synchronized (answers) {
            answers.clear();
            answers.addAll(List.of(words));
        }
    }

    /** A status, or a status and seconds of Retry-After, or {@code network}. */
    private void answer(OutputStream out) throws IOException {
        String answer;
        synchronized (answers) {
            answer = answers.remove(0);
        }
        String[] words = answer.split(" ");
        if (words[0].equals("network")) {
            throw new IOException("ends the connection");
        }
        // On a connection that was used before, libcurl would send a request that gets no answer twice.
        String[] headers = Stream.concat(
                        Stream.of("Connection: close"),
                        Stream.of(words).skip(1).map(seconds -> "Retry-After: " + seconds))
                .toArray(String[]::new);
        ScriptedServer.respond(out, Integer.parseInt(words[0]), "", headers);
    }

    private static HostTerms termsWithPolicy(String policy) {
        HostTerms none = HostTerms.NONE;
        return new HostTerms(
                Optional.of(policy),
                none.timeoutMillis(),
                none.connectTimeoutMillis(),
                none.maxInFlight(),
                none.rate(),
                none.breaker(),
                none.store(),
                none.headersJson(),
                none.rolesRule(),
                none.tls(),
                none.paused());
    }

    private static PolicyTerms terms(List<Duration> delays, int maxAttempts) {
        return new PolicyTerms(
                delays, OptionalInt.of(maxAttempts), Optional.empty(), 0, List.of("network", "429", "503"), true);
    }

    private Wishes wishes() {
        return Wishes.none(clock.now());
    }

    private long insert(String policy) {
        long id = store.insert("GET", server.url("/"), wishes().policy(policy));
        host.commit(id);
        return id;
    }

    private long post(String method, String policy) {
        long id = store.insert(method, server.url("/"), wishes().policy(policy));
        host.commit(id);
        return id;
    }

    private long schedule(Duration delay) {
        long id = store.insert(
                "GET", server.url("/"), wishes().notBefore(clock.now().plus(delay)));
        host.commit(id);
        return id;
    }

    private void awaitAttempts(int count) {
        worker.await(() -> store.histories().size() == count, count + " attempts in " + store.histories());
    }

    /** Lets all but the last second of a delay pass, and then the rest. */
    private void assertNotSentBefore(Duration delay, int attempts) {
        if (delay.compareTo(Duration.ofSeconds(2)) > 0) {
            clock.advance(delay.minusSeconds(2));
            long sleeps = host.sleeps();
            host.ring();
            worker.await(() -> host.sleeps() > sleeps, "the worker sleeps again");
            assertThat(server.requests()).as("too early").hasSize(attempts);
            clock.advance(Duration.ofSeconds(2));
        } else {
            clock.advance(delay);
        }
        host.ring();
    }

    /** From the end of each attempt to the begin of the next. */
    private List<Duration> pauses() {
        List<Tried> tried = store.histories();
        List<Duration> pauses = new ArrayList<>();
        for (int i = 1; i < tried.size(); i++) {
            Tried before = tried.get(i - 1);
            pauses.add(Duration.between(
                    before.started().plus(before.took()), tried.get(i).started()));
        }
        return pauses;
    }
}
