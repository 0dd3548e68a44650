package org.pgnet.worker.memory;

import java.time.Duration;
import java.time.Instant;
import org.pgnet.worker.spi.Clock;

/** A clock that a test moves. One thread. */
public final class FakeClock implements Clock {
    private long nanos = -1_000_000_000L;

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public Instant now() {
        return Instant.EPOCH.plusNanos(nanos);
    }

    public void advance(Duration by) {
        nanos += by.toNanos();
    }

    public void advanceMillis(long millis) {
        advance(Duration.ofMillis(millis));
    }
}
