package org.pgnet.curl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The transfers that are paused until there is memory for their bodies. Those that have some and need more come first, for
 * they are the ones that can give back; the others get it in the order in which they paused, but that one whose owner or
 * origin has its share is passed over. One thread, that of the loop.
 *
 * <p>Waiting is bounded, since memory may be held by servers that never end their responses: a transfer fails when it has
 * waited for a while in which no memory at all was given back, nor is about to be, or for too long.
 */
final class PausedTransfers {

    static final long LONGEST_STANDSTILL_NANOS = TimeUnit.SECONDS.toNanos(20);
    static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(300);

    /** A transfer begins a little later than it is started, so that its end may be due a little later than we think. */
    private static final long LONGEST_OVERDUE_MILLIS = 5;

    private record Waiting(EasyHandle easy, long sinceNanos) {}

    private final MemoryBudget budget;
    private final SharedSinkState sinks;
    private final LongSupplier nanoTime;

    /** Those that have memory and need more. */
    private final List<Waiting> growing = new ArrayList<>();

    private final List<Waiting> waiting = new ArrayList<>();

    /** Those that go on, with a time limit later than the one that libcurl set its timer to. */
    private final List<EasyHandle> resumed = new ArrayList<>();

    private long pausesSeen;
    private long returnsSeen;

    /** @param nanoTime the clock by which waiting is bounded, as {@link System#nanoTime} */
    PausedTransfers(MemoryBudget budget, SharedSinkState sinks, LongSupplier nanoTime) {
        this.budget = budget;
        this.sinks = sinks;
        this.nanoTime = nanoTime;
    }

    /** Finds those that paused since the last call; to be called after libcurl has worked, before anything ends. */
    void find(Collection<EasyHandle> active) {
        long now = sinks.pauses();
        if (now == pausesSeen) {
            return;
        }
        long nanos = nanoTime.getAsLong();
        active.stream()
                .filter(easy -> easy.pauseNumber() > pausesSeen)
                .sorted(Comparator.comparingLong(EasyHandle::pauseNumber))
                .forEach(easy -> {
                    easy.paused(budget);
                    resumed.remove(easy);
                    (easy.hasMemory() ? growing : waiting).add(new Waiting(easy, nanos));
                });
        pausesSeen = now;
        returnsSeen = -1;
    }

    /**
     * Lets those go on for whom there is memory, and ends those that waited too long.
     *
     * @return those that failed, over what libcurl held back while they waited or over their waiting; libcurl does not end
     *     them by itself
     */
    List<MultiHandle.Completion> resume(Collection<EasyHandle> active) {
        if (waiting() == 0) {
            return List.of();
        }
        List<MultiHandle.Completion> failed = new ArrayList<>();
        while (returnsSeen != budget.returns()) {
            returnsSeen = budget.returns();
            resume(growing, failed, false);
            resume(waiting, failed, true);
            // One that went on may have paused at once, for its next step.
            find(active);
        }
        giveUp(growing, failed);
        giveUp(waiting, failed);
        return failed;
    }

    private void resume(List<Waiting> those, List<MultiHandle.Completion> failed, boolean inOrder) {
        for (Iterator<Waiting> each = those.iterator(); each.hasNext(); ) {
            EasyHandle easy = each.next().easy();
            MemoryBudget.Answer answer = easy.askForMemory();
            if (answer == MemoryBudget.Answer.GRANTED) {
                each.remove();
                int curlCode = easy.resume();
                if (curlCode == LibCurl.CURLE_OK) {
                    resumed.add(easy);
                } else {
                    failed.add(new MultiHandle.Completion(easy.address(), curlCode));
                }
            } else if (inOrder && answer == MemoryBudget.Answer.ALL_TAKEN) {
                return;
            }
        }
    }

    private void giveUp(List<Waiting> those, List<MultiHandle.Completion> failed) {
        long now = nanoTime.getAsLong();
        for (Iterator<Waiting> each = those.iterator(); each.hasNext(); ) {
            Waiting one = each.next();
            if (nanosLeft(one, now) <= 0) {
                each.remove();
                one.easy().giveUp(now - one.sinceNanos());
                failed.add(new MultiHandle.Completion(one.easy().address(), LibCurl.CURLE_OUT_OF_MEMORY));
            }
        }
    }

    private long nanosLeft(Waiting one, long now) {
        long standstill = now - Math.max(one.sinceNanos(), budget.standstillNanos());
        return Math.min(LONGEST_STANDSTILL_NANOS - standstill, LONGEST_WAIT_NANOS - (now - one.sinceNanos()));
    }

    int waiting() {
        return growing.size() + waiting.size();
    }

    /** Forgets a transfer that ended. */
    void remove(EasyHandle easy) {
        if (easy.hasPaused()) {
            growing.removeIf(each -> each.easy() == easy);
            waiting.removeIf(each -> each.easy() == easy);
            resumed.remove(easy);
        }
    }

    /**
     * Shortens a wait, so that the loop looks at the clock when a transfer's later time limit is over, or it has waited too
     * long.
     */
    int shorten(int timeoutMillis) {
        long millis = timeoutMillis;
        for (EasyHandle easy : resumed) {
            millis = Math.min(millis, millisUntil(easy.nanosLeft()));
        }
        if (waiting() > 0) {
            long now = nanoTime.getAsLong();
            for (Waiting one : growing) {
                millis = Math.min(millis, millisUntil(nanosLeft(one, now)));
            }
            for (Waiting one : waiting) {
                millis = Math.min(millis, millisUntil(nanosLeft(one, now)));
            }
        }
        return (int) millis;
    }

    private static long millisUntil(long nanosLeft) {
        return Math.max(TimeUnit.NANOSECONDS.toMillis(nanosLeft) + 1, LONGEST_OVERDUE_MILLIS);
    }
}
