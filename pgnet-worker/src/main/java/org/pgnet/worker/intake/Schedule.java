package org.pgnet.worker.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.RequestQueue;

/**
 * When requests are due that are not yet. It knows the next moment and no request, however many there are: the queue is asked
 * when that moment has come. Backend thread.
 */
final class Schedule {
    /** The most ids that one look returns. */
    private static final int MOST = 1_000;

    /** Nanoseconds must not overflow. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(36_500);

    private final RequestQueue queue;
    private final Clock clock;
    private DueIds.Place reached = DueIds.Place.FIRST;
    /** At the start nothing is known, so that something may be due at once. */
    private Instant next = Instant.MIN;

    Schedule(RequestQueue queue, Clock clock) {
        this.queue = queue;
        this.clock = clock;
    }

    /** Something may be due at this moment. */
    void expect(Instant due) {
        if (due.isBefore(next)) {
            next = due;
        }
    }

    /** Whether nothing is known to come. */
    boolean isEmpty() {
        return next.equals(Instant.MAX);
    }

    /** Asks for ids that are due, if any may be. */
    List<Long> takeDue() {
        Instant now = clock.now();
        if (now.isBefore(reached.due())) {
            // The clock was set back: what was committed since may be due before the place that was reached.
            reached = DueIds.Place.FIRST;
            next = Instant.MIN;
        }
        if (now.isBefore(next)) {
            return List.of();
        }
        DueIds due = queue.due(reached, MOST);
        reached = due.reached();
        next = due.next().orElse(Instant.MAX);
        return due.ids();
    }

    /** The nanoseconds until {@link #takeDue} may find something; {@link Long#MAX_VALUE} for never. */
    long nanosUntilDue() {
        if (isEmpty()) {
            return Long.MAX_VALUE;
        }
        Instant now = clock.now();
        if (!now.isBefore(next)) {
            return 0;
        }
        Duration wait = Duration.between(now, next);
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait.toNanos() : LONGEST_WAIT.toNanos();
    }
}
