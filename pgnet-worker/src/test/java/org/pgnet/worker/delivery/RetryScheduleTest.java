package org.pgnet.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.FailureKind;

/** Whole lives of requests, under any policy and whatever their servers answer. */
class RetryScheduleTest {
    private static final Instant FIRST_DUE = Instant.parse("2026-11-26T12:00:00Z");
    private static final Duration MICROSECOND = Duration.ofNanos(1_000);

    /** Beyond this nothing is learnt. */
    private static final int MOST_ATTEMPTS = 200;

    private final RetryOn retryOn = RetryOn.of(List.of("network", "timeout", "429", "5xx"));

    /** @param seed of the chances of this life */
    record Life(RetryPolicy policy, Optional<Instant> expires, List<Attempt.Result> results, long seed) {}

    @Property
    void keepsEachPromise(@ForAll("lives") Life life) {
        Random chance = new Random(life.seed);
        Instant begun = FIRST_DUE;
        int counted = 0;
        for (int number = 1; number <= MOST_ATTEMPTS; number++) {
            Attempt.Result result = life.results.get((number - 1) % life.results.size());
            Instant ended = begun.plusMillis(chance.nextInt(1_000));
            Attempt attempt = new Attempt(number, counted, FIRST_DUE, life.expires, ended, result);
            Verdict verdict = life.policy.decide(attempt, chance.nextDouble());
            Optional<Verdict.Again> again = check(life, attempt, verdict);
            if (again.isEmpty()) {
                return;
            }
            counted = again.get().counted();
            begun = again.get().due();
        }
        assertThat(life.policy.maxAttempts().isEmpty() || counted < MOST_ATTEMPTS)
                .as("%d attempts, of which %d count", MOST_ATTEMPTS, counted)
                .isTrue();
    }

    private Optional<Verdict.Again> check(Life life, Attempt attempt, Verdict verdict) {
        return verdict.match(new Verdict.Cases<>() {
            @Override
            public Optional<Verdict.Again> succeeded() {
                assertThat(isRepeated(attempt.result())).isFalse();
                return Optional.empty();
            }

            @Override
            public Optional<Verdict.Again> again(Verdict.Again again) {
                assertThat(isRepeated(attempt.result())).isTrue();
                checkMoment(life, attempt, again.due());
                checkCount(life, attempt, again.counted());
                assertThat(again.leftAloneUntil()).isEqualTo(asked(attempt));
                return Optional.of(again);
            }

            @Override
            public Optional<Verdict.Again> ended(Verdict.Ended ended) {
                checkEnd(life, attempt, ended.reason());
                return Optional.empty();
            }
        });
    }

    private void checkMoment(Life life, Attempt attempt, Instant due) {
        Duration pause = Duration.between(attempt.ended(), due);
        assertThat(pause)
                .isGreaterThanOrEqualTo(earliest(life.policy, attempt))
                .isLessThanOrEqualTo(latest(life.policy, attempt).plus(MICROSECOND));
        assertThat(due).isBeforeOrEqualTo(FIRST_DUE.plus(life.policy.maxAge()));
        life.expires.ifPresent(expires -> assertThat(due).isBeforeOrEqualTo(expires));
    }

    private void checkCount(Life life, Attempt attempt, int counted) {
        assertThat(counted).isEqualTo(attempt.countedBefore() + (counts(attempt.result()) ? 1 : 0));
        life.policy.maxAttempts().ifPresent(most -> assertThat(counted).isLessThan(most));
    }

    /** Each reason is given only for what it means. */
    private void checkEnd(Life life, Attempt attempt, DeadReason reason) {
        Instant latest = attempt.ended().plus(latest(life.policy, attempt)).plus(MICROSECOND);
        switch (reason) {
            case REJECTED, REFUSED -> assertThat(isRepeated(attempt.result())).isFalse();
            case EXPIRED -> {
                if (attempt.result().equals(new Attempt.Failure(FailureKind.EXPIRED))) {
                    return;
                }
                assertThat(isRepeated(attempt.result())).isTrue();
                assertThat(life.expires)
                        .hasValueSatisfying(expires -> assertThat(expires).isBefore(latest));
            }
            case EXHAUSTED -> {
                assertThat(isRepeated(attempt.result())).isTrue();
                boolean all = counts(attempt.result())
                        && attempt.countedBefore() + 1
                                >= life.policy.maxAttempts().orElse(Integer.MAX_VALUE);
                assertThat(all || FIRST_DUE.plus(life.policy.maxAge()).isBefore(latest))
                        .as("its attempts or its age are used up")
                        .isTrue();
            }
        }
    }

