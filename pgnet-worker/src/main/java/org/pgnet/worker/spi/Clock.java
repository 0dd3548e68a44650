package org.pgnet.worker.spi;

import java.time.Instant;

/** The one clock of the engine. Any thread. */
public interface Clock {
    /** The machine's. */
    Clock SYSTEM = new Clock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public Instant now() {
            return Instant.now();
        }
    };

    /** Nanoseconds since some moment, for durations, as {@link System#nanoTime}. */
    long nanoTime();

    /** The time of day. */
    Instant now();
}
