package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.spi.IdRange;

class OriginFairnessTest {

    @Test
    void fiftyThousandRequestsOfAHangingHostDoNotDelayAnother() throws IOException {
        MemoryStore store = new MemoryStore();
        try (ScriptedServer dead = ScriptedServer.hanging();
                ScriptedServer fast = ScriptedServer.of("ok")) {
            store.insertGets(dead.url("/"), 50_000);
            IdRange behind = store.insertGets(fast.url("/"), 100);
            long start = System.nanoTime();
            try (RunningWorker worker = new RunningWorker(store)) {
                worker.await(() -> store.responses().size() == 100, "responses of the fast host");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
                assertThat(store.responses()).containsKeys(behind.first(), behind.last());
                assertThat(dead.requests().size()).isLessThanOrEqualTo(64);
            }
        }
    }

    @Test
    void severalDeadHostsDoNotDelayAnother() throws IOException {
        MemoryStore store = new MemoryStore();
        List<ScriptedServer> dead = new ArrayList<>();
        try (ScriptedServer fast = ScriptedServer.of("ok")) {
            for (int i = 0; i < 6; i++) {
                dead.add(ScriptedServer.hanging());
            }
            for (int i = 0; i < 12_000; i++) {
                store.insertGet(dead.get(i % dead.size()).url("/"));
            }
            try (RunningWorker worker = new RunningWorker(
                    store, MemorySettings.of("pg_net.batch_size", 200, "pg_net.max_connections_per_host", 10))) {
                worker.await(
                        () -> dead.stream().mapToInt(s -> s.requests().size()).sum() == 60,
                        "dead hosts at their limit");
                for (int i = 0; i < 50; i++) {
                    long start = System.nanoTime();
                    assertThat(worker.get(fast.url("/")).status()).isEqualTo(200);
                    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
                }
                assertThat(store.responses()).hasSize(50);
            }
        } finally {
            for (ScriptedServer server : dead) {
                server.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 60})
    void oneRolesDeadHostsDoNotDelayAnotherRole(int hosts) throws IOException {
        MemoryStore store = new MemoryStore();
        List<ScriptedServer> dead = new ArrayList<>();
        try (ScriptedServer fast = ScriptedServer.of("ok")) {
            for (int i = 0; i < hosts; i++) {
                dead.add(ScriptedServer.hanging());
            }
            for (int i = 0; i < 6_000; i++) {
                store.insert("GET", dead.get(i % hosts).url("/"), "{}", "", 0);
            }
            store.owner(11);
            try (RunningWorker worker = new RunningWorker(store)) {
                worker.await(
                        () -> dead.stream().mapToInt(s -> s.requests().size()).sum() == 200,
                        "dead hosts with all slots of their role");
                List<Long> millis = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    long start = System.nanoTime();
                    assertThat(worker.get(fast.url("/")).status()).isEqualTo(200);
                    millis.add((System.nanoTime() - start) / 1_000_000);
                }
                millis.sort(null);
                assertThat(millis.get(25)).isLessThan(50);
            }
        } finally {
            for (ScriptedServer server : dead) {
                server.close();
            }
        }
    }

    @Test
    void requestsOfADeadHostTimeOutAndTheRestFollows() throws IOException {
        MemoryStore store = new MemoryStore();
        try (ScriptedServer dead = ScriptedServer.hanging()) {
            for (int i = 0; i < 300; i++) {
                store.insert("GET", dead.url("/"), "{}", "", 100);
            }
            try (RunningWorker worker = new RunningWorker(store)) {
                worker.await(() -> store.queued() == 0, "error rows");
                assertThat(store.responses().values()).hasSize(300).allMatch(MemoryStore.Stored::timedOut);
            }
        }
    }
}
