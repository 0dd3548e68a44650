package org.pgnet.worker.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.pgnet.worker.spi.Announcer;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.WorkerHost;

/**
 * Gets every outcome into the database. None is ever dropped: a row that is locked is tried again later and holds up only
 * itself, a response that the database cannot hold becomes an error row, and while the database refuses everything the
 * outcomes wait. Backend thread.
 */
public final class Recorder implements Duty {
    static final int MAX_OUTCOMES = 2_000;
    static final long MAX_RESPONSE_BYTES = 32L << 20;
    static final String CANNOT_STORE = "response could not be stored";

    /** After so many refusals of an unknown kind in a row, it may be the fault of one row. */
    private static final int ATTEMPTS_BEFORE_SUSPICION = 3;

    /** A transaction costs about as much as so many of its rows. */
    private static final int LARGE_BATCH = 32;
    /** Beyond it, a batch gains nothing from growing. */
    private static final int FULL_BATCH = 500;

    private static final long GROWTH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** What becomes of the requests. */
    public interface Settled {
        /** It is committed. */
        void recorded(RequestKey key);

        /** The queue row was not there any more. */
        void gone(RequestKey key);

        /** The memory of a settlement was freed. */
        void freed(Settlement settlement);
    }

    private record Locked(Settlement settlement, long dueNanos) {}

    /**
     * Settlements that the database has refused.
     *
     * @param isPlainest whether it is one that nothing poorer can stand in for
     */
    private record Refused(List<Settlement> settlements, boolean isPlainest) {
        Refused(List<Settlement> settlements) {
            this(settlements, false);
        }
    }

    private final RequestStore store;
    private final Announcer announcer;
    private final BooleanSupplier ending;
    private final StoreOutage outage;
    private final Settled settled;
    private final Clock clock;
    private final Deque<Settlement> arrived = new ArrayDeque<>();
    private final Deque<Refused> refused = new ArrayDeque<>();
    private final PriorityQueue<Locked> locked =
            new PriorityQueue<>(Comparator.comparingLong((Locked each) -> each.dueNanos()));
    private final Map<RequestKey, Backoff> lockPauses = new HashMap<>();
    private boolean suspectRows;
    private int lastBatchSize;
    private long lastBatchNanos;

    /**
     * Has nothing to record yet.
     *
     * @param outage the times in which the database refuses to record
     * @param settled is told what becomes of the requests
     */
    public Recorder(WorkerHost host, StoreOutage outage, Settled settled) {
        this.store = host.store();
        this.announcer = host.announcer();
        this.ending = host.process()::endRequested;
        this.clock = host.clock();
        this.outage = outage;
        this.settled = settled;
    }

    /** Takes a settlement, and with it the memory of its request and response. */
    public void accept(Settlement settlement) {
        arrived.add(settlement);
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
                && clock.nanoTime() - lastBatchNanos < GROWTH_NANOS;
    }

    @Override
    public void work() {
        takeUnlocked();
        if (!outage.mayTry()) {
            return;
        }
        boolean goOn = true;
        do {
            Refused batch = refused.isEmpty() ? new Refused(nextBatch()) : refused.removeFirst();
            goOn = !batch.settlements().isEmpty() && record(batch);
        } while (goOn && !refused.isEmpty() && !ending.getAsBoolean());
        suspectRows &= !refused.isEmpty();
    }

    @Override
    public long nanosUntilDue() {
        if (!arrived.isEmpty() || !refused.isEmpty()) {
            return outage.nanosUntilRetry();
        }
        return locked.isEmpty() ? Long.MAX_VALUE : Math.max(0, locked.peek().dueNanos() - clock.nanoTime());
    }

    private void takeUnlocked() {
        long now = clock.nanoTime();
        while (!locked.isEmpty() && locked.peek().dueNanos() - now <= 0) {
            arrived.addFirst(locked.remove().settlement());
        }
    }

