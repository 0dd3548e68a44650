package org.pgnet.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgnet.worker.spi.FailureKind;

class RetryPolicyTest {
    private static final Instant FIRST = Instant.parse("2026-11-26T12:00:00Z");
    private static final RetryOn STANDARD =
            RetryOn.of(List.of("network", "timeout", "408", "425", "429", "500", "502", "503", "504"));
    /** No chance: no jitter shows. */
    private static final double MIDDLE = 0.5;

    private static final RetryPolicy QUICK = policy(5, Duration.ofDays(7), 1, 2, 4, 8);

    /**
     * What one attempt of the policy quick comes to: its number, how many counted before, the status (0 for a lost
     * connection), Retry-After in seconds, and the seconds until the next, or the reason why there is none.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "1 | 0 | 200 | - | succeeded",
                "3 | 2 | 204 | - | succeeded",
                "1 | 0 | 200 | 9 | succeeded",
                "1 | 0 | 302 | - | REJECTED",
                "1 | 0 | 400 | - | REJECTED",
                "1 | 0 | 404 | 9 | REJECTED",
                "1 | 0 | 501 | - | REJECTED",
                "1 | 0 | 0   | - | 1, 1 counted",
                "2 | 1 | 0   | - | 2, 2 counted",
                "3 | 2 | 500 | - | 4, 3 counted",
                "4 | 3 | 503 | - | 8, 4 counted",
                "5 | 4 | 503 | - | EXHAUSTED",
                "5 | 4 | 0   | - | EXHAUSTED",
                // too many requests, and unavailable with a time: such attempts do not count
                "1 | 0 | 429 | - | 1, 0 counted",
                "5 | 4 | 429 | - | 8, 4 counted",
                "9 | 4 | 429 | - | 8, 4 counted",
                "5 | 4 | 503 | 3 | 8.8, 4 counted",
                "5 | 4 | 502 | 3 | EXHAUSTED",
                "9 | 3 | 500 | - | 8, 4 counted",
                // Retry-After: whichever is later, and chance only adds
                "1 | 0 | 500 | 9 | 9.9, 1 counted",
                "4 | 3 | 500 | 1 | 8.8, 4 counted",
                "1 | 0 | 503 | 0 | 1.1, 0 counted",
                "1 | 0 | 429 | 86400 | 95040, 0 counted",
            })
    void quick(int number, int countedBefore, int status, Long retryAfter, String expected) {
        Attempt.Result result = status == 0
                ? new Attempt.Failure(FailureKind.NETWORK)
                : new Attempt.Status(status, Optional.ofNullable(retryAfter).map(Duration::ofSeconds));
        assertThat(words(QUICK.decide(attempt(number, countedBefore, FIRST, result), MIDDLE)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void failures(FailureKind kind) {
        String expected =
                switch (kind) {
                    case NETWORK, TIMEOUT, NO_MEMORY, SECRET -> "1, 1 counted";
                    case EXPIRED -> "EXPIRED";
                    case REFUSED, CERTIFICATE, IMPOSSIBLE, TOO_LARGE, REDIRECT, NOT_STORED, OTHER -> "REFUSED";
                    case GONE -> "GONE";
                };
        assertThat(words(QUICK.decide(attempt(1, 0, FIRST, new Attempt.Failure(kind)), MIDDLE)))
                .isEqualTo(expected);
    }

    @Test
    void failureThatThePolicyDoesNotNameIsRejected() {
        RetryPolicy ofStatuses = new RetryPolicy(
                List.of(Duration.ofSeconds(1)), OptionalInt.empty(), Duration.ofDays(7), 0, RetryOn.of(List.of("5xx")));
        assertThat(words(ofStatuses.decide(lost(1, FIRST), MIDDLE))).isEqualTo("REJECTED");
    }

    @Test
    void successThatThePolicyNamesIsRepeated() {
        RetryPolicy untilDone = new RetryPolicy(
                List.of(Duration.ofSeconds(5)), OptionalInt.empty(), Duration.ofDays(7), 0, RetryOn.of(List.of("202")));
        assertThat(words(untilDone.decide(attempt(7, 6, FIRST, status(202)), MIDDLE)))
                .isEqualTo("5, 7 counted");
        assertThat(words(untilDone.decide(attempt(8, 7, FIRST, status(200)), MIDDLE)))
                .isEqualTo("succeeded");
    }

    @Test
    void policyWithoutDelaysIsOneAttempt() {
        RetryPolicy once = new RetryPolicy(List.of(), OptionalInt.of(1), Duration.ofDays(7), 0.2, STANDARD);
        assertThat(words(once.decide(lost(1, FIRST), MIDDLE))).isEqualTo("EXHAUSTED");
        assertThat(words(once.decide(attempt(1, 0, FIRST, status(429)), MIDDLE)))
                .isEqualTo("EXHAUSTED");
    }

    @Test
    void lastDelayRepeatsUntilTheAgeIsReached() {
        RetryPolicy endless = policy(Integer.MAX_VALUE, Duration.ofSeconds(100), 10);
        assertThat(words(endless.decide(attempt(70, 69, FIRST, status(503)), MIDDLE)))
                .isEqualTo("10, 70 counted");
        assertThat(words(endless.decide(attempt(9, 8, FIRST.minusSeconds(90), status(503)), MIDDLE)))
                .isEqualTo("10, 9 counted");
        assertThat(words(endless.decide(attempt(9, 8, FIRST.minusSeconds(91), status(503)), MIDDLE)))
                .isEqualTo("EXHAUSTED");
        assertThat(words(endless.decide(attempt(9, 0, FIRST.minusSeconds(91), status(429)), MIDDLE)))
                .isEqualTo("EXHAUSTED");
    }

    @Test
    void attemptThatWouldBeginTooLateForItsCallerIsNotMade() {
        assertThat(words(QUICK.decide(expiring(FIRST.plusSeconds(1)), MIDDLE))).isEqualTo("1, 1 counted");
        assertThat(words(QUICK.decide(expiring(FIRST.plusNanos(999_999_000)), MIDDLE)))
                .isEqualTo("EXPIRED");
        assertThat(words(QUICK.decide(expiring(FIRST.minusSeconds(1)), MIDDLE))).isEqualTo("EXPIRED");
    }

    @Test
    void whicheverLimitComesFirstIsTheReason() {
        RetryPolicy young = policy(5, Duration.ofMillis(500), 1);
        assertThat(words(young.decide(expiring(FIRST.plusMillis(400)), MIDDLE))).isEqualTo("EXPIRED");
        assertThat(words(young.decide(expiring(FIRST.plusMillis(600)), MIDDLE))).isEqualTo("EXHAUSTED");
    }

    /** With a delay of 0, nothing but the age would end them. */
    @Test
    void attemptsThatDoNotCountFollowEachOtherAfterASecondAtTheEarliest() {
        RetryPolicy atOnce = policy(3, Duration.ofDays(7), 0);
        assertThat(words(atOnce.decide(attempt(1, 0, FIRST, status(429)), 0))).isEqualTo("1, 0 counted");
        assertThat(words(atOnce.decide(attempt(1, 0, FIRST, status(500)), 0))).isEqualTo("0, 1 counted");
    }

