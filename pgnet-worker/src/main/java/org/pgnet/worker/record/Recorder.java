package org.pgnet.worker.record;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.pgnet.worker.spi.Announcer;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Counters;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.HostLog;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.WorkerHost;

/**
 * Records every outcome in the database. A locked row is tried again later and delays only itself. A response that the
 * database cannot hold becomes an error row. While the database refuses everything, outcomes wait. Backend thread.
 *
 * <p>The kind of a refusal tells only in part whether the rows or the database are at fault: a user's function may raise
 * any error. So the recorder tries: when others are recorded, it is not the database. Refused rows of one owner hold up no
 * other owner's.
 */
public final class Recorder implements Duty {
    static final int MAX_OUTCOMES = 2_000;
    static final long MAX_RESPONSE_BYTES = 32L << 20;

    /** When so many rows were refused one after the other, the rest is not looked through for better ones. */
    private static final int MOST_IN_VAIN = 8;

    private static final long WARNING_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A transaction costs about as much as so many of its rows. */
    private static final int LARGE_BATCH = 32;
    /** Beyond it, a batch gains nothing from growing. */
    private static final int FULL_BATCH = 500;

    private static final long GROWTH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** So many come within that moment when each waits for others much longer. */
    private static final int BURST_BATCH = 128;

    private static final long GROWTH_IN_BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** What becomes of the requests. */
    public interface Settled {
        /** It is committed. */
        void recorded(DueRequest request);

        /** It is committed, and the request is kept. */
        void died(DueRequest request);

        /** It is committed that it is sent again. */
        void postponed(RequestKey key, Instant due);

        /** The queue row was not there any more. */
        void gone(RequestKey key);

        /** The memory of a settlement was freed. */
        void freed(Settlement settlement);
    }

    private final RequestStore store;
    private final Announcer announcer;
    private final Counters counters;
    private final HostLog log;
    private final BooleanSupplier ending;
    private final StoreOutage outage;
    private final Settled settled;
    private final Clock clock;
    private final Deque<Settlement> arrived = new ArrayDeque<>();
    /** What is to be tried next, in parts of what was refused as a whole. */
    private final Deque<List<Settlement>> parts = new ArrayDeque<>();

    private final SetAside setAside;
    private final Probes probes;
    private final Told told = new Told();
    /** How many batches were recorded. */
    private long recordedBatches;
    /** The same when {@link #work} was called. */
    private long recordedBefore;
    /** How many rows of one owner were refused by themselves since one was recorded. */
    private int refusedInVain;
    /** Whose these are, or what was refused last. */
    private long refusedOwner;

