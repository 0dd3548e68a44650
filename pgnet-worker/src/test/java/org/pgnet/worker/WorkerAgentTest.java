package org.pgnet.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.StoreException;

class WorkerAgentTest {

    @Test
    void committedRequestGetsItsResponse() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("hello");
                RunningWorker worker = new RunningWorker()) {
            MemoryStore.Stored response = worker.get(server.url("/a?b=c"));

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.content()).isEqualTo("hello");
            assertThat(response.headersJson()).isEqualTo("{\"Content-Length\":\"5\"}");
            assertThat(response.took()).isPositive();
            assertThat(worker.store.queued()).isZero();
            worker.await(() -> worker.host.announced().contains(1L), "announcement");
            assertThat(server.requests().get(0).target()).isEqualTo("/a?b=c");
            assertThat(server.requests().get(0).headerLines()).contains("User-Agent: pg_net/test");
        }
    }

    @Test
    void methodHeadersAndBodyAreSentAsQueued() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("");
                RunningWorker worker = new RunningWorker()) {
            worker.exchange(
                    "post", server.url("/"), "{\"Content-Type\": \"text/x\", \"A\": [\"1\", \"2\"]}", "größe", 5_000);
            worker.exchange("PURGE", server.url("/"), "{}", "", 5_000);
            worker.exchange("DELETE", server.url("/"), "{\"Content-Type\": \"application/json\"}", "{}", 5_000);

            ScriptedServer.Request post = server.requests().get(0);
            assertThat(post.method()).isEqualTo("POST");
            assertThat(post.text()).isEqualTo("größe");
            assertThat(post.headerLines()).contains("Content-Type: text/x", "A: 1", "A: 2", "Content-Length: 7");
            assertThat(server.requests().get(1).method()).isEqualTo("PURGE");
            assertThat(server.requests().get(2).method()).isEqualTo("DELETE");
            assertThat(server.requests().get(2).text()).isEqualTo("{}");
        }
    }

    @Test
    void statusAndContentTypeOfAnErrorPageAreAResponse() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> ScriptedServer.respond(
                        out, 503, "busy", "Content-Type: text/plain", "Set-Cookie: a", "Set-Cookie: b"));
                RunningWorker worker = new RunningWorker()) {
            MemoryStore.Stored response = worker.get(server.url("/"));

            assertThat(response.status()).isEqualTo(503);
            assertThat(response.contentType()).isEqualTo("text/plain");
            assertThat(response.headersJson()).contains("\"Set-Cookie\":[\"a\",\"b\"]");
            assertThat(response.error()).isEmpty();
        }
    }

    @Test
    void lostConnectionIsAnErrorRow() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> {
                    throw new IOException("closes the connection");
                });
                RunningWorker worker = new RunningWorker()) {
            assertThat(worker.get(server.url("/")).error()).isEqualTo("Server returned nothing (no headers, no data)");
        }
    }

    @Test
    void closedPortIsAnErrorRow() throws Exception {
        ScriptedServer server = ScriptedServer.of("");
        server.close();
        try (RunningWorker worker = new RunningWorker()) {
            assertThat(worker.get(server.url("/")).error()).isEqualTo("Couldn't connect to server");
        }
    }

    @Test
    void badRequestsAreErrorRowsAndOthersGoOn() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("ok");
                RunningWorker worker = new RunningWorker()) {
            MemoryStore store = worker.store;
            long[] bad = {
                store.insert("GET", server.url("/"), "[1, 2]", "", 5_000),
                store.insert("GET", server.url("/"), "{\"A\": \"b\\nC: d\"}", "", 5_000),
                store.insert("GET", "nonsense", "{}", "", 5_000),
                store.insert("GET", "ftp://127.0.0.1/", "{}", "", 5_000),
                store.insert("", server.url("/"), "{}", "", 5_000),
                store.insert("BAD METHOD", server.url("/"), "{}", "", 5_000),
                store.insert("CONNECT", server.url("/"), "{}", "", 5_000),
                store.insert("GET", "http://\uD800/", "{}", "", 5_000)
            };
            long good = store.insertGet(server.url("/"));
            worker.host.commit(new IdRange(1, good));

            assertThat(worker.response(good).status()).isEqualTo(200);
            for (long id : bad) {
                assertThat(worker.response(id).error()).as("request " + id).isNotEmpty();
            }
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void responseOverTheLimitIsAnErrorRow() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("x".repeat(2_000));
                RunningWorker worker = new RunningWorker(
                        new MemoryStore(),
                        MemorySettings.of(
                                "pg_net.batch_size",
                                10,
                                "pg_net.max_connections_per_host",
                                10,
                                "pg_net.max_response_size",
                                1_000))) {
            assertThat(worker.get(server.url("/")).error()).contains("1000");
        }
    }

    @Test
    void requestsLeftInTheQueueAreSentAtTheStart() throws Exception {
        MemoryStore store = new MemoryStore();
        try (ScriptedServer server = ScriptedServer.of("ok")) {
            store.insertGets(server.url("/"), 10);
            try (RunningWorker worker = new RunningWorker(store)) {
                worker.await(() -> store.responses().size() == 10, "responses");
            }
        }
    }

    @Test
    void burstOfTenThousandIsAnsweredOnceEach() throws Exception {
        MemoryStore store = new MemoryStore();
        try (ScriptedServer server = ScriptedServer.of("{}")) {
            IdRange ids = store.insertGets(server.url("/"), 10_000);
            try (RunningWorker worker = new RunningWorker(store)) {
                worker.await(() -> store.queued() == 0, "empty queue");
                Set<Long> expected =
                        LongStream.rangeClosed(ids.first(), ids.last()).boxed().collect(Collectors.toSet());
                assertThat(store.responses().keySet()).isEqualTo(expected);
                assertThat(server.requests()).hasSize(10_000);
                assertThat(server.connections()).isLessThanOrEqualTo(64);
                assertThat(store.rowsRead()).isLessThanOrEqualTo(20_000);
            }
        }
    }

    @Test
    void manyCommitsFromManySessionsAreAnsweredOnceEach() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("{}");
                RunningWorker worker = new RunningWorker()) {
            Thread[] sessions = new Thread[4];
            for (int i = 0; i < sessions.length; i++) {
                sessions[i] = new Thread(() -> {
                    for (int n = 0; n < 500; n++) {
                        worker.host.commit(worker.store.insertGet(server.url("/")));
                    }
                });
                sessions[i].start();
            }
            for (Thread session : sessions) {
                session.join();
            }
            worker.await(() -> worker.store.responses().size() == 2_000, "responses");
            assertThat(server.requests()).hasSize(2_000);
            assertThat(worker.host.logLines()).isEmpty();
        }
    }

    @Test
    void idleWorkerSleepsWithoutALimitAndReportsIdle() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("{}");
                RunningWorker worker = new RunningWorker()) {
            worker.await(() -> worker.host.sleepsForEver() > 0, "sleep");
            assertThat(worker.host.isActive()).isFalse();
            int fetches = worker.store.fetches();
            worker.get(server.url("/"));
            worker.await(() -> !worker.host.isActive(), "idle");
            assertThat(worker.host.inFlight()).isZero();
            assertThat(worker.store.fetches()).isEqualTo(fetches + 1);
        }
    }

    @Test
    void workerIsActiveWhileARequestIsInFlight() throws Exception {
        try (ScriptedServer server = ScriptedServer.hanging();
                RunningWorker worker = new RunningWorker()) {
            worker.host.commit(worker.store.insertGet(server.url("/")));
            worker.await(() -> server.requests().size() == 1, "request");
            worker.await(worker.host::isActive, "active");
            worker.await(() -> worker.host.inFlight() == 1, "the request counts as in flight");
        }
    }

    @Test
    void zeroInFlightSendsNothingUntilItIsRaised() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("{}");
                RunningWorker worker =
                        new RunningWorker(new MemoryStore(), MemorySettings.of("pg_net.batch_size", 0))) {
            worker.await(() -> worker.host.sleepsForEver() > 0, "first sleep");
            worker.host.commit(worker.store.insertGet(server.url("/")));
            worker.await(() -> worker.host.sleepsForEver() > 1, "sleep");
            assertThat(worker.store.fetches()).isZero();
            worker.host.settings(MemorySettings.of("pg_net.batch_size", 5));

            assertThat(worker.response(1).status()).isEqualTo(200);
        }
    }

    @Test
    void changedLimitIsObeyedWhileRequestsWait() throws Exception {
        try (ScriptedServer server = ScriptedServer.hanging();
                RunningWorker worker =
                        new RunningWorker(new MemoryStore(), MemorySettings.of("pg_net.batch_size", 3))) {
            worker.host.commit(worker.store.insertGets(server.url("/"), 20));
            worker.await(() -> server.requests().size() == 3, "three in flight");
            worker.host.settings(MemorySettings.of("pg_net.batch_size", 7));

            worker.await(() -> server.requests().size() == 7, "seven in flight");
        }
    }

    @Test
    void endIsPromptWithRequestsInFlight() throws Exception {
        try (ScriptedServer server = ScriptedServer.hanging();
                RunningWorker worker = new RunningWorker()) {
            worker.host.commit(worker.store.insertGets(server.url("/"), 100));
            worker.await(() -> server.requests().size() == 64, "requests in flight");
            long start = System.nanoTime();

            assertThat(worker.end()).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            assertThat(worker.store.queued()).isEqualTo(100);
        }
    }

    @Test
    void updatedRequestIsSentAgainAsItIsNow() throws Exception {
        AtomicInteger count = new AtomicInteger();
        CountDownLatch updated = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> {
                    if (count.incrementAndGet() == 1) {
                        updated.await();
                    }
                    ScriptedServer.respond(out, 200, request.target());
                });
                RunningWorker worker = new RunningWorker()) {
            long id = worker.store.insertGet(server.url("/old"));
            worker.host.commit(id);
            worker.await(() -> server.requests().size() == 1, "first request");
            worker.store.update(id, server.url("/new"));
            updated.countDown();

            assertThat(worker.response(id).content()).isEqualTo("/new");
        }
    }

    @Test
    void fullDiskStopsSendingAndLosesNothing() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("ok");
                RunningWorker worker = new RunningWorker()) {
            worker.store.beforeRecord(outcomes -> {
                throw new StoreException(StoreException.Kind.OUTAGE, "53100", "could not extend file");
            });
            worker.host.commit(worker.store.insertGets(server.url("/"), 10));
            worker.await(() -> worker.host.logLines().size() == 1, "warning");
            worker.host.commit(worker.store.insertGets(server.url("/"), 5));
            worker.await(() -> server.requests().size() == 10, "those that were read");
            int sent = server.requests().size();
            worker.store.beforeRecord(outcomes -> {});

            worker.await(() -> worker.store.responses().size() == 15, "responses");
            assertThat(sent).isEqualTo(10);
            assertThat(server.requests()).hasSize(15);
            assertThat(worker.host.logLines()).hasSize(2);
        }
    }

    @Test
    void requestsThatWaitDoNotBeginWhileNothingCanBeRecorded() throws Exception {
        MemoryStore store = new MemoryStore();
        AtomicInteger attempts = new AtomicInteger();
        store.beforeRecord(outcomes -> {
            attempts.incrementAndGet();
            throw new StoreException(StoreException.Kind.OUTAGE, "57P03", "starting up");
        });
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> {
            Thread.sleep(20);
            ScriptedServer.respond(out, 200, "ok");
        })) {
            store.insertGets(server.url("/"), 50);
            try (RunningWorker worker = new RunningWorker(store, MemorySettings.of("pg_net.batch_size", 1))) {
                // By then, all 50 would have been sent one after the other.
                worker.await(() -> attempts.get() == 5, "attempts");
                assertThat(server.requests()).hasSizeLessThan(10);
                store.beforeRecord(outcomes -> {});
                worker.await(() -> store.responses().size() == 50, "responses");
            }
        }
    }

    @Test
    void lockedRowIsRecordedOnceItIsFree() throws Exception {
        try (ScriptedServer server = ScriptedServer.of("ok");
                RunningWorker worker = new RunningWorker()) {
            IdRange ids = worker.store.insertGets(server.url("/"), 20);
            worker.store.lock(7);
            worker.host.commit(ids);
            worker.await(() -> worker.store.responses().size() == 19, "the others");
            worker.store.unlock(7);

            assertThat(worker.response(7).status()).isEqualTo(200);
            assertThat(server.requests()).hasSize(20);
        }
    }

    @Test
    void errorOfTheStoreEndsTheWorker() throws Exception {
        try (RunningWorker worker = new RunningWorker()) {
            worker.store.beforeFetch(() -> {
                throw new OutOfMemoryError("for the test");
            });
            worker.host.commit(1);

            assertThat(worker.ended()).containsInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void deathOfTheTransferThreadEndsTheWorker() throws Exception {
        Thread backend = Thread.currentThread();
        Clock failing = new Clock() {
            @Override
            public long nanoTime() {
                if (Thread.currentThread() != backend) {
                    throw new StackOverflowError("for the test");
                }
                return System.nanoTime();
            }

            @Override
            public Instant now() {
                return Instant.now();
            }
        };
        try (WorkerAgent agent = new WorkerAgent(new MemoryHost(new MemoryStore(), failing))) {
            assertThatThrownBy(agent::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasCauseInstanceOf(StackOverflowError.class);
        }
    }
}
