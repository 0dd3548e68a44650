package org.pgnet.worker;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A clock that a test moves. One thread. */
final class FakeTime implements LongSupplier {
    private long nanos = -1_000_000_000L;

    @Override
    public long getAsLong() {
        return nanos;
    }

    void advance(Duration by) {
        nanos += by.toNanos();
    }

    void advanceMillis(long millis) {
        advance(Duration.ofMillis(millis));
    }
}
