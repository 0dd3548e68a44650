package org.pgnet.worker.recovery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

/**
 * Handles requests that were in flight when the worker ended abnormally; one of them may be the cause. Backend thread.
 *
 * <p>After one such end they are sent like any other: most ends have other causes. After two they are sent one at a time,
 * beside the others, so that only the one at fault is in flight at a third. After three a request gets an error row
 * instead. One that takes long has its turn for a limited time, then the next begins beside it.
 */
public final class Suspects {
    static final String GIVEN_UP =
            "not sent again: the worker ended abnormally three times while this request was in flight";

    private static final int MOST_ENDS = 3;
    private static final long LONGEST_TURN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Journal journal;
    private final Consumer<Settlement> givenUp;
    private final Clock clock;
    private final Queue<Exchange> waiting = new ArrayDeque<>();
    private Optional<RequestKey> turn = Optional.empty();
    private long turnNanos;

    /** @param givenUp takes the outcomes of requests that are not sent again */
    public Suspects(Journal journal, Consumer<Settlement> givenUp, Clock clock) {
        this.journal = journal;
        this.givenUp = givenUp;
        this.clock = clock;
    }

    /** Returns which requests may be sent now, of those that were read now and before. */
    public List<Exchange> admit(List<Exchange> requests) {
        if (!journal.hasSuspects()) {
            return requests;
        }
        List<Exchange> admitted = new ArrayList<>(requests.size() + 1);
        for (Exchange request : requests) {
            int ends = journal.ends(request.request().key());
            if (ends >= MOST_ENDS) {
                request.sentBefore(journal.sendings(request.request().key()));
                givenUp.accept(request.failed(FailureKind.OTHER, GIVEN_UP, clock.nanoTime()));
            } else if (ends == MOST_ENDS - 1) {
                waiting.add(request);
            } else {
                admitted.add(request);
            }
        }
        if (nanosUntilTurn() == 0) {
            Exchange next = waiting.remove();
            turn = Optional.of(next.request().key());
            turnNanos = clock.nanoTime();
            admitted.add(next);
        }
        return admitted;
    }

    /** Somebody has removed requests: those that wait for their turn are not sent. */
    public void withdraw(Set<RequestKey> requests) {
        waiting.removeIf(each -> {
            boolean removed = requests.contains(each.request().key());
            if (removed) {
                givenUp.accept(each.removed(clock.nanoTime()));
            }
            return removed;
        });
    }

    /** A request was recorded, or its row is gone. */
    public void settled(RequestKey key) {
        if (turn.isPresent() && turn.get().equals(key)) {
            turn = Optional.empty();
        }
    }

    /** The nanoseconds until {@link #admit} lets one more be sent; {@link Long#MAX_VALUE} when none waits. */
    public long nanosUntilTurn() {
        if (waiting.isEmpty()) {
            return Long.MAX_VALUE;
        }
        return turn.isEmpty() ? 0 : Math.max(0, LONGEST_TURN_NANOS - (clock.nanoTime() - turnNanos));
    }
}