    private List<Settlement> nextBatch() {
        List<Settlement> batch = new ArrayList<>(Math.min(arrived.size(), MAX_OUTCOMES));
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
    private boolean record(Refused batch) {
        List<RequestStore.Disposition> dispositions;
        try {
            dispositions = store.settle(batch.settlements());
        } catch (StoreException refusal) {
            return divide(batch, refusal);
        }
        lastBatchSize = batch.settlements().size();
        lastBatchNanos = clock.nanoTime();
        List<Settlement> left = settle(batch.settlements(), dispositions);
        if (left.isEmpty()) {
            outage.succeeded();
            return true;
        }
        refused.addFirst(new Refused(left, batch.isPlainest()));
        outage.failed("the tables of the extension cannot be found");
        return false;
    }

    /** Looks for the row that is at fault by halves, so that one among thousands costs few transactions. */
    private boolean divide(Refused batch, StoreException refusal) {
        List<Settlement> settlements = batch.settlements();
        if (isOfTheRows(refusal)) {
            if (settlements.size() > 1) {
                int half = settlements.size() / 2;
                refused.addFirst(new Refused(settlements.subList(half, settlements.size())));
                refused.addFirst(new Refused(settlements.subList(0, half)));
                return true;
            }
            if (!batch.isPlainest()) {
                refused.addFirst(settlements.get(0).match(new Poorer(refusal)));
                return true;
            }
        }
        refused.addFirst(batch);
        outage.failed(refusal);
        return false;
    }

    private boolean isOfTheRows(StoreException refusal) {
        boolean unknown = refusal.kind() == StoreException.Kind.UNKNOWN;
        suspectRows |= unknown && outage.attempts() >= ATTEMPTS_BEFORE_SUSPICION;
        return refusal.kind() == StoreException.Kind.ROW || (suspectRows && unknown);
    }

    /** Something poorer in the place of what the database refuses. */
    private final class Poorer implements Settlement.Cases<Refused> {
        private final StoreException refusal;

        Poorer(StoreException refusal) {
            this.refusal = refusal;
        }

        @Override
        public Refused answered(Settlement.Answered response) {
            free(response);
            return new Refused(List.of(failed(response, false, CANNOT_STORE + ": " + refusal.getMessage())));
        }

        /** Its text may be what is refused. */
        @Override
        public Refused failed(Settlement.Failed failure) {
            return new Refused(List.of(failed(failure, failure.timedOut(), CANNOT_STORE)), true);
        }

        private static Settlement failed(Settlement of, boolean timedOut, String message) {
            return new Settlement.Failed(of.request(), of.completed(), of.duration(), of.attempts(), timedOut, message);
        }
    }

    /** Returns those that could not be recorded because there are no tables now. */
    private List<Settlement> settle(List<Settlement> batch, List<RequestStore.Disposition> dispositions) {
        if (dispositions.size() != batch.size()) {
            throw new IllegalStateException(dispositions.size() + " dispositions for " + batch.size() + " settlements");
        }
        List<Settlement> unavailable = new ArrayList<>(0);
        long[] ids = new long[batch.size()];
        int count = 0;
        for (int i = 0; i < ids.length; i++) {
            Settlement settlement = batch.get(i);
            RequestKey key = settlement.request().key();
            switch (dispositions.get(i)) {
                case UNAVAILABLE -> unavailable.add(settlement);
                case LOCKED -> postpone(settlement);
                case RECORDED -> {
                    release(settlement);
                    settled.recorded(key);
                    ids[count++] = key.id();
                }
                case GONE -> {
                    release(settlement);
                    settled.gone(key);
                    ids[count++] = key.id();
                }
            }
        }
        if (count > 0) {
            announcer.announce(count == ids.length ? ids : Arrays.copyOf(ids, count));
        }
        return unavailable;
    }

    private void postpone(Settlement settlement) {
        Backoff pauses = lockPauses.computeIfAbsent(settlement.request().key(), key -> new Backoff(10, 1_000));
        long pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauses.nextMillis());
        locked.add(new Locked(settlement, clock.nanoTime() + pauseNanos));
    }

    private void release(Settlement settlement) {
        if (!lockPauses.isEmpty()) {
            lockPauses.remove(settlement.request().key());
        }
        free(settlement);
        settlement.request().http().body().close();
    }

    private void free(Settlement settlement) {
        settlement.close();
        settled.freed(settlement);
    }
}
