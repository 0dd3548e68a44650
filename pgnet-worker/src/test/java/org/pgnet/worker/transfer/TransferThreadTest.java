package org.pgnet.worker.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.QueuedRequest;
import org.pgnet.worker.spi.RowVersion;
import org.pgnet.worker.spi.Settings;

class TransferThreadTest {
    private static final Settings SETTINGS = MemorySettings.of(
            "pg_net.batch_size", 10, "pg_net.max_connections_per_host", 10, "pg_net.max_response_size", 1_000);

    @Test
    void requestOfferedJustBeforeTheSleepIsNotLeftLying() throws Exception {
        Semaphore rung = new Semaphore(0);
        AtomicBoolean offered = new AtomicBoolean();
        AtomicReference<TransferThread> self = new AtomicReference<>();
        Thread backend = Thread.currentThread();
        // The clock is read between the look into the queue and the sleep.
        LongSupplier clock = () -> {
            if (Thread.currentThread() != backend && offered.compareAndSet(false, true)) {
                self.get().offer(List.of(unsendable()));
            }
            return System.nanoTime();
        };
        try (TransferThread transfers =
                new TransferThread(SETTINGS, journal(), BodyPreparer.NONE, rung::release, change -> {}, clock)) {
            self.set(transfers);
            assertThat(transfers.backendMaySleep()).isTrue();
            transfers.start();

            assertThat(rung.tryAcquire(10, TimeUnit.SECONDS))
                    .as("the backend is rung")
                    .isTrue();
            assertThat(transfers.takeOutcomes(10, outcome -> assertThat(outcome).isInstanceOf(Outcome.Failure.class)))
                    .isEqualTo(1);
        }
    }

    @Test
    void threadThatNeverStartedIsClosedToo() {
        TransferThread transfers =
                new TransferThread(SETTINGS, journal(), BodyPreparer.NONE, () -> {}, change -> {}, System::nanoTime);
        transfers.close();
        transfers.close();
    }

    private static Journal journal() {
        return new Journal(ByteBuffer.allocateDirect(64 * Journal.BYTES_PER_REQUEST), false);
    }

    private static Exchange unsendable() {
        byte[] headers = "[1, 2]".getBytes(StandardCharsets.US_ASCII);
        QueuedRequest request = new QueuedRequest(
                new RowVersion(1, 1, 1), "GET", "http://127.0.0.1:1/", headers, NativeBytes.empty(), 1_000);
        return new Exchange(request, "http://127.0.0.1:1");
    }
}
