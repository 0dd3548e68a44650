package org.pgnet.worker.intake;

import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.Priority;

/**
 * What the backend thread knows of one owner's requests of one priority to one origin, or of the messages among them to one
 * endpoint of their own: how many are held, and which ids wait outside.
 */
final class OriginBacklog {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    final OwnerBacklog owner;
    /** Of its origin, or of several together. */
    final long number;

    final Priority priority;
    /** Where to read its next requests, once there is room for them. */
    final DeferredIds deferred;

    private String origin = "";

    int held;

    private long secondSinceNanos;
    private long endedInSecond;
    private long endedInLastSecond;

    OriginBacklog(OwnerBacklog owner, long number, Priority priority, int maxRanges) {
        this.owner = owner;
        this.number = number;
        this.priority = priority;
        this.deferred = new DeferredIds(maxRanges);
    }

    /** One of its requests is to this origin. */
    void read(String originOfOne) {
        origin = originOfOne;
    }

    /** Its origin, once one of its requests was read; empty before, and for several. */
    String originName() {
        return number == OwnerBacklog.TOGETHER ? "" : origin;
    }

    /** One of its requests has ended. */
    void ended(long nowNanos) {
        passSeconds(nowNanos);
        endedInSecond++;
    }

    /** How many of its requests have ended within a second, or a little longer. */
    long endedLately(long nowNanos) {
        passSeconds(nowNanos);
        return Math.max(endedInSecond, endedInLastSecond);
    }

    private void passSeconds(long nowNanos) {
        long passed = nowNanos - secondSinceNanos;
        if (passed >= SECOND) {
            endedInLastSecond = passed < 2 * SECOND ? endedInSecond : 0;
            endedInSecond = 0;
            secondSinceNanos = nowNanos;
        }
    }
}
