package org.pgnet.worker.memory;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A clock that a test moves. One thread. */
public final class FakeTime implements LongSupplier {
    private long nanos = -1_000_000_000L;

    @Override
    public long getAsLong() {
        return nanos;
    }

    public void advance(Duration by) {
        nanos += by.toNanos();
    }

    public void advanceMillis(long millis) {
        advance(Duration.ofMillis(millis));
    }
}
