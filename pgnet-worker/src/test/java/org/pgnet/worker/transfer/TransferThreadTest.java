package org.pgnet.worker.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.Settlement;

class TransferThreadTest {
    private static final Settings SETTINGS = MemorySettings.of(
            "pg_net.batch_size", 10, "pg_net.max_connections_per_host", 10, "pg_net.max_response_size", 1_000);

    @Test
    void requestOfferedJustBeforeTheSleepIsNotLeftLying() throws Exception {
        AtomicBoolean offered = new AtomicBoolean();
        AtomicReference<TransferThread> self = new AtomicReference<>();
        Thread backend = Thread.currentThread();
        // The clock is read between the look into the queue and the sleep.
        Clock clock = new Clock() {
            @Override
            public long nanoTime() {
                if (Thread.currentThread() != backend && offered.compareAndSet(false, true)) {
                    self.get().mailbox().offer(List.of(unsendable()));
                }
                return System.nanoTime();
            }

            @Override
            public Instant now() {
                return Instant.now();
            }
        };
        MemoryHost host = new MemoryHost(new MemoryStore(), clock);
        try (TransferThread transfers = new TransferThread(SETTINGS, journal(), host)) {
            self.set(transfers);
            assertThat(transfers.mailbox().backendMaySleep()).isTrue();
            transfers.start();

            assertTimeoutPreemptively(Duration.ofSeconds(10), () -> host.await(-1), "the backend is rung");
            assertThat(transfers
                            .mailbox()
                            .take(10, outcome -> assertThat(outcome).isInstanceOf(Settlement.Failed.class)))
                    .isEqualTo(1);
        }
    }

    @Test
    void threadThatNeverStartedIsClosedToo() {
        TransferThread transfers = new TransferThread(SETTINGS, journal(), new MemoryHost(new MemoryStore()));
        transfers.close();
        transfers.close();
    }

    private static Journal journal() {
        return new Journal(ByteBuffer.allocateDirect(Journal.bytesFor(64)), false);
    }

    private static Exchange unsendable() {
        byte[] headers = "[1, 2]".getBytes(StandardCharsets.US_ASCII);
        DueRequest request = new DueRequest(
                new RequestKey(1, 1),
                10,
                new HttpRequest("GET", "http://127.0.0.1:1/", headers, NativeBytes.empty(), 1_000));
        return new Exchange(request, "http://127.0.0.1:1", Clock.SYSTEM);
    }
}
