package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The budget for bodies of more than 1 MB: who finds none waits, and nothing fails for it. */
class BodyMemoryTest extends LoopTest {

    private static final int MEGABYTE = 1 << 20;
    private static final String TWO_MEGABYTES = "0123456789abcdef".repeat(2 * MEGABYTE / 16);
    private static final long LIMIT = 64L * MEGABYTE;

    private final ArrayDeque<NativeBytes> held = new ArrayDeque<>();
    private final List<Object> ended = new ArrayList<>();
    private final CountDownLatch testEnds = new CountDownLatch(1);

    @AfterEach
    void closeHeld() {
        testEnds.countDown();
        held.forEach(NativeBytes::close);
    }

    private static String withLength(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String inChunks(String body) {
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n"
                + body + "\r\n0\r\n\r\n";
    }

    private static Transfer large(String url, int timeoutMillis, long maxBodyBytes, Object attachment) {
        return new Transfer(1, "GET", url, List.of(), NativeBytes.empty(), timeoutMillis, maxBodyBytes, attachment);
    }

    /** Works until the condition holds, keeps every body, and looks each time that no more is leased than may be. */
    private void cycleUntil(long budget, BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            loop.cycle(20, result -> {
                try (result) {
                    assertThat(result.errorText()).isEmpty();
                    held.add(result.takeBody());
                    ended.add(result.transfer().attachment());
                }
            });
            assertThat(loop.leasedBodyMemory()).isLessThanOrEqualTo(budget);
        }
    }

    /** Takes 2 MB of the budget, until {@link #release}. */
    private void holdTwoMegabytes() {
        loop.start(large(server.on("/held", withLength(TWO_MEGABYTES)), 5000, LIMIT, "held"));
        cycleUntil(Long.MAX_VALUE, () -> held.size() == 1);
        assertThat(loop.leasedBodyMemory()).isEqualTo(2 * MEGABYTE);
    }

    private void release() {
        held.remove().close();
    }

    @Test
    void bodiesOfNoMoreThanAMegabyteShareABoundAndArriveWhole() {
        int count = 120;
        loop.maxBodyMemory(4 * MEGABYTE);
        String megabyte = TWO_MEGABYTES.substring(0, MEGABYTE);
        String[] urls = {server.on("/length", withLength(megabyte)), server.on("/chunked", inChunks(megabyte))};
        IntStream.range(0, count).forEach(i -> loop.start(large(urls[i % 2], 20_000, 2 * MEGABYTE, i)));
        long most = 0;
        while (ended.size() < count) {
            int before = ended.size();
            cycleUntil(4 * MEGABYTE, () -> ended.size() > before || (loop.waitingForMemory() > 0 && !held.isEmpty()));
            most = Math.max(most, loop.unleasedBodyMemory());
            if (loop.waitingForMemory() > 0 && !held.isEmpty()) {
                assertThat(held.element().length()).isEqualTo(MEGABYTE);
                release();
            }
        }
        assertThat(most).isBetween(4L * MEGABYTE, 34L * MEGABYTE);
        held.forEach(body -> assertThat(body.length()).isEqualTo(MEGABYTE));
        held.forEach(NativeBytes::close);
        assertThat(loop.unleasedBodyMemory()).isZero();
        assertThat(loop.leasedBodyMemory()).isZero();
    }

    @Test
    void smallBodyFindsMemoryHoweverManyWait() {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        String url = server.on("/chunked", inChunks(TWO_MEGABYTES));
        IntStream.range(0, 100).forEach(i -> loop.start(large(url, 20_000, LIMIT, i)));
        cycleUntil(2 * MEGABYTE, () -> loop.waitingForMemory() == 100);
        assertThat(loop.unleasedBodyMemory()).isBetween(24L * MEGABYTE, 34L * MEGABYTE);

        loop.start(large(server.on("/small", withLength("x".repeat(16 * 1024))), 5000, LIMIT, "small"));
        cycleUntil(2 * MEGABYTE, () -> ended.contains("small"));
    }

