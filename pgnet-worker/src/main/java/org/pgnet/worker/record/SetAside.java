package org.pgnet.worker.record;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

/**
 * Settlements that cannot be recorded now although others can: somebody has locked their rows, or the database refuses them.
 * Each is tried again by itself, with growing pauses. Backend thread.
 *
 * <p>They may wait for as long as somebody likes, so of the memory for responses they have a small share: what is more is
 * replaced by a failure that says so.
 */
final class SetAside {
    /** The response bytes of all that wait; beyond it, one that comes is replaced at once. */
    static final long MAX_BYTES = 32L << 20;
    /** The same once they have waited for a while. */
    static final long MAX_LASTING_BYTES = 4L << 20;

    static final long LASTING_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** After so many refusals it is not the database's passing state. */
    private static final int MOST_REFUSALS = 3;
    /** By then it is not either, if nothing else tells. */
    private static final long HOPELESS_NANOS = TimeUnit.MINUTES.toNanos(5);

    static final String DROPPED =
            "the response, of %d bytes, was dropped while its row was locked or refused: memory for such responses is limited";

    private final Clock clock;
    private final Consumer<Settlement> free;
    /** Oldest first; those that are being tried, too. */
    private final Map<RequestKey, Entry> entries = new LinkedHashMap<>();

    private final PriorityQueue<Entry> waiting =
            new PriorityQueue<>((one, other) -> Long.compare(one.dueNanos, other.dueNanos));
    private long waitingBytes;

    private static final class Entry {
        final Backoff lockPauses = new Backoff(10, 1_000);
        final Backoff refusalPauses = new Backoff(100, 60_000);
        final Backoff companyPauses = new Backoff(100, 2_000);
        final long sinceNanos;
        final long recordedBefore;
        Settlement settlement;
        boolean isWaiting;
        long dueNanos;

        Entry(Settlement settlement, long sinceNanos, long recordedBefore) {
            this.settlement = settlement;
            this.sinceNanos = sinceNanos;
            this.recordedBefore = recordedBefore;
        }
    }

    /**
     * Empty.
     *
     * @param free frees the memory of a settlement that is replaced
     */
    SetAside(Clock clock, Consumer<Settlement> free) {
        this.clock = clock;
        this.free = free;
    }

    /** How many there are. */
    int size() {
        return entries.size();
    }

    /**
     * One whose row is locked.
     *
     * @param recorded how many batches were recorded until now
     */
    void locked(Settlement settlement, long recorded) {
        Entry entry = entry(settlement, recorded);
        // Trying thousands each second would take the time of the others.
        add(entry, Math.max(entry.lockPauses.nextMillis(), Math.min(entries.size(), 10_000)));
    }

    /** One that the database refuses. */
    void refused(Settlement settlement, long recorded) {
        Entry entry = entry(settlement, recorded);
        add(entry, entry.refusalPauses.nextMillis());
    }

    /** One that was refused in the company of others, and not tried by itself: it may be none of those at fault. */
    void refusedInCompany(Settlement settlement, long recorded) {
        Entry entry = entry(settlement, recorded);
        add(entry, entry.companyPauses.nextMillis());
    }

    /** Whether the database has refused one again and again, and recorded others meanwhile. */
    boolean isHopeless(RequestKey key, long recorded) {
        Entry entry = entries.get(key);
        return entry != null
                && entry.refusalPauses.attempts() >= MOST_REFUSALS
                && (recorded > entry.recordedBefore || clock.nanoTime() - entry.sinceNanos >= HOPELESS_NANOS);
    }

    /** Whether it has been here before, and was neither recorded nor gone since. */
    boolean knows(Settlement settlement) {
        return entries.containsKey(settlement.request().key());
    }

    /** One was recorded, or is gone. */
    void ended(RequestKey key) {
        if (!entries.isEmpty()) {
            entries.remove(key);
        }
    }

    /** Takes those that are to be tried now, as many as one batch may hold. */
    List<Settlement> takeDue(int maxCount, long maxBytes) {
        List<Settlement> due = new ArrayList<>(0);
        long now = clock.nanoTime();
        long bytes = 0;
        while (!waiting.isEmpty() && due.size() < maxCount && waiting.peek().dueNanos - now <= 0) {
            bytes += bytesToWrite(waiting.peek().settlement);
            if (bytes > maxBytes && !due.isEmpty()) {
                break;
            }
            Entry entry = waiting.remove();
            entry.isWaiting = false;
            waitingBytes -= entry.settlement.responseBytes();
            due.add(entry.settlement);
        }
        return due;
    }

    /** How many bytes the database writes with it. */
    static long bytesToWrite(Settlement settlement) {
        return settlement.responseBytes() + settlement.request().contextBytes();
    }

    /** The nanoseconds until {@link #takeDue} has one; {@link Long#MAX_VALUE} when none waits. */
    long nanosUntilDue() {
        return waiting.isEmpty() ? Long.MAX_VALUE : Math.max(0, waiting.peek().dueNanos - clock.nanoTime());
    }

    /** Replaces what has waited so long that only a smaller share is its own. */
    void makeRoom() {
        if (waitingBytes <= MAX_LASTING_BYTES) {
            return;
        }
        long now = clock.nanoTime();
        for (Entry entry : entries.values()) {
            if (waitingBytes <= MAX_LASTING_BYTES || now - entry.sinceNanos < LASTING_NANOS) {
                return;
            }
            if (entry.isWaiting && entry.settlement.responseBytes() > 0) {
                drop(entry);
            }
        }
    }

    private Entry entry(Settlement settlement, long recorded) {
        RequestKey key = settlement.request().key();
        Entry entry = entries.computeIfAbsent(key, each -> new Entry(settlement, clock.nanoTime(), recorded));
        entry.settlement = settlement;
        return entry;
    }

    private void add(Entry entry, long pauseMillis) {
        entry.dueNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        waitingBytes += entry.settlement.responseBytes();
        boolean isAlone = waitingBytes == entry.settlement.responseBytes();
        waiting.add(entry);
        entry.isWaiting = true;
        if (waitingBytes > MAX_BYTES && !isAlone) {
            drop(entry);
        }
    }

    private void drop(Entry entry) {
        Settlement response = entry.settlement;
        waitingBytes -= response.responseBytes();
        entry.settlement = Failures.inPlaceOf(response, DROPPED.formatted(response.responseBytes()));
        free.accept(response);
    }
}