    private static Duration earliest(RetryPolicy policy, Attempt attempt) {
        Duration asked = retryAfter(attempt.result());
        double least = asked.isNegative() ? 1 - policy.jitter() : 1;
        return longer(times(delay(policy, attempt), least), longer(asked, uncounted(attempt)));
    }

    private static Duration latest(RetryPolicy policy, Attempt attempt) {
        Duration longest = longer(delay(policy, attempt), longer(retryAfter(attempt.result()), uncounted(attempt)));
        return times(longest, 1 + policy.jitter());
    }

    private static Duration uncounted(Attempt attempt) {
        return counts(attempt.result()) ? Duration.ZERO : Duration.ofSeconds(1);
    }

    private static Duration delay(RetryPolicy policy, Attempt attempt) {
        List<Duration> delays = policy.delays();
        return attempt.number() <= delays.size() ? delays.get(attempt.number() - 1) : delays.get(delays.size() - 1);
    }

    /** Negative for none. */
    private static Duration retryAfter(Attempt.Result result) {
        return result.match(
                status -> status.retryAfter().orElse(Duration.ofNanos(-1)), failure -> Duration.ofNanos(-1));
    }

    private static Optional<Instant> asked(Attempt attempt) {
        Duration asked = retryAfter(attempt.result());
        return asked.isNegative()
                ? Optional.empty()
                : Optional.of(attempt.ended().plus(asked));
    }

    private static boolean counts(Attempt.Result result) {
        return result.match(
                status -> status.code() != 429
                        && (status.code() != 503 || status.retryAfter().isEmpty()),
                failure -> true);
    }

    private boolean isRepeated(Attempt.Result result) {
        return result.match(
                status -> retryOn.containsStatus(status.code()), failure -> retryOn.containsFailure(failure.kind()));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration times(Duration span, double factor) {
        return Duration.ofNanos((long) (span.toNanos() * factor));
    }

    @Provide
    Arbitrary<Life> lives() {
        Arbitrary<Optional<Instant>> expiries = Arbitraries.longs()
                .between(0, 100_000)
                .map(FIRST_DUE::plusSeconds)
                .optional();
        return Combinators.combine(
                        policies(), expiries, results().list().ofMinSize(1).ofMaxSize(20), Arbitraries.longs())
                .as(Life::new);
    }

    private Arbitrary<RetryPolicy> policies() {
        Arbitrary<Duration> spans =
                Arbitraries.longs().between(0, 100_000_000_000L).map(micros -> Duration.ofNanos(micros * 1_000));
        Arbitrary<OptionalInt> attempts = Arbitraries.integers()
                .between(1, 30)
                .optional()
                .map(most -> most.map(OptionalInt::of).orElse(OptionalInt.empty()));
        return Combinators.combine(
                        spans.list().ofMinSize(1).ofMaxSize(8),
                        attempts,
                        spans,
                        Arbitraries.doubles().between(0, 1))
                .as((delays, most, age, jitter) -> new RetryPolicy(delays, most, age, jitter, retryOn));
    }

    private Arbitrary<Attempt.Result> results() {
        Arbitrary<Optional<Duration>> retryAfter =
                Arbitraries.longs().between(0, 86_400).map(Duration::ofSeconds).optional();
        Arbitrary<Attempt.Result> statuses = Combinators.combine(
                        Arbitraries.of(200, 201, 302, 404, 429, 429, 500, 502, 503, 503, 503), retryAfter)
                .as(Attempt.Status::new);
        Arbitrary<Attempt.Result> failures = Arbitraries.of(FailureKind.class).map(Attempt.Failure::new);
        return Arbitraries.frequencyOf(Tuple.of(4, statuses), Tuple.of(1, failures));
    }
}
