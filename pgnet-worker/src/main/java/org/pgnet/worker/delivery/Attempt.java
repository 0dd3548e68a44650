package org.pgnet.worker.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.pgnet.worker.spi.FailureKind;

/**
 * An attempt that has ended, and counts of those before it.
 *
 * @param number its number, from 1
 * @param countedBefore how many before it count towards the most that the policy allows
 * @param firstDue when the first one was due
 * @param expires after which no attempt may begin; empty for no limit
 * @param ended when it ended
 * @param result how it ended
 */
public record Attempt(
        int number, int countedBefore, Instant firstDue, Optional<Instant> expires, Instant ended, Result result) {

    /** Checks the numbers. */
    public Attempt {
        if (number < 1 || countedBefore < 0 || countedBefore >= number) {
            throw new IllegalArgumentException("attempt " + number + " after " + countedBefore + " that count");
        }
    }

    /** How an attempt ended. */
    public sealed interface Result {
        /** Calls the case that this result is. */
        <R> R match(Function<Status, R> status, Function<Failure, R> failure);
    }

    /**
     * A response came.
     *
     * @param code its status code
     * @param retryAfter how long the server asks to be left alone, from when the attempt ended; empty when it does not say
     */
    public record Status(int code, Optional<Duration> retryAfter) implements Result {
        @Override
        public <R> R match(Function<Status, R> status, Function<Failure, R> failure) {
            return status.apply(this);
        }
    }

    /** No response came. */
    public record Failure(FailureKind kind) implements Result {
        @Override
        public <R> R match(Function<Status, R> status, Function<Failure, R> failure) {
            return failure.apply(this);
        }
    }
}
