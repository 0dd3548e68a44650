package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.spi.RateLimit;

class TokenBucketTest {
    private static final double SECOND = 1e9;

    /** @param pausesNanos before each look at the bucket, which takes what there is */
    record Life(RateLimit limit, List<Long> pausesNanos) {}

    @Property
    void noSpanHasMoreThanItsBurstAndItsTime(@ForAll("lives") Life life) {
        TokenBucket bucket = new TokenBucket(life.limit, 0);
        List<Long> starts = new ArrayList<>();
        long now = 0;
        for (long pause : life.pausesNanos) {
            now += pause;
            while (starts.size() < 2_000 && bucket.has(1, now)) {
                bucket.take(1, now);
                starts.add(now);
            }
        }
        for (int first = 0; first < starts.size(); first += 7) {
            for (int last = first; last < starts.size(); last += 3) {
                double seconds = (starts.get(last) - starts.get(first)) / SECOND + TokenBucket.LATENESS_SECONDS;
                assertThat((double) last - first + 1)
                        .isLessThanOrEqualTo(life.limit.burst() + seconds * life.limit.perSecond() + 1e-3);
            }
        }
    }

    @Property
    void tokenIsThereWhenItIsSaidToBeAndNotBefore(@ForAll("lives") Life life) {
        TokenBucket bucket = new TokenBucket(life.limit, 0);
        long now = 0;
        for (int i = 0; i < 50; i++) {
            long wait = bucket.nanosUntil(1, now);
            assertThat(bucket.has(1, now)).isEqualTo(wait == 0);
            if (wait > 1_000) {
                assertThat(bucket.has(1, now + wait - wait / 100 - 1)).isFalse();
            }
            now += wait;
            assertThat(bucket.has(1, now)).isTrue();
            bucket.take(1, now);
        }
    }

    @Property
    void nobodyWaitsForMoreThanTheRateSays(@ForAll("lives") Life life) {
        TokenBucket bucket = new TokenBucket(life.limit, 0);
        long now = 0;
        int starts = 0;
        while (starts < life.limit.burst() + 100) {
            now += bucket.nanosUntil(1, now);
            bucket.take(1, now);
            starts++;
        }
        double seconds = (starts - Math.floor(life.limit.burst())) / life.limit.perSecond();
        assertThat(now / SECOND).isLessThanOrEqualTo(seconds * 1.001 + 1e-6);
    }

    @Test
    void whatWasUsedBeyondHasToComeFirst() {
        TokenBucket bucket = new TokenBucket(new RateLimit("r", 1, 2), 0);
        bucket.take(5, 0);
        assertThat(bucket.nanosUntil(1, 0)).isEqualTo(4_000_000_000L);
    }

    @Test
    void tokensThatAreThereSurviveAnotherRateAsFarAsItsBurstAllows() {
        TokenBucket bucket = new TokenBucket(new RateLimit("r", 1, 10), 0);
        bucket.take(4, 0);
        bucket.limit(new RateLimit("r", 100, 3), 0);
        assertThat(bucket.has(3, 0)).isTrue();
        assertThat(bucket.has(4, 0)).isFalse();
        bucket.limit(new RateLimit("r", 100, 50), 0);
        assertThat(bucket.has(4, 0)).isFalse();
    }

    @Test
    void clockThatStandsOrGoesBackGivesNothing() {
        TokenBucket bucket = new TokenBucket(new RateLimit("r", 1, 1), 0);
        bucket.take(1, 0);
        assertThat(bucket.has(1, -5_000_000_000L)).isFalse();
    }

    @Provide
    Arbitrary<Life> lives() {
        Arbitrary<RateLimit> limits = Combinators.combine(
                        Arbitraries.doubles().between(0.001, 5_000).ofScale(3),
                        Arbitraries.integers().between(1, 500))
                .as((rate, burst) -> new RateLimit("rule", rate, burst));
        Arbitrary<List<Long>> pauses = Arbitraries.longs()
                .between(0, 3_000_000_000L)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
        return Combinators.combine(limits, pauses).as(Life::new);
    }
}
