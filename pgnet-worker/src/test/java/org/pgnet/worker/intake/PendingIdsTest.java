package org.pgnet.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.spi.IdRange;

class PendingIdsTest {

    @Test
    void neighboursAndOverlapsBecomeOneRange() {
        PendingIds ids = new PendingIds(100);
        ids.add(10, 19);
        ids.add(30, 39);
        ids.add(20, 29);
        ids.add(5, 12);

        assertThat(ranges(ids)).containsExactly(new IdRange(5, 39));
    }

    @Test
    void allIdsAreOneRangeThatSwallowsEveryOther() {
        PendingIds ids = new PendingIds(100);
        ids.add(7);
        ids.add(0, Long.MAX_VALUE);
        ids.add(Long.MAX_VALUE);

        assertThat(ranges(ids)).containsExactly(new IdRange(0, Long.MAX_VALUE));
    }

    @Test
    void removingTheLowestCutsIntoARange() {
        PendingIds ids = new PendingIds(100);
        ids.add(1, 5);
        ids.add(8, 20);
        ids.removeThrough(9);

        assertThat(ranges(ids)).containsExactly(new IdRange(10, 20));
    }

    @Test
    void smallGapsAreReadAlong() {
        PendingIds ids = new PendingIds(100);
        ids.add(1);
        ids.add(4);
        ids.add(100);

        assertThat(ids.lowest(2)).isEqualTo(new IdRange(1, 4));
        assertThat(ids.lowest(1)).isEqualTo(new IdRange(1, 1));
    }

    @Test
    void emptySetHasNoLowestRange() {
        PendingIds ids = new PendingIds(100);
        ids.add(3);
        ids.removeThrough(3);

        assertThat(ids.isEmpty()).isTrue();
        assertThatThrownBy(() -> ids.lowest(0)).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void pastItsBoundTheClosestNeighboursAreMerged() {
        PendingIds ids = new PendingIds(4);
        ids.add(0);
        ids.add(1_000);
        ids.add(1_003);
        ids.add(5_000);
        ids.add(5_010);

        assertThat(ranges(ids)).containsExactly(new IdRange(0, 1_003), new IdRange(5_000, 5_010));
    }

    @Test
    void manyEqualGapsAreNotAllMerged() {
        PendingIds ids = new PendingIds(64);
        for (int i = 0; i < 65; i++) {
            ids.add(2L * i);
        }

        assertThat(ids.rangeCount()).isEqualTo(32);
    }

    @Test
    void neverForgetsAnIdWhateverTheOrder() {
        Random random = new Random(4711);
        for (int round = 0; round < 200; round++) {
            PendingIds ids = new PendingIds(2 + random.nextInt(30));
            TreeSet<Long> expected = new TreeSet<>();
            for (int step = 0; step < 200; step++) {
                long first = random.nextInt(2_000);
                if (random.nextInt(5) == 0) {
                    ids.removeThrough(first / 4);
                    expected.headSet(first / 4, true).clear();
                } else {
                    long last = first + random.nextInt(6);
                    ids.add(first, last);
                    for (long id = first; id <= last; id++) {
                        expected.add(id);
                    }
                }
            }
            List<IdRange> ranges = ranges(ids);
            assertThat(expected).allMatch(id -> ranges.stream().anyMatch(r -> r.first() <= id && id <= r.last()));
            assertThat(ranges).isSortedAccordingTo((a, b) -> a.last() + 1 < b.first() ? -1 : 1);
        }
    }

    private static List<IdRange> ranges(PendingIds ids) {
        List<IdRange> ranges = new ArrayList<>();
        while (!ids.isEmpty()) {
            ranges.add(ids.lowest(0));
            ids.removeThrough(ids.lowest(0).last());
        }
        return ranges;
    }
}
