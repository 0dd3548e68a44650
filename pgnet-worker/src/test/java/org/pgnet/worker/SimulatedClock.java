package org.pgnet.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.pgnet.worker.spi.Clock;

/** The machine's clock, and what a test has added to it. Any thread. */
final class SimulatedClock implements Clock {
    private final AtomicLong addedNanos = new AtomicLong();

    @Override
    public long nanoTime() {
        return System.nanoTime() + addedNanos.get();
    }

    @Override
    public Instant now() {
        return Instant.now().plusNanos(addedNanos.get());
    }

    /** Has so much time pass at once; a negative one sets the clock back. */
    void advance(Duration by) {
        addedNanos.addAndGet(by.toNanos());
    }
}
