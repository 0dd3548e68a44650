package org.pgnet.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.spi.IdRange;

class DeferredIdsTest {
    private final DeferredIds ids = new DeferredIds(4);

    @Test
    void fewRangesAreKnownExactly() {
        ids.add(10, 12, 3);
        ids.add(20);

        assertThat(ids.hasRest()).isFalse();
        assertThat(ids.count()).isEqualTo(4);
        assertThat(lowest(10)).containsExactly(10, 11, 12, 20);
    }

    @Test
    void whatIsTooMuchIsTheRest() {
        for (int i = 1; i <= 10; i++) {
            ids.add(10 * i);
        }

        assertThat(lowest(10)).containsExactly(10, 20, 30, 40);
        assertThat(ids.rest()).isEqualTo(new IdRange(50, 100));
        assertThat(ids.count()).isEqualTo(10);
    }

    @Test
    void lowerIdsPushOthersIntoTheRest() {
        for (int i = 10; i >= 1; i--) {
            ids.add(10 * i);
        }

        assertThat(lowest(10)).containsExactly(10, 20, 30, 40);
        assertThat(ids.rest()).isEqualTo(new IdRange(50, 100));
    }

    @Test
    void restIsSearchedInParts() {
        for (int i = 1; i <= 10; i++) {
            ids.add(10 * i);
        }
        ids.removeThrough(40);
        assertThat(ids.isLowestKnown()).isFalse();
        assertThat(ids.lowestId()).isEqualTo(50);

        ids.searched(75);
        ids.found(3);
        ids.add(50);
        ids.add(60);
        ids.add(70);

        assertThat(lowest(10)).containsExactly(50, 60, 70);
        assertThat(ids.rest()).isEqualTo(new IdRange(76, 100));
        ids.removeThrough(100);
        assertThat(ids.isEmpty()).isTrue();
        assertThat(ids.count()).isZero();
    }

    @Test
    void rangeIntoTheRestIsKnownAsFarAsItIsBelow() {
        for (int i = 1; i <= 6; i++) {
            ids.add(10 * i);
        }
        ids.removeThrough(30);
        ids.add(45, 200, 156);

        assertThat(lowest(10)).containsExactly(40, 45, 46, 47, 48, 49);
        assertThat(ids.rest()).isEqualTo(new IdRange(50, 200));
    }

    private long[] lowest(int limit) {
        long[] copied = new long[limit];
        return Arrays.copyOf(copied, ids.copyLowest(copied, 0, limit));
    }
}