    private void startAndAwaitPause(Transfer transfer) {
        int before = loop.waitingForMemory();
        loop.start(transfer);
        cycleUntil(Long.MAX_VALUE, () -> loop.waitingForMemory() == before + 1);
    }

    @Test
    void tenBodiesShareABudgetForOneAndArriveWhole() {
        loop.maxBodyMemory(3 * MEGABYTE);
        String url = server.on("/", withLength(TWO_MEGABYTES));
        IntStream.range(0, 10).forEach(i -> loop.start(large(url, 5000, LIMIT, i)));
        for (int i = 1; i <= 10; i++) {
            int count = i;
            cycleUntil(3 * MEGABYTE, () -> ended.size() == count);
            assertThat(loop.waitingForMemory()).isLessThanOrEqualTo(10 - count);
            assertThat(held).hasSize(1);
            assertThat(new String(held.element().toByteArray(), StandardCharsets.ISO_8859_1))
                    .isEqualTo(TWO_MEGABYTES);
            release();
        }
        assertThat(ended).hasSize(10).doesNotHaveDuplicates();
        assertThat(loop.leasedBodyMemory()).isZero();
    }

    @Test
    void whoWaitsLongestIsServedFirst() {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        String url = server.on("/", withLength(TWO_MEGABYTES));
        List<Object> order = List.of("first", "second", "third", "fourth", "fifth");
        order.forEach(name -> startAndAwaitPause(large(url, 5000, LIMIT, name)));
        ended.clear();
        for (int i = 1; i <= order.size(); i++) {
            int count = i;
            release();
            cycleUntil(2 * MEGABYTE, () -> ended.size() == count);
        }
        assertThat(ended).isEqualTo(order);
    }

    @Test
    void smallBodiesGoOnWhileLargeOnesWait() {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        startAndAwaitPause(large(server.on("/large", withLength(TWO_MEGABYTES)), 5000, LIMIT, "large"));
        String small = TWO_MEGABYTES.substring(0, MEGABYTE);
        loop.start(large(server.on("/exact", inChunks(small)), 5000, LIMIT, "small"));
        cycleUntil(2 * MEGABYTE, () -> ended.contains("small"));
        assertThat(held.getLast().length()).isEqualTo(MEGABYTE);
        assertThat(loop.waitingForMemory()).isEqualTo(1);
    }

    @Test
    void bodyWithoutLengthLeasesItsLimitAndKeepsWhatItNeeds() {
        loop.maxBodyMemory(5 * MEGABYTE);
        String url = server.on("/", inChunks(TWO_MEGABYTES));
        loop.start(large(url, 5000, 4 * MEGABYTE, 1));
        loop.start(large(url, 5000, 4 * MEGABYTE, 2));
        cycleUntil(5 * MEGABYTE, () -> ended.size() == 1);
        assertThat(loop.leasedBodyMemory()).isBetween(2L * MEGABYTE, 2L * MEGABYTE + MEGABYTE / 4);
        cycleUntil(5 * MEGABYTE, () -> loop.waitingForMemory() == 1);
        release();
        cycleUntil(5 * MEGABYTE, () -> ended.size() == 2);
        assertThat(held.element().length()).isEqualTo(TWO_MEGABYTES.length());
    }

    @Test
    void waitingDoesNotCountTowardsTheTimeout() {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        startAndAwaitPause(large(server.on("/", withLength(TWO_MEGABYTES)), 400, LIMIT, "waiter"));
        long resume = System.nanoTime() + 900_000_000L;
        cycleUntil(2 * MEGABYTE, () -> System.nanoTime() > resume);
        assertThat(loop.waitingForMemory()).isEqualTo(1);
        release();
        List<TransferResult> results = new ArrayList<>();
        cycleUntilEmpty(results);
        try (TransferResult result = results.get(0)) {
            assertThat(result.errorText()).isEmpty();
            assertThat(result.memoryWaitNanos()).isGreaterThan(850_000_000L);
            assertThat(result.timings().totalMicros()).isGreaterThan(850_000L);
        }
    }

