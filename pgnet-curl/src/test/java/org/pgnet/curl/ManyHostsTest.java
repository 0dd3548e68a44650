package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests to ever new hosts leave nothing that later ones have to walk over, and no more sockets than may be kept. */
class ManyHostsTest {
    private static final int MAX_CONNECTIONS = 50;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final TransferLoop loop = new TransferLoop(MAX_CONNECTIONS);
    private HttpServer server;
    private int started;

    /** On every address of 127.0.0.0/8: each is a host of its own. */
    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(0), 1_000);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        loop.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private String url(int host) {
        return "http://127." + (1 + host / 65_536) + "." + host / 256 % 256 + "." + host % 256 + ":"
                + server.getAddress().getPort() + "/";
    }

    /** Sends requests of one owner, some at a time, and returns the CPU time of each in nanoseconds. */
    private long send(int count, long owner, IntFunction<String> url) {
        started = 0;
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        while (started < MAX_CONNECTIONS / 2) {
            start(owner, url);
        }
        while (loop.inFlight() > 0) {
            loop.cycle(1_000, result -> {
                assertThat(result.errorText()).isEmpty();
                result.close();
                if (started < count) {
                    start(owner, url);
                }
            });
            assertThat(loop.openSockets()).isLessThanOrEqualTo(6 * MAX_CONNECTIONS);
        }
        return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / count;
    }

    private void start(long owner, IntFunction<String> url) {
        loop.start(new Transfer(
                owner, "GET", url.apply(started++), List.of(), NativeBytes.empty(), 30_000, 1 << 20, started));
    }

    @Test
    void requestsToOneHostCostTheSameAfterThoseToManyOthers() {
        send(2_000, 1, i -> url(1));
        long before = send(2_000, 1, i -> url(1));
        send(8_000, 1, i -> url(100 + i));

        assertThat(send(2_000, 1, i -> url(1))).isLessThan(3 * before);
    }

    @Test
    void requestThatHangsDoesNotKeepItsOwnersOrOthersConnectionsFromBeingUsedAgain() {
        server.createContext("/hangs", exchange -> {});
        for (int i = 0; i < 3; i++) {
            loop.start(new Transfer(1, "GET", url(1) + "hangs", List.of(), NativeBytes.empty(), 0, 1 << 20, "hangs"));
        }
        sendBesideHanging(2_000);
        int most = loop.openSockets();
        sendBesideHanging(6_000);
        assertThat(loop.openSockets()).isLessThanOrEqualTo(Math.max(most, 4 * MAX_CONNECTIONS));

        Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();
        server.createContext("/counted", exchange -> {
            connections.add(exchange.getRemoteAddress());
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        for (int i = 0; i < 20; i++) {
            int inFlight = loop.inFlight();
            loop.start(new Transfer(2, "GET", url(2) + "counted", List.of(), NativeBytes.empty(), 30_000, 1 << 20, i));
            while (loop.inFlight() > inFlight) {
                loop.cycle(1_000, TransferResult::close);
            }
        }
        assertThat(connections).hasSizeLessThan(5);
    }

    private void sendBesideHanging(int count) {
        int hanging = loop.inFlight();
        for (int i = 0; i < count; i++) {
            loop.start(new Transfer(1, "GET", url(1_000 + i), List.of(), NativeBytes.empty(), 30_000, 1 << 20, i));
            while (loop.inFlight() > hanging + 10) {
                loop.cycle(1_000, TransferResult::close);
            }
        }
        while (loop.inFlight() > hanging) {
            loop.cycle(1_000, TransferResult::close);
        }
    }
}
