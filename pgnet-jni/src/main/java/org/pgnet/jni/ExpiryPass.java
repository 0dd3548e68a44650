package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.Clock;

/**
 * Deletes old responses in passes, each from the oldest on, so that one which cannot be deleted (a row of a user's refers to
 * it, a trigger raises, somebody holds a lock) keeps none but itself. A refusal is of a whole statement: the next ones are of
 * fewer responses, down to one, which is passed over. When a pass has left some, the next begins after a pause that grows up
 * to ten minutes. Main thread.
 */
final class ExpiryPass {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** By how much a refusal makes the next statement smaller, and a success larger. */
    private static final int STEP = 10;

    private final Clock clock;
    private Duration ttl = Duration.ZERO;
    private long begunNanos;
    private long pauseNanos;
    /** Whether nothing old is behind where the pass is, and whether nothing at all is. */
    private boolean caughtUp;

    private boolean ended = true;
    /** How many old responses the pass has left where they are. */
    private long left;
    /** The most responses of the next statement. */
    private int part = Integer.MAX_VALUE;

    private boolean atBegin;
    private boolean pastRefused;
    private boolean warned;

    ExpiryPass(Clock clock) {
        this.clock = clock;
    }

    /**
     * As {@link org.pgnet.worker.spi.RequestStore#expire}. Zero also when fewer responses are to be tried next.
     *
     * @throws DatabaseException when the database refuses for a reason that may be of all rows
     */
    Duration expire(Duration currentTtl, int limit) {
        if (ended || !currentTtl.equals(ttl) || (caughtUp && nanosUntilNextPass() <= 0)) {
            begin(currentTtl);
        }
        part = Math.min(part, limit);
        try {
            return delete();
        } catch (DatabaseException refusal) {
            if (refusal.isOfAllRows()) {
                throw refusal;
            }
            narrow(refusal);
            if (SqlState.isPassing(refusal.sqlState())) {
                throw refusal;
            }
            return Duration.ZERO;
        }
    }

    private void begin(Duration currentTtl) {
        pauseNanos = left == 0 ? FIRST_PAUSE_NANOS : Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        warned &= left > 0;
        ttl = currentTtl;
        begunNanos = clock.nanoTime();
        atBegin = true;
        pastRefused = false;
        left = 0;
    }

    private Duration delete() {
        boolean fromOldest = atBegin;
        boolean pastLast = pastRefused;
        atBegin = false;
        pastRefused = false;
        caughtUp = false;
        ended = false;
        long[] expired = Postgres.expire(ttlMicros(), part, fromOldest, pastLast);
        part = part > Integer.MAX_VALUE / STEP ? part : part * STEP;
        left += expired[1];
        caughtUp = expired[0] > 0;
        ended = expired[0] >= ttlMicros() && left == 0;
        return untilNext(Duration.of(expired[0], ChronoUnit.MICROS));
    }

    /** No longer than until the next pass when there is something left for it; the ttl would mean that there is nothing. */
    private Duration untilNext(Duration next) {
        if (left == 0 || !caughtUp) {
            return next;
        }
        Duration pass = Duration.ofNanos(Math.max(0, nanosUntilNextPass()));
        Duration sooner = next.compareTo(pass) < 0 ? next : pass;
        return sooner.compareTo(ttl) < 0 ? sooner : ttl.minus(1, ChronoUnit.MICROS);
    }

    private long nanosUntilNextPass() {
        return begunNanos + (left == 0 ? LONGEST_PAUSE_NANOS : pauseNanos) - clock.nanoTime();
    }

    private void narrow(DatabaseException refusal) {
        if (part > 1) {
            part = Math.max(1, part / STEP);
            return;
        }
        pastRefused = true;
        left++;
        if (!warned) {
            warned = true;
            String message = "pg_net worker passes over an old response that it cannot delete";
            Postgres.log(true, message.getBytes(StandardCharsets.UTF_8), refusal.detail("Its reason: "));
        }
    }

    private long ttlMicros() {
        return TimeUnit.NANOSECONDS.toMicros(ttl.toNanos());
    }
}
