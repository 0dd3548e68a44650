package org.pgnet.worker.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.RowVersion;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.WorkerHost;

/**
 * Gets every outcome into the database. None is ever dropped: a row that is locked is tried again later and holds up only
 * itself, a response that the database cannot hold becomes an error row, and while the database refuses everything the
 * outcomes wait. Backend thread.
 */
public final class Recorder {
    static final int MAX_OUTCOMES = 2_000;
    static final long MAX_RESPONSE_BYTES = 32L << 20;
    static final String CANNOT_STORE = "response could not be stored";

    /** Data exception, integrity constraint violation, program limit exceeded: by what the rows contain. */
    private static final Set<String> CLASSES_OF_ROWS = Set.of("22", "23", "54");
    /** PostgreSQL's class for what it did not foresee, which may be the fault of one row, or of the server. */
    private static final String INTERNAL_ERROR = "XX";

    private static final int ATTEMPTS_BEFORE_SUSPICION = 3;

    /** A transaction costs about as much as so many of its rows. */
    private static final int LARGE_BATCH = 32;
    /** Beyond it, a batch gains nothing from growing. */
    private static final int FULL_BATCH = 500;

    private static final long GROWTH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** What becomes of the rows. */
    public interface Settled {
        /** The response is committed. */
        void recorded(RowVersion row);

        /** The queue row was not there any more. */
        void gone(RowVersion row);

        /** The memory of a response was freed. */
        void freed(Outcome.Response response);
    }

    private record Locked(Outcome outcome, long dueNanos) {}

    private final WorkerHost host;
    private final RequestStore store;
    private final StoreOutage outage;
    private final Settled settled;
    private final LongSupplier nanoTime;
    private final Deque<Outcome> arrived = new ArrayDeque<>();
    private final Deque<List<Outcome>> refused = new ArrayDeque<>();
    private final PriorityQueue<Locked> locked =
            new PriorityQueue<>(Comparator.comparingLong((Locked each) -> each.dueNanos()));
    private final Map<RowVersion, Backoff> lockPauses = new HashMap<>();
    private boolean suspectRows;
    private int lastBatchSize;
    private long lastBatchNanos;

    public Recorder(WorkerHost host, RequestStore store, StoreOutage outage, Settled settled, LongSupplier nanoTime) {
        this.host = host;
        this.store = store;
        this.outage = outage;
        this.settled = settled;
        this.nanoTime = nanoTime;
    }

    /** Takes an outcome, and with it the memory of its request and response. */
    public void accept(Outcome outcome) {
        arrived.add(outcome);
    }

    /** Whether the database refuses, so that nothing more should be sent. */
    public boolean isBlocked() {
        return outage.active();
    }

    /**
     * Whether the next batch is left to grow for a moment, because the last one was large and not long ago. Not when it
     * holds all that may still come.
     *
     * @param held how many requests have no recorded outcome
     */
    public boolean lingers(int held) {
        return lastBatchSize >= LARGE_BATCH
                && arrived.size() < Math.min(FULL_BATCH, held - locked.size())
                && refused.isEmpty()
                && nanoTime.getAsLong() - lastBatchNanos < GROWTH_NANOS;
    }

    /** Records one batch, if there is something to record and the time has come. */
    public void work() {
        takeUnlocked();
        if (!outage.mayTry()) {
            return;
        }
        boolean goOn = true;
        do {
            List<Outcome> batch = refused.isEmpty() ? nextBatch() : refused.removeFirst();
            goOn = !batch.isEmpty() && record(batch);
        } while (goOn && !refused.isEmpty() && !host.endRequested());
        suspectRows &= !refused.isEmpty();
    }

    /** The nanoseconds until {@link #work} has something to do; {@link Long#MAX_VALUE} for never. */
    public long nanosUntilDue() {
        if (!arrived.isEmpty() || !refused.isEmpty()) {
            return outage.nanosUntilRetry();
        }
        return locked.isEmpty() ? Long.MAX_VALUE : Math.max(0, locked.peek().dueNanos() - nanoTime.getAsLong());
    }

    private void takeUnlocked() {
        long now = nanoTime.getAsLong();
        while (!locked.isEmpty() && locked.peek().dueNanos() - now <= 0) {
            arrived.addFirst(locked.remove().outcome());
        }
    }

