package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The loop itself: waiting, waking, starting from within, ending. */
class TransferLoopTest extends LoopTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private String serveNothing() {
        return server.on("/silent", (request, out) -> {
            LockSupport.parkNanos(8_000_000_000L);
            return false;
        });
    }

    @Test
    void anIdleCycleWaitsForTheTimeGiven() {
        long begin = System.nanoTime();
        loop.cycle(150, result -> {
            throw new AssertionError(result);
        });
        assertThat(System.nanoTime() - begin).isGreaterThan(140_000_000L);
    }

    @Test
    void wakeupEndsTheWait() throws InterruptedException {
        CountDownLatch aboutToWait = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try {
                aboutToWait.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            loop.wakeup();
        });
        other.start();
        long begin = System.nanoTime();
        aboutToWait.countDown();
        loop.cycle(10_000, result -> {});
        assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
        other.join();
    }

    @Test
    void wakeupBeforeTheWaitIsNotLostAndAfterTheEndDoesNothing() {
        loop.wakeup();
        long begin = System.nanoTime();
        loop.cycle(10_000, result -> {});
        assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
        loop.close();
        loop.wakeup();
    }

    @Test
    void aTransferCanBeStartedFromWithin() {
        String url = server.on("/", OK);
        AtomicInteger left = new AtomicInteger(20);
        List<Integer> statuses = new ArrayList<>();
        loop.start(get(url));
        while (loop.inFlight() > 0) {
            loop.cycle(1000, result -> {
                try (result) {
                    statuses.add(result.status());
                }
                if (left.decrementAndGet() > 0) {
                    loop.start(get(url));
                }
            });
        }
        assertThat(statuses).hasSize(20).containsOnly(200);
    }

    @Test
    void startingARefusedOneFromWithinDoesNotKeepTheCycleFromReturning() {
        AtomicInteger seen = new AtomicInteger();
        loop.start(get("http://"));
        loop.cycle(0, result -> {
            seen.incrementAndGet();
            loop.start(result.transfer());
        });
        assertThat(seen).hasValueLessThan(3);
        assertThat(loop.inFlight()).isEqualTo(1);
    }

    @Test
    void manyAtOnceAllComeBackWithTheirAttachments() {
        String url = server.on("/", OK);
        List<Transfer> transfers = IntStream.range(0, 100)
                .mapToObj(i -> new Transfer(1, "GET", url, List.of(), NativeBytes.empty(), 5000, 100, i))
                .toList();
        List<Received> results = sendAll(transfers);
        assertThat(results).allMatch(result -> result.body().equals("ok"));
        assertThat(results)
                .extracting(Received::attachment)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 100).<Object>mapToObj(i -> i).toList());
    }

    @Test
    void aSlowTransferDoesNotDelayTheOthers() {
        loop.start(withTimeout(serveNothing(), 5000));
        String url = server.on("/", OK);
        loop.start(get(url));
        List<Object> ended = new ArrayList<>();
        while (ended.isEmpty()) {
            loop.cycle(1000, result -> ended.add(Received.of(result).attachment()));
        }
        assertThat(ended).containsExactly(url);
        assertThat(loop.inFlight()).isEqualTo(1);
    }

    @Test
    void anExceptionOfTheConsumerLosesNoOtherResult() {
        String url = server.on("/", OK);
        IntStream.range(0, 5).forEach(i -> loop.start(get(url)));
        assertThatThrownBy(() -> {
                    while (true) {
                        loop.cycle(1000, result -> {
                            result.close();
                            throw new IllegalArgumentException("consumer");
                        });
                    }
                })
                .hasMessage("consumer");
        assertThat(loop.inFlight()).isEqualTo(4);
        List<Received> rest = new ArrayList<>();
        cycleUntilIdle(rest);
        assertThat(rest).hasSize(4).noneMatch(Received::failed);
    }

    @Test
    void connectionsAreUsedAgain() {
        String url = server.on("/", OK);
        for (int i = 0; i < 10; i++) {
            assertThat(send(get(url)).status()).isEqualTo(200);
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void maxConnectionsCanChangeWhileTransfersRun() {
        String url = server.on("/", OK);
        loop.maxConnections(50);
        IntStream.range(0, 50).forEach(i -> loop.start(get(url)));
        loop.cycle(0, result -> result.close());
        loop.maxConnections(0);
        List<Received> rest = new ArrayList<>();
        cycleUntilIdle(rest);
        assertThat(rest).noneMatch(Received::failed);
    }

    @Test
    void closeAbandonsWhatIsInFlight() {
        String silent = serveNothing();
        IntStream.range(0, 20).forEach(i -> loop.start(get(silent)));
        loop.start(get("http://"));
        loop.cycle(0, TransferResult::close);
        loop.close();
        loop.close();
        assertThat(loop.inFlight()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> loop.start(get(silent)));
        assertThatIllegalStateException().isThrownBy(() -> loop.cycle(0, TransferResult::close));
    }

    @Test
    void aResultOutlivesItsLoop() {
        loop.start(get(server.on("/", OK)));
        List<TransferResult> kept = new ArrayList<>();
        while (loop.inFlight() > 0) {
            loop.cycle(1000, kept::add);
        }
        loop.close();
        Received received = Received.of(kept.get(0));
        assertThat(received.body()).isEqualTo("ok");
        assertThat(received.headers()).startsWith("HTTP/1.1 200 OK\r\n");
    }

    @Test
    void theSecondTakeOfABodyIsEmptyAndCloseLeavesTheFirst() {
        loop.start(get(server.on("/", OK)));
        List<TransferResult> kept = new ArrayList<>();
        while (loop.inFlight() > 0) {
            loop.cycle(1000, kept::add);
        }
        TransferResult result = kept.get(0);
        try (NativeBytes body = result.takeBody()) {
            assertThat(result.takeBody().isEmpty()).isTrue();
            result.close();
            result.close();
            assertThat(body.toByteArray()).isEqualTo(new byte[] {'o', 'k'});
            assertThatIllegalStateException().isThrownBy(result::headerBlock);
        }
    }

    @Test
    void handleThatHasGrownIsNotKept() {
        String small = server.on("/small", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        String large =
                server.on("/large", "HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000) + "\r\nContent-Length: 2\r\n\r\nok");
        send(transfer("GET", small, NativeBytes.empty()));
        assertThat(loop.idleHandles()).isEqualTo(1);
        for (Transfer grows : List.of(
                transfer("GET", large, NativeBytes.empty()),
                transfer("GET", small + "?" + "x".repeat(20_000), NativeBytes.empty()),
                transfer("GET", small, NativeBytes.empty(), "X: " + "x".repeat(20_000)))) {
            send(grows);
            assertThat(loop.idleHandles()).isZero();
            send(transfer("GET", small, NativeBytes.empty()));
            assertThat(loop.idleHandles()).isEqualTo(1);
        }
        assertThat(server.connections()).isEqualTo(1);
    }
}
