package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.dispatch.Breaker.Result;

/** Whole lives of a breaker beside the sentences that it must keep. */
class BreakerTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** @param pauseNanos since the one before */
    record Ending(Result result, long pauseNanos) {}

    @Property
    void opensWhenAndOnlyWhenItShould(@ForAll("lives") List<Ending> life) {
        Breaker breaker = new Breaker();
        List<Ending> seen = new ArrayList<>();
        List<Long> moments = new ArrayList<>();
        long now = 0;
        for (Ending each : life) {
            now += each.pauseNanos;
            breaker.ended(each.result, now);
            if (each.result == Result.NOTHING) {
                assertThat(breaker.isClosed())
                        .as("what says nothing opens nothing")
                        .isTrue();
                continue;
            }
            seen.add(each);
            moments.add(now);
            assertThat(breaker.isClosed()).isEqualTo(!shouldOpen(seen, moments, now));
            if (!breaker.isClosed()) {
                assertThat(breaker.probeAtNanos()).isEqualTo(now + 10 * SECOND);
                return;
            }
        }
    }

    private static boolean shouldOpen(List<Ending> seen, List<Long> moments, long now) {
        int from = Math.max(0, seen.size() - Breaker.MOST_ATTEMPTS);
        long attempts = 0;
        long failures = 0;
        for (int i = from; i < seen.size(); i++) {
            if (now - moments.get(i) < 60 * SECOND) {
                attempts++;
                failures += seen.get(i).result == Result.SUCCESS ? 0 : 1;
            }
        }
        boolean unreached = seen.size() >= 5
                && seen.subList(seen.size() - 5, seen.size()).stream()
                        .allMatch(each -> each.result == Result.UNREACHED);
        return unreached || (attempts >= 20 && 2 * failures >= attempts);
    }

    @Property
    void probesComeOneAtATimeAndNotTooOften(@ForAll("lives") List<Ending> life) {
        Breaker breaker = new Breaker();
        long now = open(breaker);
        long wait = 10 * SECOND;
        int successes = 0;
        for (Ending each : life) {
            assertThat(breaker.mayProbe(breaker.probeAtNanos() - 1)).isFalse();
            now = Math.max(now, breaker.probeAtNanos());
            assertThat(breaker.mayProbe(now)).isTrue();
            breaker.probeBegan(now);
            assertThat(breaker.mayProbe(now)).as("one is on its way").isFalse();
            assertThat(breaker.state()).isEqualTo(Breaker.State.PROBING);
            now += each.pauseNanos;
            breaker.probeEnded(each.result, now);
            successes = each.result == Result.SUCCESS ? successes + 1 : each.result == Result.NOTHING ? successes : 0;
            assertThat(breaker.isClosed()).isEqualTo(successes == 2);
            if (breaker.isClosed()) {
                return;
            }
            if (each.result == Result.FAILURE || each.result == Result.UNREACHED) {
                wait = Math.min(2 * wait, 300 * SECOND);
                assertThat(breaker.probeAtNanos()).isEqualTo(now + wait);
            } else {
                assertThat(breaker.probeAtNanos()).isEqualTo(now);
            }
        }
    }

    /** The successes of the window are forgotten meanwhile, so that the next attempt that says something opens it. */
    @Test
    void attemptThatSaysNothingOpensNothing() {
        Breaker breaker = new Breaker();
        for (int i = 0; i < 30; i++) {
            breaker.ended(Result.SUCCESS, 0);
        }
        for (int i = 0; i < 20; i++) {
            breaker.ended(Result.FAILURE, 30 * SECOND);
        }
        breaker.ended(Result.NOTHING, 61 * SECOND);
        assertThat(breaker.isClosed()).isTrue();
        breaker.ended(Result.SUCCESS, 61 * SECOND);
        assertThat(breaker.isClosed()).isFalse();
    }

    @Test
    void closedOneRemembersNothing() {
        Breaker breaker = new Breaker();
        long now = open(breaker);
        breaker.close();
        for (int i = 0; i < 4; i++) {
            breaker.ended(Result.UNREACHED, now);
        }
        assertThat(breaker.isClosed()).isTrue();
    }

    /** When it was opened. */
    private static long open(Breaker breaker) {
        for (int i = 0; i < 5; i++) {
            breaker.ended(Result.UNREACHED, SECOND);
        }
        assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
        return SECOND;
    }

    @Provide
    Arbitrary<List<Ending>> lives() {
        Arbitrary<Result> results = Arbitraries.frequency(
                Tuple.of(12, Result.SUCCESS),
                Tuple.of(7, Result.FAILURE),
                Tuple.of(3, Result.UNREACHED),
                Tuple.of(1, Result.NOTHING));
        Arbitrary<Long> pauses = Arbitraries.frequencyOf(
                Tuple.of(20, Arbitraries.longs().between(0, SECOND)),
                Tuple.of(1, Arbitraries.longs().between(0, 90 * SECOND)));
        return Combinators.combine(results, pauses)
                .as(Ending::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(400);
    }
}
