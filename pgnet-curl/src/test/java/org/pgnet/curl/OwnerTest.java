package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;

/** What one owner's transfers leave serves that owner alone. */
class OwnerTest extends LoopTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static Transfer of(long owner, String url, String... headerLines) {
        return new Transfer(owner, "GET", url, List.of(headerLines), NativeBytes.empty(), 5000, ONE_MEGABYTE, url);
    }

    private int connectionsOf(Runnable work) {
        int before = server.connections();
        work.run();
        return server.connections() - before;
    }

    @Test
    void connectionServesItsOwnerOnly() {
        String url = server.on("/", OK);
        for (int i = 0; i < 3; i++) {
            for (long owner : new long[] {1, 2, 4_294_967_295L}) {
                assertThat(send(of(owner, url)).body()).isEqualTo("ok");
            }
        }
        assertThat(server.connections()).isEqualTo(3);
        assertThat(server.requests()).hasSize(9);
    }

    @Test
    void ownersBeyondTheMostPoolsConnectEachTimeAndTheOthersKeepTheirs() {
        String url = server.on("/", OK);
        loop.maxConnections(2 * ConnectionPools.MAX_POOLS);
        for (long owner = 1; owner <= ConnectionPools.MAX_POOLS; owner++) {
            assertThat(send(of(owner, url)).body()).isEqualTo("ok");
        }
        assertThat(connectionsOf(() -> {
                    for (int i = 0; i < 3; i++) {
                        assertThat(send(of(1000, url)).body()).isEqualTo("ok");
                        assertThat(send(of(1001, url)).body()).isEqualTo("ok");
                    }
                }))
                .isEqualTo(6);
        assertThat(connectionsOf(() -> {
                    for (long owner = 1; owner <= ConnectionPools.MAX_POOLS; owner++) {
                        assertThat(send(of(owner, url)).body()).isEqualTo("ok");
                    }
                }))
                .isZero();
    }

    @Test
    void nothingOfOneOwnersRequestIsInTheNextOnesOfAnother() {
        String url = server.on("/", OK);
        send(new Transfer(
                1,
                "POST",
                url.replace("//", "//user:password@"),
                List.of("Authorization: Bearer x", "Accept-Encoding: gzip"),
                body("secret"),
                5000,
                ONE_MEGABYTE,
                url));
        send(of(1, url.replace("//", "//user:password@")));
        assertThat(server.requests().get(1).values("Authorization")).hasSize(1);

        send(of(2, url));
        send(of(1, url));

        for (ScriptedServer.Request request : server.requests().subList(2, 4)) {
            assertThat(request.line()).isEqualTo("GET / HTTP/1.1");
            assertThat(request.headerLines())
                    .noneMatch(h -> h.startsWith("Authorization") || h.startsWith("Accept-Encoding"));
        }
    }

    @Test
    void proxyConnectionServesItsOwnerOnly() {
        String host = server.on("/", OK).split("/")[2];
        server.on("http://a.invalid/x", OK);
        loop.proxy(new Proxy.At("http://user:password@" + host));
        for (int i = 0; i < 2; i++) {
            assertThat(send(of(1, "http://a.invalid/x")).body()).isEqualTo("ok");
            assertThat(send(of(2, "http://a.invalid/x")).body()).isEqualTo("ok");
        }
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void whatAnAnswerSetsIsNotSent() {
        String url = server.on(
                "/", "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nAlt-Svc: h2=\":1\"\r\nContent-Length: 0\r\n\r\n");
        send(of(1, url));
        send(of(1, url));
        send(of(2, url));
        assertThat(server.requests())
                .hasSize(3)
                .allMatch(request -> request.values("Cookie").isEmpty());
    }

    @Test
    void socketsBesideThoseInFlightAreNoMoreThanTheMostConnections() {
        String url = server.on("/", OK);
        loop.maxConnections(10);
        for (int round = 0; round < 10; round++) {
            // Of many owners, each with several at once.
            int first = round * 20;
            List<Transfer> transfers = IntStream.range(0, 60)
                    .mapToObj(i -> of(first + i % 20, url))
                    .toList();
            assertThat(sendAll(transfers)).allMatch(result -> result.body().equals("ok"));
            assertThat(loop.openSockets()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void originsOfOneOwnerAreNoMoreThanTheMostConnections() throws IOException {
        loop.maxConnections(4);
        List<ScriptedServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                ScriptedServer next = ScriptedServer.start();
                servers.add(next);
                assertThat(send(of(1, next.on("/", OK))).body()).isEqualTo("ok");
                assertThat(loop.openSockets()).isLessThanOrEqualTo(6);
            }
        } finally {
            for (ScriptedServer each : servers) {
                each.close();
            }
        }
    }

    @Test
    void ownerWhoSendsNothingForAMinuteHasNoConnections() {
        AtomicLong now = new AtomicLong();
        String url = server.on("/", OK);
        try (TransferLoop timed = new TransferLoop(8, now::get)) {
            send(timed, of(1, url));
            now.addAndGet(TimeUnit.SECONDS.toNanos(50));
            send(timed, of(2, url));
            assertThat(timed.openSockets()).isEqualTo(2);

            now.addAndGet(TimeUnit.SECONDS.toNanos(20));
            timed.cycle(0, TransferResult::close);
            assertThat(timed.openSockets()).as("those of the second owner").isEqualTo(1);

            send(timed, of(2, url));
            assertThat(server.connections()).isEqualTo(2);
            now.addAndGet(TimeUnit.SECONDS.toNanos(60));
            timed.cycle(0, TransferResult::close);
            assertThat(timed.openSockets()).isZero();
        }
    }

    private static void send(TransferLoop timed, Transfer transfer) {
        timed.start(transfer);
        while (timed.inFlight() > 0) {
            timed.cycle(100, result -> assertThat(Received.of(result).body()).isEqualTo("ok"));
        }
    }

    /** Whatever libcurl's shares do: here two owners have the same one. */
    @Test
    void guardKeepsAConnectionFromAnotherOwnersRequest() {
        String url = server.on("/", OK);
        try (OpenSockets sockets = new OpenSockets();
                SharedSinkState sinks = new SharedSinkState();
                DeniedNetworks denied = new DeniedNetworks();
                MultiHandle multi = new MultiHandle();
                ConnectionPool pool = ConnectionPool.keeping(1, 1)) {
            ConnectionPool mistaken = new ConnectionPool(2, 1, pool.share());
            try (EasyHandle first = new EasyHandle(sinks, sockets, pool);
                    EasyHandle second = new EasyHandle(sinks, sockets, mistaken)) {
                assertThat(run(multi, first, url, denied)).isZero();
                assertThat(run(multi, second, url, denied)).isEqualTo(LibCurl.CURLE_ABORTED_BY_CALLBACK);
                assertThat(second.isToBeResent(LibCurl.CURLE_ABORTED_BY_CALLBACK))
                        .isTrue();
                assertThat(server.requests()).hasSize(1);
                second.abandon(multi);
            }
        }
    }

    private static int run(MultiHandle multi, EasyHandle easy, String url, DeniedNetworks denied) {
        easy.prepare(of(1, url), "", new Proxy.None(), true, false, denied);
        multi.add(easy.address());
        Optional<MultiHandle.Completion> end = Optional.empty();
        while (end.isEmpty()) {
            multi.poll(100);
            multi.perform();
            end = multi.nextCompletion();
        }
        int code = end.get().curlCode();
        if (code == LibCurl.CURLE_OK) {
            easy.finish(multi, code).close();
        }
        return code;
    }
}
