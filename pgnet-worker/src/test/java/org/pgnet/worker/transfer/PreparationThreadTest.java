package org.pgnet.worker.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.QueuedRequest;
import org.pgnet.worker.spi.RowVersion;

class PreparationThreadTest {
    private static final int LARGE = 1 << 20;

    private final BlockingQueue<Outcome> done = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> died = new LinkedBlockingQueue<>();
    private PreparationThread thread =
            with(body -> Optional.of(NativeBytes.copyOf("short".getBytes(StandardCharsets.US_ASCII))));

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void largeBodyIsHandedOnWithItsCompressedForm() throws InterruptedException {
        Outcome.Response response = response(LARGE);

        assertThat(thread.take(response)).isTrue();

        Outcome.Response compressed = (Outcome.Response) done.poll(10, TimeUnit.SECONDS);
        assertThat(compressed.body()).isSameAs(response.body());
        assertThat(compressed.compressed().toByteArray()).isEqualTo("short".getBytes(StandardCharsets.US_ASCII));
        assertThat(compressed.responseBytes()).isEqualTo(2 + LARGE + 5);
    }

    @Test
    void bodyThatGainsNothingIsHandedOnAsItIs() throws InterruptedException {
        thread = with(BodyPreparer.NONE);
        Outcome.Response response = response(LARGE);

        thread.take(response);

        assertThat(done.poll(10, TimeUnit.SECONDS)).isSameAs(response);
    }

    @Test
    void smallBodyIsNotTaken() {
        assertThat(thread.take(response(10_000))).isFalse();
    }

    @Test
    void failureIsReported() throws InterruptedException {
        OutOfMemoryError failure = new OutOfMemoryError("for a test");
        thread = with(body -> {
            throw failure;
        });

        thread.take(response(LARGE));

        assertThat(died.poll(10, TimeUnit.SECONDS)).isSameAs(failure);
    }

    private PreparationThread with(BodyPreparer compressor) {
        return new PreparationThread(compressor, done::add, died::add);
    }

    private static Outcome.Response response(int bytes) {
        QueuedRequest request = new QueuedRequest(
                new RowVersion(1, 1, 1), "GET", "http://h.test/", new byte[0], NativeBytes.empty(), 1_000);
        return new Outcome.Response(
                request,
                Instant.EPOCH,
                Duration.ZERO,
                200,
                NativeBytes.copyOf("{}".getBytes(StandardCharsets.US_ASCII)),
                NativeBytes.copyOf(new byte[bytes]),
                NativeBytes.empty());
    }
}