    @Test
    void timeThatWasLeftRunsOutAfterTheWaitAndWakesTheLoop() {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        CountDownLatch end = new CountDownLatch(1);
        String stalling = server.on("/", (request, out) -> {
            byte[] begin = withLength(TWO_MEGABYTES).getBytes(StandardCharsets.ISO_8859_1);
            out.write(begin, 0, begin.length - 1);
            out.flush();
            awaitQuietly(end);
            return false;
        });
        startAndAwaitPause(large(stalling, 500, LIMIT, "waiter"));
        long resume = System.nanoTime() + 700_000_000L;
        cycleUntil(2 * MEGABYTE, () -> System.nanoTime() > resume);
        release();
        long released = System.nanoTime();
        List<TransferResult> results = new ArrayList<>();
        while (results.isEmpty() && System.nanoTime() - released < 8_000_000_000L) {
            loop.cycle(10_000, results::add);
        }
        long took = System.nanoTime() - released;
        end.countDown();
        try (TransferResult result = results.get(0)) {
            assertThat(result.timedOut()).isTrue();
            assertThat(result.errorDetail()).startsWith("Operation timed out after");
            assertThat(result.timings().totalMicros()).isBetween(1_190_000L, 3_000_000L);
        }
        assertThat(took).isBetween(100_000_000L, 2_500_000_000L);
        assertThat(loop.leasedBodyMemory()).isZero();
    }

    @Test
    void bodyThatFailsHalfwayGivesItsMemoryBack() {
        loop.maxBodyMemory(2 * MEGABYTE);
        String half = server.onThenClose(
                "/", "HTTP/1.1 200 OK\r\nContent-Length: " + 2 * MEGABYTE + "\r\n\r\n" + TWO_MEGABYTES.substring(9));
        loop.start(large(half, 5000, LIMIT, 1));
        loop.start(large(half, 5000, LIMIT, 2));
        List<TransferResult> results = new ArrayList<>();
        long end = System.nanoTime() + 10_000_000_000L;
        while (loop.inFlight() > 0 && System.nanoTime() < end) {
            loop.cycle(20, result -> {
                assertThat(loop.leasedBodyMemory()).isPositive();
                result.close();
                results.add(result);
            });
        }
        assertThat(results).hasSize(2).allMatch(TransferResult::failed);
        assertThat(loop.leasedBodyMemory()).isZero();
    }

    @Test
    void bodyLargerThanTheBudgetPassesAlone() {
        loop.maxBodyMemory(MEGABYTE);
        holdTwoMegabytes();
        startAndAwaitPause(large(server.on("/", withLength(TWO_MEGABYTES)), 5000, LIMIT, "next"));
        release();
        cycleUntil(2 * MEGABYTE, () -> ended.contains("next"));
        assertThat(held.element().length()).isEqualTo(TWO_MEGABYTES.length());
    }

    @Test
    void raisedBudgetLetsThoseGoOnWhoWait() {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        startAndAwaitPause(large(server.on("/", withLength(TWO_MEGABYTES)), 5000, LIMIT, "waiter"));
        loop.maxBodyMemory(8 * MEGABYTE);
        cycleUntil(8 * MEGABYTE, () -> ended.contains("waiter"));
        assertThat(held).hasSize(2);
    }

