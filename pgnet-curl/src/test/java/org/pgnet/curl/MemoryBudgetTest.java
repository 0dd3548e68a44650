package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgnet.curl.MemoryBudget.Answer.ALL_TAKEN;
import static org.pgnet.curl.MemoryBudget.Answer.GRANTED;
import static org.pgnet.curl.MemoryBudget.Answer.SHARE_TAKEN;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private final AtomicInteger wakes = new AtomicInteger();
    private final AtomicInteger nones = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private final MemoryBudget budget = new MemoryBudget(wakes::incrementAndGet, nones::incrementAndGet, nanos::get);

    @BeforeEach
    void limit() {
        budget.limit(100);
    }

    private MemoryBudget.Lease lease(long owner, String origin) {
        return budget.lease(new MemoryBudget.Holder(owner, origin));
    }

    private MemoryBudget.Lease granted(long owner, String origin, long bytes) {
        MemoryBudget.Lease lease = lease(owner, origin);
        assertThat(lease.growTo(bytes, bytes)).isEqualTo(GRANTED);
        return lease;
    }

    @Test
    void originHasHalfAndOwnerThreeQuarters() {
        granted(1, "a", 30);
        assertThat(lease(1, "a").growTo(21, 21)).isEqualTo(SHARE_TAKEN);
        granted(1, "a", 20);
        assertThat(lease(1, "b").growTo(26, 26)).isEqualTo(SHARE_TAKEN);
        granted(1, "b", 25);
        assertThat(lease(2, "a").growTo(26, 26)).isEqualTo(ALL_TAKEN);
        granted(2, "a", 25);
        assertThat(budget.leased()).isEqualTo(100);
    }

    @Test
    void whatNobodyIsBesideMayHaveAll() {
        MemoryBudget.Lease alone = granted(1, "a", 500);

        assertThat(lease(2, "b").growTo(1, 1)).isEqualTo(ALL_TAKEN);
        alone.close();
        granted(2, "b", 1);
    }

    @Test
    void nobodyBeginsWhenThenNoneCouldEnd() {
        for (int i = 0; i < 4; i++) {
            assertThat(lease(i, "a").growTo(10, 60)).isEqualTo(GRANTED);
        }
        // 50 are left, which one of them may need.
        assertThat(lease(5, "a").growTo(10, 60)).isEqualTo(GRANTED);
        assertThat(lease(6, "a").growTo(1, 60)).isEqualTo(ALL_TAKEN);
    }

    @Test
    void oneThatCanEndIsNotKeptFromItByThoseThatCannotYet() {
        MemoryBudget.Lease first = lease(1, "a");
        MemoryBudget.Lease second = lease(2, "b");
        assertThat(first.growTo(40, 60)).isEqualTo(GRANTED);
        assertThat(second.growTo(30, 60)).isEqualTo(GRANTED);

        assertThat(second.growTo(60, 60)).isEqualTo(GRANTED);
        assertThat(first.growTo(60, 60)).isEqualTo(ALL_TAKEN);
        second.settleAt(55);
        second.close();
        assertThat(first.growTo(60, 60)).isEqualTo(GRANTED);
    }

    @Test
    void bodyThatIsCompleteKeepsWhatItHasAndNeedsNoMore() {
        MemoryBudget.Lease complete = lease(1, "a");
        assertThat(complete.growTo(40, 90)).isEqualTo(GRANTED);
        complete.settleAt(35);

        assertThat(budget.leased()).isEqualTo(35);
        assertThat(lease(2, "b").growTo(10, 64)).isEqualTo(GRANTED);
    }

    @Test
    void memoryGivenBackWakesThoseThatWereRefusedAndOnlyThen() {
        MemoryBudget.Lease held = granted(1, "a", 100);
        nanos.set(5);
        assertThat(budget.standstillNanos()).isZero();
        held.settleAt(99);
        assertThat(wakes).hasValue(0);

        lease(2, "b").growTo(50, 50);
        nanos.set(7);
        held.close();
        held.close();
        assertThat(wakes).hasValue(1);
        assertThat(nones).hasValue(1);
        nanos.set(9);
        assertThat(budget.standstillNanos()).isEqualTo(7);
    }

    @Test
    void memoryDoesNotStandStillWhileACompleteBodyIsToBeRecorded() {
        MemoryBudget.Lease complete = granted(1, "a", 50);
        granted(2, "b", 10);
        complete.settleAt(50);
        nanos.set(1_000);
        assertThat(budget.standstillNanos()).isEqualTo(1_000);

        complete.close();
        nanos.set(3_000);
        assertThat(budget.standstillNanos()).isEqualTo(1_000);
    }

    /** Whatever comes in whatever order: as long as bodies that can have memory take it, all end. */
    @Test
    void allEndInEveryOrder() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<MemoryBudget.Lease> open = new ArrayList<>();
            List<Integer> totals = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                open.add(lease(random.nextInt(3), "o" + random.nextInt(3)));
                totals.add(1 + random.nextInt(45));
            }
            int refusedInARow = 0;
            while (!open.isEmpty()) {
                int each = random.nextInt(open.size());
                MemoryBudget.Lease lease = open.get(each);
                long wanted = Math.min(totals.get(each), Math.max(1, 2 * lease.bytes()));
                refusedInARow = lease.growTo(wanted, totals.get(each)) == GRANTED ? 0 : refusedInARow + 1;
                assertThat(refusedInARow).as("seed " + seed).isLessThan(5_000);
                assertThat(budget.leased()).isLessThanOrEqualTo(100);
                if (lease.bytes() == totals.get(each)) {
                    lease.close();
                    open.remove(each);
                    totals.remove(each);
                }
            }
        }
    }
}
