package org.pgnet.curl;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The transfers that are paused until there is memory for their bodies, and get it in the order in which they paused. One
 * thread, that of the loop.
 */
final class PausedTransfers {

    /** A transfer begins a little later than it is started, so that its end may be due a little later than we think. */
    private static final long LONGEST_OVERDUE_MILLIS = 5;

    private final MemoryBudget budget;
    private final SharedSinkState sinks;
    private final ArrayDeque<EasyHandle> waiting = new ArrayDeque<>();

    /** Those that go on, with a time limit later than the one that libcurl set its timer to. */
    private final List<EasyHandle> resumed = new ArrayList<>();

    private long pausesSeen;

    PausedTransfers(MemoryBudget budget, SharedSinkState sinks) {
        this.budget = budget;
        this.sinks = sinks;
    }

    /** Finds those that paused since the last call; to be called after libcurl has worked, before anything ends. */
    void find(Collection<EasyHandle> active) {
        long now = sinks.pauses();
        if (now == pausesSeen) {
            return;
        }
        active.stream()
                .filter(easy -> easy.pauseNumber() > pausesSeen)
                .sorted(Comparator.comparingLong(EasyHandle::pauseNumber))
                .forEach(easy -> {
                    easy.paused();
                    waiting.add(easy);
                });
        pausesSeen = now;
    }

    /**
     * Lets those go on for whom there is memory.
     *
     * @return those that failed over what libcurl held back while they waited; libcurl does not end them by itself
     */
    List<MultiHandle.Completion> resume() {
        List<MultiHandle.Completion> failed = List.of();
        while (!waiting.isEmpty()) {
            Optional<MemoryBudget.Lease> lease = budget.lease(waiting.element().leaseWanted());
            if (lease.isEmpty()) {
                break;
            }
            EasyHandle easy = waiting.remove();
            int curlCode = easy.resume(lease.get());
            if (curlCode == LibCurl.CURLE_OK) {
                resumed.add(easy);
            } else {
                failed = failed.isEmpty() ? new ArrayList<>() : failed;
                failed.add(new MultiHandle.Completion(easy.address(), curlCode));
            }
        }
        return failed;
    }

    int waiting() {
        return waiting.size();
    }

    /** Forgets a transfer that ended. */
    void remove(EasyHandle easy) {
        if (easy.pauseNumber() > 0) {
            waiting.remove(easy);
            resumed.remove(easy);
        }
    }

    /** Shortens a wait, so that the loop looks at the clock when a transfer's later time limit is over. */
    int shorten(int timeoutMillis) {
        long millis = timeoutMillis;
        for (EasyHandle easy : resumed) {
            long left = TimeUnit.NANOSECONDS.toMillis(easy.nanosLeft()) + 1;
            millis = Math.min(millis, Math.max(left, LONGEST_OVERDUE_MILLIS));
        }
        return (int) millis;
    }
}
