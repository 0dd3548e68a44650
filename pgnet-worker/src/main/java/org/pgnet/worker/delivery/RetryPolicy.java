package org.pgnet.worker.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.FailureKind;

/**
 * When a failed request is retried: a row of net.policies.
 *
 * @param delays before the second attempt, the third and so on; the last one repeats. Empty if there is only one attempt
 * @param maxAttempts the first one included; empty for no limit
 * @param maxAge from when the first attempt was due; none begins later
 * @param jitter the fraction by which a delay may be shorter or longer, 0 to 1
 * @param retryOn which outcomes lead to another attempt
 */
public record RetryPolicy(
        List<Duration> delays, OptionalInt maxAttempts, Duration maxAge, double jitter, RetryOn retryOn) {

    /** The longest of delays and ages. */
    public static final Duration LONGEST = Duration.ofDays(366);

    /** The age when a policy does not say. */
    public static final Duration STANDARD_MAX_AGE = Duration.ofDays(7);

    /**
     * The shortest pause after an attempt that does not count, since nothing but the age ends those: with a delay of 0 they
     * would follow each other without one.
     */
    static final Duration SHORTEST_UNCOUNTED = Duration.ofSeconds(1);

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final long NANOS_PER_MICRO = 1_000;

    /** Checks the numbers, and keeps a copy of the delays. */
    public RetryPolicy {
        delays = List.copyOf(delays);
        delays.forEach(delay -> require(isInRange(delay), "a delay of " + delay));
        require(isInRange(maxAge), "an age of " + maxAge);
        require(jitter >= 0 && jitter <= 1, "a jitter of " + jitter);
        require(maxAttempts.isEmpty() || maxAttempts.getAsInt() >= 1, "no attempt");
    }

    /**
     * Decides what becomes of a request whose attempt has ended.
     *
     * @param chance a random number from 0 to 1, by which delays differ
     */
    public Verdict decide(Attempt attempt, double chance) {
        require(chance >= 0 && chance <= 1, "a chance of " + chance);
        return attempt.result()
                .match(
                        status -> afterStatus(attempt, status, chance),
                        failure -> afterFailure(attempt, failure.kind(), chance));
    }

    private Verdict afterFailure(Attempt attempt, FailureKind kind, double chance) {
        if (!retryOn.containsFailure(kind)) {
            return new Verdict.Ended(reasonOf(kind));
        }
        Duration pause = jittered(delayAfter(attempt), 1 - jitter, chance);
        return again(attempt, attempt.countedBefore() + 1, pause, Optional.empty());
    }

    private Verdict afterStatus(Attempt attempt, Attempt.Status status, double chance) {
        if (!retryOn.containsStatus(status.code())) {
            return status.code() / 100 == 2 ? new Verdict.Succeeded() : new Verdict.Ended(DeadReason.REJECTED);
        }
        boolean counts = status.code() != TOO_MANY_REQUESTS
                && !(status.code() == SERVICE_UNAVAILABLE && status.retryAfter().isPresent());
        Duration shortest = status.retryAfter().orElse(Duration.ZERO);
        if (!counts) {
            shortest = longer(shortest, SHORTEST_UNCOUNTED);
        }
        Duration delay = longer(delayAfter(attempt), shortest);
        double least = status.retryAfter().isPresent() ? 1 : 1 - jitter;
        Duration pause = longer(jittered(delay, least, chance), shortest);
        return again(attempt, attempt.countedBefore() + (counts ? 1 : 0), pause, status.retryAfter());
    }

    /** The first of the limits that stands in the way ends it. */
    private Verdict again(Attempt attempt, int counted, Duration pause, Optional<Duration> asked) {
        if (delays.isEmpty() || counted >= maxAttempts.orElse(Integer.MAX_VALUE)) {
            return new Verdict.Ended(DeadReason.EXHAUSTED);
        }
        Instant due = attempt.ended().plus(pause);
        Instant tooOld = attempt.firstDue().plus(maxAge);
        Instant expires = attempt.expires().orElse(Instant.MAX);
        if (due.isAfter(tooOld) || due.isAfter(expires)) {
            return new Verdict.Ended(expires.isBefore(tooOld) ? DeadReason.EXPIRED : DeadReason.EXHAUSTED);
        }
        return new Verdict.Again(due, counted, asked.map(attempt.ended()::plus));
    }

    private Duration delayAfter(Attempt attempt) {
        return delays.isEmpty() ? Duration.ZERO : delays.get(Math.min(attempt.number(), delays.size()) - 1);
    }

    /** Times a number from {@code least} to 1 + jitter. Whole microseconds, as PostgreSQL has them, rounded up. */
    private Duration jittered(Duration delay, double least, double chance) {
        double factor = least + chance * (1 + jitter - least);
        long micros = (long) Math.ceil(delay.toNanos() / NANOS_PER_MICRO * factor);
        return Duration.ofNanos(micros * NANOS_PER_MICRO);
    }

    /** A failure that a policy could name and this one does not is rejected like a status. */
    private static DeadReason reasonOf(FailureKind kind) {
        return switch (kind) {
            case NETWORK, NO_MEMORY, SECRET, TIMEOUT -> DeadReason.REJECTED;
            case EXPIRED -> DeadReason.EXPIRED;
            case GONE -> DeadReason.GONE;
            case REFUSED, CERTIFICATE, IMPOSSIBLE, TOO_LARGE, REDIRECT, NOT_STORED, OTHER -> DeadReason.REFUSED;
        };
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static boolean isInRange(Duration span) {
        return !span.isNegative() && span.compareTo(LONGEST) <= 0;
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new IllegalArgumentException("no policy has " + what);
        }
    }
}