    @Test
    void whatNoPolicyCanHaveIsRefused() {
        assertRefused(List.of(Duration.ofNanos(-1)), 1, Duration.ZERO, 0);
        assertRefused(List.of(RetryPolicy.LONGEST.plusNanos(1)), 1, Duration.ZERO, 0);
        assertRefused(List.of(), 0, Duration.ZERO, 0);
        assertRefused(List.of(), 1, Duration.ofNanos(-1), 0);
        assertRefused(List.of(), 1, RetryPolicy.LONGEST.plusNanos(1), 0);
        assertRefused(List.of(), 1, Duration.ZERO, -0.1);
        assertRefused(List.of(), 1, Duration.ZERO, 1.1);
        assertRefused(List.of(), 1, Duration.ZERO, Double.NaN);
    }

    private static void assertRefused(List<Duration> delays, int maxAttempts, Duration maxAge, double jitter) {
        assertThatThrownBy(() -> new RetryPolicy(delays, OptionalInt.of(maxAttempts), maxAge, jitter, STANDARD))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static RetryPolicy policy(int maxAttempts, Duration maxAge, long... delaysInSeconds) {
        List<Duration> delays =
                Arrays.stream(delaysInSeconds).mapToObj(Duration::ofSeconds).toList();
        return new RetryPolicy(delays, OptionalInt.of(maxAttempts), maxAge, 0.2, STANDARD);
    }

    private static Attempt.Result status(int code) {
        return new Attempt.Status(code, Optional.empty());
    }

    private static Attempt lost(int number, Instant firstDue) {
        return attempt(number, number - 1, firstDue, new Attempt.Failure(FailureKind.NETWORK));
    }

    private static Attempt attempt(int number, int countedBefore, Instant firstDue, Attempt.Result result) {
        return new Attempt(number, countedBefore, firstDue, Optional.empty(), FIRST, result);
    }

    private static Attempt expiring(Instant expires) {
        return new Attempt(1, 0, FIRST, Optional.of(expires), FIRST, new Attempt.Failure(FailureKind.NETWORK));
    }

    /** The verdict on an attempt that ended at {@link #FIRST}. */
    private static String words(Verdict verdict) {
        return verdict.match(new Verdict.Cases<>() {
            @Override
            public String succeeded() {
                return "succeeded";
            }

            @Override
            public String again(Verdict.Again again) {
                double seconds = Duration.between(FIRST, again.due()).toMillis() / 1e3;
                return "%s, %d counted".formatted(Double.toString(seconds).replaceFirst("\\.0$", ""), again.counted());
            }

            @Override
            public String ended(Verdict.Ended ended) {
                return ended.reason().name();
            }
        });
    }
}
