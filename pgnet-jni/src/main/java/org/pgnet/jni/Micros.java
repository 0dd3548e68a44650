package org.pgnet.jni;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/** Moments as moment.h has them: microseconds since 1970, the smallest and the largest number for the ends of time. */
final class Micros {
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
        return micros == Long.MAX_VALUE ? Instant.MAX : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