    private Optional<Long> lastWarningNanos = Optional.empty();
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
        this.counters = host.counters();
        this.log = host.log();
        this.ending = host.process()::endRequested;
        this.clock = host.clock();
        this.outage = outage;
        this.settled = settled;
        this.setAside = new SetAside(clock, this::free);
        this.probes = new Probes(outage, clock);
    }

    /** Takes a settlement, and with it the memory of its request and response. */
    public void accept(Settlement settlement) {
        if (outage.active()) {
            // It tells whether those before it are at fault.
            arrived.addFirst(settlement);
        } else {
            arrived.add(settlement);
        }
    }

    /** Why nothing can be recorded, in words for everybody; empty while it can. */
    public String trouble() {
        return outage.trouble();
    }

    /** Whether the database refuses, so that nothing more should be sent but {@link #probes}. */
    public boolean isBlocked() {
        return outage.active();
    }

    /**
     * How many requests may have been sent, since the start, while the database refused: one more after growing pauses, in
     * case that it refuses nothing but the responses that wait.
     */
    public long probes() {
        return probes.count();
    }

    /**
     * Whether the next batch is left to grow for a moment, because the last one was large and not long ago. Not when it
     * holds all that may still come.
     *
     * @param held how many requests have no recorded outcome
     */
    public boolean lingers(int held) {
        return lastBatchSize >= LARGE_BATCH
                && arrived.size() < Math.min(FULL_BATCH, held - setAside.size())
                && parts.isEmpty()
                && clock.nanoTime() - lastBatchNanos
                        < (lastBatchSize < BURST_BATCH ? GROWTH_NANOS : GROWTH_IN_BURST_NANOS);
    }

    @Override
    public void work() {
        setAside.makeRoom();
        if (!outage.mayTry()) {
            return;
        }
        recordedBefore = recordedBatches;
        refusedInVain = 0;
        // What has just come first: whether it is recorded tells whether the rest is at fault.
        if (recordArrived()) {
            record(setAside.takeDue(MAX_OUTCOMES, MAX_RESPONSE_BYTES));
        }
        probes.look();
        counters.setAside(setAside.size());
    }

    /** Whether the database works. After an outage, one row is enough to see that. */
    private boolean recordArrived() {
        boolean wasActive = outage.active();
        boolean goOn = recordParts() && record(wasActive ? nextOne() : nextBatch(MAX_OUTCOMES));
        return goOn && wasActive ? record(nextBatch(MAX_OUTCOMES)) : goOn;
    }

    @Override
    public long nanosUntilDue() {
        if (!arrived.isEmpty() || !parts.isEmpty()) {
            return outage.nanosUntilRetry();
        }
        return setAside.nanosUntilDue();
    }

    private List<Settlement> nextBatch(int maxCount) {
        List<Settlement> batch = new ArrayList<>(Math.min(arrived.size(), maxCount));
        long bytes = 0;
        while (!arrived.isEmpty() && batch.size() < maxCount) {
            bytes += SetAside.bytesToWrite(arrived.element());
            if (bytes > MAX_RESPONSE_BYTES && !batch.isEmpty()) {
                break;
            }
            batch.add(arrived.remove());
        }
        return batch;
    }

    /** Rather one of another owner than the one that was refused last, whose rows may all be. */
    private List<Settlement> nextOne() {
        for (Iterator<Settlement> each = arrived.iterator(); each.hasNext(); ) {
            Settlement settlement = each.next();
            if (owner(settlement) != refusedOwner) {
                each.remove();
                return List.of(settlement);
            }
        }
        return nextBatch(1);
    }

    /** Whether nothing of it is left to be tried at once. */
    private boolean record(List<Settlement> batch) {
        if (!batch.isEmpty()) {
            parts.addFirst(batch);
        }
        return recordParts();
    }

    private boolean recordParts() {
        boolean goOn = true;
        while (goOn && !parts.isEmpty() && !ending.getAsBoolean()) {
            goOn = recordPart(parts.removeFirst());
        }
        return goOn && parts.isEmpty();
    }

    /** Whether to go on with what is left. */
    private boolean recordPart(List<Settlement> part) {
        List<RequestStore.Disposition> dispositions;
        try {
            dispositions = store.settle(part);
        } catch (StoreException refusal) {
            return refused(part, refusal);
        }
        lastBatchSize = part.size();
        lastBatchNanos = clock.nanoTime();
        List<Settlement> left = settle(part, dispositions);
        if (left.isEmpty()) {
            outage.succeeded();
            return true;
        }
        putBack(left);
        outage.failed("the tables of the extension cannot be found");
        return false;
    }

    /** Looks for the rows that are at fault by owners and by halves, so that one among thousands costs few transactions. */
    private boolean refused(List<Settlement> part, StoreException refusal) {
        if (refusal.kind() == StoreException.Kind.OUTAGE && recordedBatches == recordedBefore) {
            return outage(part, refusal);
        }
        long owner = owner(part.get(0));
        if (part.stream().anyMatch(each -> owner(each) != owner)) {
            part.stream()
                    .collect(Collectors.groupingBy(Recorder::owner))
                    .values()
                    .forEach(parts::addFirst);
            return true;
        }
        if (owner != refusedOwner) {
            refusedOwner = owner;
            refusedInVain = 0;
        }
        if (part.size() == 1) {
            refused(part.get(0), refusal);
        } else if (refusedInVain < MOST_IN_VAIN) {
            int half = part.size() / 2;
            parts.addFirst(part.subList(half, part.size()));
            parts.addFirst(part.subList(0, half));
        } else {
            part.forEach(each -> setAside.refusedInCompany(each, recordedBatches));
        }
        return true;
    }

    private static long owner(Settlement settlement) {
        return settlement.request().owner();
    }

    /** Whether to go on: nothing was recorded just now, so it may be the database's fault. */
    private boolean outage(List<Settlement> part, StoreException refusal) {
        if (part.stream().allMatch(setAside::knows)) {
            // They are set aside because others could be recorded. The next one is tried by itself.
            if (part.size() == 1) {
                setAside.refused(part.get(0), recordedBatches);
            } else {
                part.subList(1, part.size()).forEach(each -> setAside.refusedInCompany(each, recordedBatches));
                parts.addFirst(part.subList(0, 1));
            }
            return true;
        }
        refusedOwner = owner(part.get(0));
        putBack(part);
        outage.failed(refusal);
        return false;
    }

    /** One row that is refused by itself. */
    private void refused(Settlement settlement, StoreException refusal) {
        Optional<Settlement> poorer =
                isOfTheRow(settlement, refusal) ? Failures.poorer(settlement, refusal.getMessage()) : Optional.empty();
        if (poorer.isPresent()) {
            free(settlement);
            parts.addFirst(List.of(poorer.get()));
            return;
        }
        refusedInVain++;
        setAside.refused(settlement, recordedBatches);
        warn(settlement, refusal);
    }

    private boolean isOfTheRow(Settlement settlement, StoreException refusal) {
        return switch (refusal.kind()) {
            case ROW -> true;
            case UNKNOWN -> setAside.isHopeless(settlement.request().key(), recordedBatches);
            case OUTAGE -> false;
        };
    }

    private void warn(Settlement settlement, StoreException refusal) {
        long now = clock.nanoTime();
        if (lastWarningNanos.isPresent() && now - lastWarningNanos.get() < WARNING_PAUSE_NANOS) {
            return;
        }
        lastWarningNanos = Optional.of(now);
        log.warn("the database refuses the response of request "
                + settlement.request().key().id() + ", which is tried again while others are recorded: "
                + refusal.getMessage() + " (SQLSTATE " + refusal.sqlState() + "); so it is with "
                + setAside.size() + " now");
    }

    /** To the end, so that another row shows next time whether the database works. */
    private void putBack(List<Settlement> part) {
        parts.forEach(arrived::addAll);
        parts.clear();
        arrived.addAll(part);
    }

    /** Returns those that could not be recorded because there are no tables now. */
    private List<Settlement> settle(List<Settlement> batch, List<RequestStore.Disposition> dispositions) {
        if (dispositions.size() != batch.size()) {
            throw new IllegalStateException(dispositions.size() + " dispositions for " + batch.size() + " settlements");
        }
        List<Settlement> unavailable = new ArrayList<>(0);
        long[] ids = new long[batch.size()];
        int count = 0;
        boolean hasRecorded = false;
        for (int i = 0; i < ids.length; i++) {
            Settlement settlement = batch.get(i);
            RequestKey key = settlement.request().key();
            switch (dispositions.get(i)) {
                case UNAVAILABLE -> unavailable.add(settlement);
                case LOCKED -> setAside.locked(settlement, recordedBatches);
                case RECORDED -> {
                    hasRecorded = true;
                    release(settlement);
                    if (settlement.match(told)) {
                        ids[count++] = key.id();
                    }
                }
                case GONE -> {
                    release(settlement);
                    settled.gone(key);
                    ids[count++] = key.id();
                }
            }
        }
        if (hasRecorded) {
            recordedBatches++;
            refusedInVain = 0;
        }
        if (count > 0) {
            announcer.announce(count == ids.length ? ids : Arrays.copyOf(ids, count));
        }
        return unavailable;
    }

    /** Tells that a settlement is recorded; whether it was the end of its request. */
    private final class Told implements Settlement.Cases<Boolean> {
        @Override
        public Boolean answered(Settlement.Answered response) {
            settled.recorded(response.request());
            return true;
        }

        @Override
        public Boolean failed(Settlement.Failed failure) {
            settled.recorded(failure.request());
            return true;
        }

        @Override
        public Boolean dead(Settlement.Dead dead) {
            settled.died(dead.request());
            return true;
        }

        @Override
        public Boolean postponed(Settlement.Postponed again) {
            settled.postponed(again.request().key(), again.due());
            return false;
        }
    }

    private void release(Settlement settlement) {
        setAside.ended(settlement.request().key());
        free(settlement);
        settlement.request().http().body().close();
    }

    private void free(Settlement settlement) {
        settlement.close();
        settled.freed(settlement);
    }
}
