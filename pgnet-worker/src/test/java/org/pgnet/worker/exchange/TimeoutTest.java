package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;

class TimeoutTest {
    private static final Pattern TEXT = Pattern.compile("Timeout of (\\d+) ms reached\\. Total time: (\\d+\\.\\d{6}) ms"
            + " \\(DNS time: (\\d+\\.\\d{6}) ms, TCP/SSL handshake time: (\\d+\\.\\d{6}) ms,"
            + " HTTP Request/Response time: (\\d+\\.\\d{6}) ms\\)");

    @Test
    void silentServerIsATimeoutThatSaysWhereTheTimeWent() throws IOException {
        try (ScriptedServer server = ScriptedServer.hanging();
                RunningWorker worker = new RunningWorker()) {
            double[] figures = figures(worker.exchange("GET", server.url("/"), "{}", "", 300), 300);

            assertThat(figures[0]).isBetween(299.0, 1_500.0);
            assertThat(figures[1]).isLessThan(100);
            assertThat(figures[2]).isLessThan(100);
            assertThat(figures[3]).isBetween(100.0, 1_500.0);
        }
    }

    @Test
    void silenceOnAConnectionUsedBeforeIsTimeOfTheResponse() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> {
                    if (request.target().equals("/silent")) {
                        over.await();
                    }
                    ScriptedServer.respond(out, 200, "ok");
                });
                RunningWorker worker = new RunningWorker()) {
            worker.get(server.url("/"));
            double[] figures = figures(worker.exchange("GET", server.url("/silent"), "{}", "", 300), 300);

            assertThat(server.connections()).isEqualTo(1);
            assertThat(figures[1]).isLessThan(100);
            assertThat(figures[3]).isGreaterThan(100);
        } finally {
            over.countDown();
        }
    }

    @Test
    void connectThatDoesNotEndIsTimeOfTheHandshake() throws IOException {
        List<SocketChannel> crowd = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                RunningWorker worker = new RunningWorker()) {
            for (int i = 0; i < 16; i++) {
                SocketChannel channel = SocketChannel.open();
                crowd.add(channel);
                channel.configureBlocking(false);
                channel.connect(full.getLocalSocketAddress());
            }
            String url = "http://127.0.0.1:" + full.getLocalPort() + "/";
            double[] figures = figures(worker.exchange("GET", url, "{}", "", 300), 300);

            assertThat(figures[2]).isGreaterThan(100);
            assertThat(figures[3]).isZero();
        } finally {
            for (SocketChannel channel : crowd) {
                channel.close();
            }
        }
    }

    @Test
    void oneTimeoutCoversAllHops() throws IOException {
        try (ScriptedServer silent = ScriptedServer.hanging();
                ScriptedServer server = ScriptedServer.answering((request, out) -> {
                    Thread.sleep(700);
                    ScriptedServer.respond(out, 302, "", "Location: " + silent.url("/"));
                });
                RunningWorker worker = new RunningWorker()) {
            MemoryStore.Stored response = worker.exchange("GET", server.url("/"), "{}", "", 1_000);
            double[] figures = figures(response, 1_000);

            assertThat(figures[0]).isBetween(999.0, 1_600.0);
            assertThat(response.took().toMillis()).isBetween(999L, 1_600L);
        }
    }

    @Test
    void timeoutRunsWhileAHopWaitsForItsHost() throws IOException {
        try (ScriptedServer silent = ScriptedServer.hanging();
                ScriptedServer server = ScriptedServer.answering(
                        (request, out) -> ScriptedServer.respond(out, 302, "", "Location: " + silent.url("/")));
                RunningWorker worker = new RunningWorker(
                        new MemoryStore(),
                        MemorySettings.of(
                                "pg_net.batch_size",
                                8,
                                "pg_net.max_connections_per_host",
                                1,
                                "pg_net.max_response_size",
                                1_000))) {
            long blocker = worker.store.insert("GET", silent.url("/"), "{}", "", 0);
            worker.host.commit(blocker);
            worker.await(() -> silent.requests().size() == 1, "blocker");

            figures(worker.exchange("GET", server.url("/"), "{}", "", 400), 400);
            assertThat(silent.requests()).hasSize(1);
        }
    }

    @Test
    void timeSpentWaitingForMemoryIsLeftForTheNextHop() throws IOException {
        String large = "x".repeat(2 << 20);
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> {
                    switch (request.target()) {
                        case "/first" -> ScriptedServer.respond(out, 200, large);
                        case "/redirect" -> ScriptedServer.respond(out, 302, large, "Location: /end");
                        default -> ScriptedServer.respond(out, 200, "arrived");
                    }
                });
                RunningWorker worker = new RunningWorker(
                        new MemoryStore(),
                        MemorySettings.of(
                                "pg_net.batch_size",
                                8,
                                "pg_net.max_connections_per_host",
                                8,
                                "pg_net.max_response_memory",
                                1 << 20))) {
            long holder = worker.store.insert("GET", server.url("/first"), "{}", "", 0);
            worker.store.lock(holder);
            worker.host.commit(holder);
            worker.await(() -> !worker.store.batchSizes().isEmpty(), "a response that cannot be recorded");
            long redirected = worker.store.insert("GET", server.url("/redirect"), "{}", "", 500);
            worker.host.commit(redirected);
            worker.await(() -> server.requests().size() == 2, "redirect");
            long longAfter = System.nanoTime() + 900_000_000L;
            worker.await(() -> System.nanoTime() > longAfter, "the time limit to be over");
            assertThat(worker.store.responses()).isEmpty();

            worker.store.unlock(holder);

            assertThat(worker.response(redirected).content()).isEqualTo("arrived");
        }
    }

    @Test
    void zeroIsNoLimit() throws IOException {
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> {
                    Thread.sleep(200);
                    ScriptedServer.respond(out, 200, "late");
                });
                RunningWorker worker = new RunningWorker()) {
            assertThat(worker.exchange("GET", server.url("/"), "{}", "", 0).content())
                    .isEqualTo("late");
        }
    }

    private static double[] figures(MemoryStore.Stored response, int timeoutMillis) {
        assertThat(response.timedOut()).as(response.error()).isTrue();
        Matcher matcher = TEXT.matcher(response.error());
        assertThat(matcher.matches()).as(response.error()).isTrue();
        assertThat(Integer.parseInt(matcher.group(1))).isEqualTo(timeoutMillis);
        double[] figures = new double[4];
        for (int i = 0; i < figures.length; i++) {
            figures[i] = Double.parseDouble(matcher.group(i + 2));
        }
        return figures;
    }
}
