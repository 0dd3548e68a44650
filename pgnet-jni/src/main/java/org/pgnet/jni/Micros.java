package org.pgnet.jni;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Moments as moment.h has them: microseconds since 1970, the smallest and the largest number for the ends of time. */
final class Micros {
    private static final long PER_SECOND = 1_000_000;

    private Micros() {}

    /** Of a moment; {@link Instant#MIN} and {@link Instant#MAX} are the ends of time. */
    static long of(Instant moment) {
        if (moment.equals(Instant.MIN)) {
            return Long.MIN_VALUE;
        }
        if (moment.equals(Instant.MAX)) {
            return Long.MAX_VALUE;
        }
        return TimeUnit.SECONDS.toMicros(moment.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(moment.getNano());
    }

    /** The moment of such a number. */
    static Instant moment(long micros) {
        if (micros == Long.MIN_VALUE) {
            return Instant.MIN;
        }
        return micros == Long.MAX_VALUE ? Instant.MAX : ofEpoch(micros);
    }

    private static Instant ofEpoch(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, PER_SECOND), Math.floorMod(micros, PER_SECOND) * 1_000);
    }
}