    private List<Outcome> nextBatch() {
        List<Outcome> batch = new ArrayList<>(Math.min(arrived.size(), MAX_OUTCOMES));
        long bytes = 0;
        while (!arrived.isEmpty() && batch.size() < MAX_OUTCOMES) {
            bytes += arrived.element().responseBytes();
            if (bytes > MAX_RESPONSE_BYTES && !batch.isEmpty()) {
                break;
            }
            batch.add(arrived.remove());
        }
        return batch;
    }

    /** Whether to go on with what is left. */
    private boolean record(List<Outcome> batch) {
        List<RequestStore.Disposition> dispositions;
        try {
            dispositions = store.record(batch);
        } catch (StoreException refusal) {
            return divide(batch, refusal);
        }
        outage.succeeded();
        lastBatchSize = batch.size();
        lastBatchNanos = nanoTime.getAsLong();
        settle(batch, dispositions);
        return true;
    }

    /** Looks for the row that is at fault by halves, so that one among thousands costs few transactions. */
    private boolean divide(List<Outcome> batch, StoreException refusal) {
        if (isOfTheRows(refusal)) {
            if (batch.size() > 1) {
                int half = batch.size() / 2;
                refused.addFirst(batch.subList(half, batch.size()));
                refused.addFirst(batch.subList(0, half));
                return true;
            }
            Optional<Outcome> instead = instead(batch.get(0), refusal);
            if (instead.isPresent()) {
                refused.addFirst(List.of(instead.get()));
                return true;
            }
        }
        refused.addFirst(batch);
        outage.failed(refusal);
        return false;
    }

    private boolean isOfTheRows(StoreException refusal) {
        String sqlClass = refusal.sqlStateClass();
        suspectRows |= sqlClass.equals(INTERNAL_ERROR) && outage.attempts() >= ATTEMPTS_BEFORE_SUSPICION;
        return CLASSES_OF_ROWS.contains(sqlClass) || (suspectRows && sqlClass.equals(INTERNAL_ERROR));
    }

    /** A poorer outcome in the place of one that the database refuses; empty when there is none. */
    private Optional<Outcome> instead(Outcome outcome, StoreException refusal) {
        if (outcome instanceof Outcome.Failure failure) {
            // Its text may be what is refused.
            return failure.message().equals(CANNOT_STORE)
                    ? Optional.empty()
                    : Optional.of(failure(failure, failure.timedOut(), CANNOT_STORE));
        }
        closeResponse(outcome);
        return Optional.of(failure(outcome, false, CANNOT_STORE + ": " + refusal.getMessage()));
    }

    private static Outcome failure(Outcome of, boolean timedOut, String message) {
        return new Outcome.Failure(of.request(), of.completed(), of.duration(), timedOut, message);
    }

    private void settle(List<Outcome> batch, List<RequestStore.Disposition> dispositions) {
        if (dispositions.size() != batch.size()) {
            throw new IllegalStateException(dispositions.size() + " dispositions for " + batch.size() + " outcomes");
        }
        long[] ids = new long[batch.size()];
        int count = 0;
        for (int i = 0; i < ids.length; i++) {
            Outcome outcome = batch.get(i);
            RowVersion row = outcome.request().row();
            switch (dispositions.get(i)) {
                case LOCKED -> postpone(outcome);
                case RECORDED -> {
                    release(outcome);
                    settled.recorded(row);
                    ids[count++] = row.id();
                }
                case GONE -> {
                    release(outcome);
                    settled.gone(row);
                    ids[count++] = row.id();
                }
            }
        }
        if (count > 0) {
            host.announce(count == ids.length ? ids : Arrays.copyOf(ids, count));
        }
    }

    private void postpone(Outcome outcome) {
        Backoff pauses = lockPauses.computeIfAbsent(outcome.request().row(), row -> new Backoff(10, 1_000));
        long pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauses.nextMillis());
        locked.add(new Locked(outcome, nanoTime.getAsLong() + pauseNanos));
    }

    private void release(Outcome outcome) {
        if (!lockPauses.isEmpty()) {
            lockPauses.remove(outcome.request().row());
        }
        closeResponse(outcome);
        outcome.request().body().close();
    }

    private void closeResponse(Outcome outcome) {
        if (outcome instanceof Outcome.Response response) {
            response.headerBlock().close();
            response.body().close();
            response.compressed().close();
            settled.freed(response);
        }
    }
}
