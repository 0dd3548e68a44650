package org.pgnet.worker.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

class PreparationThreadTest {
    private static final int LARGE = 1 << 20;

    private final Semaphore rung = new Semaphore(0);
    private final Mailbox mailbox = new Mailbox(new MemoryHost(new MemoryStore()).settings(), rung::release, () -> {});
    private PreparationThread thread =
            with(body -> Optional.of(NativeBytes.copyOf("short".getBytes(StandardCharsets.US_ASCII))));

    @BeforeEach
    void sleep() {
        assertThat(mailbox.backendMaySleep()).isTrue();
    }

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void largeBodyIsHandedOnWithItsCompressedForm() throws InterruptedException {
        Settlement.Answered response = response(LARGE);

        assertThat(thread.take(response)).isTrue();

        Settlement.Answered compressed = (Settlement.Answered) settlement();
        assertThat(compressed.body()).isSameAs(response.body());
        assertThat(compressed.prepared().toByteArray()).isEqualTo("short".getBytes(StandardCharsets.US_ASCII));
        assertThat(compressed.responseBytes()).isEqualTo(2 + LARGE + 5);
    }

    @Test
    void bodyThatGainsNothingIsHandedOnAsItIs() throws InterruptedException {
        thread = with(BodyPreparer.NONE);
        Settlement.Answered response = response(LARGE);

        thread.take(response);

        assertThat(settlement()).isSameAs(response);
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

        assertThatThrownBy(this::settlement).hasCause(failure).hasMessageContaining("pgnet-prepare");
    }

    private PreparationThread with(BodyPreparer preparer) {
        return new PreparationThread(preparer, mailbox);
    }

    private Settlement settlement() throws InterruptedException {
        assertThat(rung.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        List<Settlement> taken = new ArrayList<>();
        mailbox.take(10, taken::add);
        assertThat(taken).hasSize(1);
        return taken.get(0);
    }

    private static Settlement.Answered response(int bytes) {
        DueRequest request = new DueRequest(
                new RequestKey(1, 1),
                10,
                new HttpRequest("GET", "http://h.test/", new byte[0], NativeBytes.empty(), 1_000));
        return new Settlement.Answered(
                request,
                Instant.EPOCH,
                Duration.ZERO,
                1,
                200,
                NativeBytes.copyOf("{}".getBytes(StandardCharsets.US_ASCII)),
                NativeBytes.copyOf(new byte[bytes]),
                NativeBytes.empty());
    }
}