    @Test
    void memoryThatAnotherThreadFreesWakesTheLoop() throws InterruptedException {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        startAndAwaitPause(large(server.on("/", withLength(TWO_MEGABYTES)), 0, LIMIT, "waiter"));
        CountDownLatch aboutToWait = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            awaitQuietly(aboutToWait);
            release();
        });
        other.start();
        long begin = System.nanoTime();
        List<TransferResult> results = new ArrayList<>();
        aboutToWait.countDown();
        while (results.isEmpty() && System.nanoTime() - begin < 9_000_000_000L) {
            loop.cycle(10_000, results::add);
        }
        other.join();
        assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
        try (TransferResult result = results.get(0);
                NativeBytes body = result.takeBody()) {
            assertThat(body.length()).isEqualTo(TWO_MEGABYTES.length());
        }
    }

    @Test
    void closeAbandonsThoseThatWaitAndABodyOutlivesItsLoop() {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        String url = server.on("/", withLength(TWO_MEGABYTES));
        IntStream.range(0, 3).forEach(i -> startAndAwaitPause(large(url, 5000, LIMIT, i)));
        loop.close();
        assertThat(loop.inFlight()).isZero();
        assertThat(held.element().length()).isEqualTo(TWO_MEGABYTES.length());
        release();
        assertThat(loop.leasedBodyMemory()).isZero();
    }

    @Test
    void compressedBodyThatWaitedArrivesWhole() throws IOException {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        startAndAwaitPause(gzipped(8 * MEGABYTE, LIMIT));
        release();
        cycleUntil(LIMIT, () -> ended.contains("gzip"));
        byte[] body = held.element().toByteArray();
        assertThat(body).hasSize(8 * MEGABYTE).containsOnly(0);
    }

    @Test
    void compressedBodyThatWaitedAndIsTooLargeIsAFailedResult() throws IOException {
        loop.maxBodyMemory(2 * MEGABYTE);
        holdTwoMegabytes();
        startAndAwaitPause(gzipped(8 * MEGABYTE, 3 * MEGABYTE));
        release();
        List<TransferResult> results = new ArrayList<>();
        cycleUntilEmpty(results);
        try (TransferResult result = results.get(0)) {
            assertThat(result.errorText())
                    .isEqualTo("Response body is larger than the limit of " + 3 * MEGABYTE + " bytes");
        }
        assertThat(loop.leasedBodyMemory()).isZero();
    }

    /** Sends so many bytes of a body, which it says is longer if it says anything, and then no more until the end. */
    private String stalling(String path, String head, int bytes) {
        return server.on(path, (request, out) -> {
            out.write(("HTTP/1.1 200 OK\r\n" + head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.write(new byte[bytes]);
            out.flush();
            awaitQuietly(testEnds);
            return false;
        });
    }

    private static Transfer of(long owner, String url, Object attachment) {
        return new Transfer(owner, "GET", url, List.of(), NativeBytes.empty(), 0, LIMIT, attachment);
    }

    @Test
    void serversThatPromiseMuchAndSendLittleTakeNoMemoryFromOthers() {
        loop.maxBodyMemory(256 * MEGABYTE);
        String length = stalling("/length", "Content-Length: " + LIMIT, 2 * MEGABYTE);
        String chunked = stalling(
                "/chunked", "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString((int) LIMIT), 2 * MEGABYTE);
        IntStream.range(0, 20).forEach(i -> loop.start(of(1, i % 2 == 0 ? length : chunked, i)));
        cycleUntil(256 * MEGABYTE, () -> loop.leasedBodyMemory() >= 20 * 2 * MEGABYTE);
        loop.start(of(2, server.on("/", withLength(TWO_MEGABYTES)), "other owner"));
        cycleUntil(256 * MEGABYTE, () -> ended.contains("other owner"));

        assertThat(loop.leasedBodyMemory()).isLessThanOrEqualTo((20 * 4 + 2) * MEGABYTE);
    }

    @Test
    void someMemoryIsLeftForAnotherOwner() {
        loop.maxBodyMemory(16 * MEGABYTE);
        String url = stalling("/", "Content-Length: " + (2 * MEGABYTE + 1), 2 * MEGABYTE);
        IntStream.range(0, 20).forEach(i -> loop.start(of(1, url, i)));
        cycleUntil(16 * MEGABYTE, () -> loop.waitingForMemory() == 17);
        loop.start(of(2, server.on("/other", withLength(TWO_MEGABYTES)), "other owner"));
        cycleUntil(16 * MEGABYTE, () -> ended.contains("other owner"));
    }

    @Test
    void bodyGrowsStepByStepAndArrivesWhole() {
        loop.maxBodyMemory(256 * MEGABYTE);
        String body = "0123456789abcdef".repeat(21 * MEGABYTE / 16);
        loop.start(of(1, server.on("/length", withLength(body)), "length"));
        loop.start(of(1, server.on("/chunked", inChunks(body)), "chunked"));
        cycleUntil(256 * MEGABYTE, () -> ended.size() == 2);

        for (NativeBytes each : held) {
            assertThat(new String(each.toByteArray(), StandardCharsets.ISO_8859_1))
                    .isEqualTo(body);
        }
        assertThat(loop.leasedBodyMemory()).isLessThan(44 * MEGABYTE);
        assertThat(loop.unleasedBodyMemory()).isZero();
    }

    @Test
    void bodiesThatTogetherWantMoreThanThereIsAllArrive() {
        loop.maxBodyMemory(40 * MEGABYTE);
        String body = "0123456789abcdef".repeat(12 * MEGABYTE / 16);
        String[] urls = {server.on("/length", withLength(body)), server.on("/chunked", inChunks(body))};
        IntStream.range(0, 30)
                .forEach(i -> loop.start(
                        new Transfer(i % 3, "GET", urls[i % 2], List.of(), NativeBytes.empty(), 0, 16 * MEGABYTE, i)));
        while (ended.size() < 30) {
            int before = ended.size();
            cycleUntil(40 * MEGABYTE, () -> ended.size() > before);
            held.forEach(NativeBytes::close);
            held.clear();
        }
        assertThat(loop.leasedBodyMemory()).isZero();
    }

    @Test
    void waitInWhichNothingIsGivenBackEnds() {
        AtomicLong nanos = new AtomicLong();
        try (TransferLoop clocked = new TransferLoop(10, nanos::get)) {
            clocked.maxBodyMemory(2 * MEGABYTE);
            clocked.start(of(1, stalling("/", "Content-Length: " + LIMIT, 3 * MEGABYTE), "stalls"));
            List<TransferResult> results = new ArrayList<>();
            cycleUntil(clocked, results, () -> clocked.leasedBodyMemory() > 0);
            clocked.start(of(2, server.on("/other", withLength(TWO_MEGABYTES)), "waits"));
            cycleUntil(clocked, results, () -> clocked.waitingForMemory() == 1);
            nanos.addAndGet(PausedTransfers.LONGEST_STANDSTILL_NANOS - 1);
            clocked.cycle(0, results::add);
            assertThat(results).isEmpty();

            nanos.addAndGet(1);
            cycleUntil(clocked, results, () -> !results.isEmpty());
            try (TransferResult result = results.get(0)) {
                assertThat(result.transfer().attachment()).isEqualTo("waits");
                assertThat(result.errorText())
                        .isEqualTo("Response waited 20 s for memory, which other responses hold"
                                + " (pg_net.max_response_memory)");
                assertThat(result.timedOut()).isFalse();
            }
            assertThat(clocked.waitingForMemory()).isZero();
            assertThat(clocked.inFlight()).isEqualTo(1);
        }
    }

    private static void cycleUntil(TransferLoop each, List<TransferResult> results, BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            each.cycle(20, results::add);
        }
    }

    private Transfer gzipped(int length, long maxBodyBytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[length]);
        }
        String url = server.on("/gzip", (request, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + packed.size() + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            packed.writeTo(out);
            return true;
        });
        return new Transfer(
                1, "GET", url, List.of("Accept-Encoding: gzip"), NativeBytes.empty(), 5000, maxBodyBytes, "gzip");
    }

    private void cycleUntilEmpty(List<TransferResult> results) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (loop.inFlight() > 0) {
            assertThat(System.nanoTime()).isLessThan(end);
            loop.cycle(20, results::add);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
