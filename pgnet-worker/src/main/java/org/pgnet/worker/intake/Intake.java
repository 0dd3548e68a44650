package org.pgnet.worker.intake;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.spi.Announcer;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.WorkSource;

/**
 * Reads committed requests, as many as are worth holding in memory, and keeps the rest as ranges of ids. Backend thread.
 *
 * <p>A request is held from when it is read until its outcome is recorded. All that are held of an owner fit into a window
 * of a few times what may be in flight, less three quarters of what others hold: so beside one owner's window there is
 * always room for a third as much. One origin may hold no more than is still free of it, so however many requests a slow origin
 * has, there is room for others: a single one gets half of the window, a second one half of the rest. Ids of rows beyond
 * that are deferred: kept with owner and origin, and read again when it holds less than half of what it may. An owner of very
 * many origins has ids deferred for the last of them together, as if they were one.
 *
 * <p>New ids are read in portions that any origin may take whole, so with one busy origin nothing is read twice. When there is no
 * such portion, because an origin is full, requests of others may yet be behind its own. To find them costs reading rows
 * only to defer them. So looking ahead waits a moment, for most bursts are over by then, and gets a tenth of the thread's
 * time; but all of it, and at once, when nothing else happens.
 */
public final class Intake implements WorkSource {
    private static final int MIN_WINDOW = 2_000;
    private static final int WINDOW_PER_SLOT = 4;
    /** The most rows read by one query, and about the most read by one call of {@link #take}. */
    private static final int CHUNK = 1_000;

    private static final int MAX_QUERIES = 32;
    /** Reading so many ids in vain is cheaper than another query. */
    private static final int MAX_GAP = 32;

    private static final int MAX_PENDING_RANGES = 4_096;
    /** Bounds the memory of deferred ids; beyond it, looking ahead waits. */
    private static final int MAX_DEFERRING_ORIGINS = 1_000;

    /**
     * The bodies of the requests that are held and, by their weight, the rest, in bytes; may be exceeded by one body. One
     * owner's take no more than three quarters of what others leave.
     */
    private static final long MAX_HELD_BYTES = 64L << 20;
    /** URLs and headers are on the Java heap, which is small, and are copied when they are sent. */
    private static final long HEAP_WEIGHT = 6;

    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int PAUSE_PER_LOOK_AHEAD = 9;

    private final RequestQueue queue;
    private final Schedule schedule;
    private final Recoveries recoveries;
    private final Announcer announcer;
    private final StoreOutage outage;
    private final Clock clock;
    private final Origins origins = new Origins();
    private final PendingIds pending = new PendingIds(MAX_PENDING_RANGES);
    private final Map<RequestKey, Holding> held = new HashMap<>();
    private final Map<Long, OwnerBacklog> owners = new HashMap<>();
    private final Set<OriginBacklog> deferring = new LinkedHashSet<>();
    /** Rows that were gone when they should have been recorded, until their ids have been read again. */
    private final Set<RequestKey> gone = new HashSet<>();

    private long window = MIN_WINDOW;
    private long heldBytes;
    /** How many of the held requests have something that is kept beside the queue. */
    private int heldKept;

    private long pendingSinceNanos;
    private long lastProgressNanos;
    private long lastReadNanos;
    private long lastReadDuration;

    private record Holding(OriginBacklog backlog, long bytes, boolean isKept) {}

    /**
     * Reads nothing yet.
     *
     * @param outage the times in which the database refuses to be read
     */
    public Intake(RequestQueue queue, Announcer announcer, StoreOutage outage, Clock clock) {
        this.queue = queue;
        this.schedule = new Schedule(queue, clock);
        this.recoveries = new Recoveries(queue, schedule, clock);
        this.announcer = announcer;
        this.outage = outage;
        this.clock = clock;
        this.lastProgressNanos = clock.nanoTime();
        this.lastReadNanos = lastProgressNanos;
        this.pendingSinceNanos = lastProgressNanos;
    }

    @Override
    public void look() {
        add(queue.drainCommitted());
        queue.drainScheduled().ifPresent(schedule::expect);
    }

    /** Takes note of ids that were committed. */
    void add(List<IdRange> committed) {
        if (pending.isEmpty()) {
            pendingSinceNanos = clock.nanoTime();
        }
        committed.forEach(range -> pending.add(range.first(), range.last()));
    }

    /** Sets the size of the window by the most requests in flight. */
    private void maxInFlight(int maxInFlight) {
        window = maxInFlight == 0 ? 0 : Math.max(MIN_WINDOW, (long) WINDOW_PER_SLOT * maxInFlight);
    }

    @Override
    public List<DueRequest> take(int maxInFlight) {
        maxInFlight(maxInFlight);
        if (!outage.mayTry()) {
            return List.of();
        }
        List<DueRequest> accepted = new ArrayList<>();
        try {
            recover();
            takeDue();
            readDeferred(accepted);
            readPending(accepted);
        } catch (StoreException refusal) {
            outage.failed(refusal);
        }
        return accepted;
    }

    @Override
    public void recorded(RequestKey key) {
        Holding holding = held.remove(key);
        forgetKept(holding);
        heldBytes -= holding.bytes();
        holding.backlog().held--;
        holding.backlog().owner.held--;
        holding.backlog().owner.heldBytes -= holding.bytes();
        forgetIfIdle(holding.backlog());
        lastProgressNanos = clock.nanoTime();
    }

    @Override
    public void postponed(RequestKey key, Instant due) {
        recorded(key);
        if (due.isAfter(clock.now())) {
            schedule.expect(due);
        } else {
            // The look for what is due may have passed its moment already.
            pending.add(key.id());
        }
    }

    @Override
    public void gone(RequestKey key) {
        recorded(key);
        gone.add(key);
        pending.add(key.id());
    }

    @Override
    public void recovered(Endpoint endpoint) {
        recoveries.add(endpoint);
    }

    @Override
    public boolean isIdle() {
        return held.isEmpty() && pending.isEmpty() && deferring.isEmpty() && schedule.nanosUntilDue() > 0;
    }

    @Override
    public int heldCount() {
        return held.size();
    }

    @Override
    public String trouble() {
        return outage.trouble();
    }

    @Override
    public long nanosUntilDue() {
        long now = clock.nanoTime();
        long wait = Long.MAX_VALUE;
        if (deferring.stream().anyMatch(this::wantsMore)) {
            wait = 0;
        } else if (!pending.isEmpty()) {
            wait = portion() > 0 ? 0 : mayLookAhead() ? Math.max(0, lookAheadNanos() - now) : Long.MAX_VALUE;
        }
        if (mayTakeDue()) {
            wait = Math.min(wait, recoveries.isEmpty() ? schedule.nanosUntilDue() : 0);
        }
        return wait == Long.MAX_VALUE ? wait : Math.max(wait, outage.nanosUntilRetry());
    }

    /** Not so many at once that their ids, which are not next to each other, become ranges of others. */
    private boolean mayTakeDue() {
        return window > 0 && pending.rangeCount() < MAX_PENDING_RANGES / 2;
    }

    private void takeDue() {
        if (mayTakeDue() && schedule.nanosUntilDue() == 0) {
            if (pending.isEmpty()) {
                pendingSinceNanos = clock.nanoTime();
            }
            schedule.takeDue().forEach(pending::add);
            outage.succeeded();
        }
    }

    private void recover() {
        if (mayTakeDue() && !recoveries.isEmpty()) {
            recoveries.work();
            outage.succeeded();
        }
    }

    /** When nothing is kept beside the queue any more, the next look notes that. */
    private void forgetKept(Holding holding) {
        heldKept -= holding.isKept() ? 1 : 0;
        if (holding.isKept() && heldKept == 0 && schedule.isEmpty()) {
            schedule.expect(Instant.MIN);
        }
    }

    private void readDeferred(List<DueRequest> accepted) {
        if (deferring.isEmpty()) {
            return;
        }
        int rowsRead = 0;
        for (OriginBacklog backlog : List.copyOf(deferring)) {
            if (rowsRead >= CHUNK) {
                return;
            }
            if (wantsMore(backlog)) {
                // To the end of the line, so that all origins have their turn.
                deferring.remove(backlog);
                deferring.add(backlog);
                rowsRead +=
                        read(backlog.deferred, Math.min(CHUNK, roomOf(backlog)), roomInBytes(backlog.owner), accepted);
                noteDeferring(backlog);
                forgetIfIdle(backlog);
            }
        }
    }

    private void readPending(List<DueRequest> accepted) {
        int rowsRead = 0;
        for (int query = 0; query < MAX_QUERIES && rowsRead < CHUNK && !pending.isEmpty(); query++) {
            long portion = portion();
            if (portion > 0) {
                rowsRead += read(pending, Math.min(CHUNK, portion), MAX_HELD_BYTES - heldBytes, accepted);
                lastProgressNanos = clock.nanoTime();
            } else if (mayLookAhead() && lookAheadNanos() - clock.nanoTime() <= 0) {
                rowsRead += read(pending, Math.min(CHUNK, freeForAnother()), MAX_HELD_BYTES - heldBytes, accepted);
            } else {
                return;
            }
        }
    }

    /** Reads the lowest ids of {@code source}, and returns how many rows there were, about. */
    private int read(PendingIds source, long limit, long maxBodyBytes, List<DueRequest> accepted) {
        long start = clock.nanoTime();
        IdRange range = source.lowest(MAX_GAP);
        Fetched fetched = queue.fetch(range.first(), range.last(), (int) limit, maxBodyBytes);
        List<DueRequest> rows = fetched.requests();
        outage.succeeded();
        long last = fetched.complete() ? range.last() : fetched.last();
        source.removeThrough(last);
        rows.forEach(row -> take(row, accepted));
        reread(range.first(), last, rows.size());
        lastReadNanos = clock.nanoTime();
        lastReadDuration = lastReadNanos - start;
        // To look at those that are not due takes its time, too.
        return rows.isEmpty() && !fetched.complete() ? CHUNK : rows.size();
    }

    /** Holds a row, defers it, or lets go of it when it is held already. */
    private void take(DueRequest request, List<DueRequest> accepted) {
        RequestKey key = request.key();
        if (held.containsKey(key) || gone.contains(key)) {
            request.http().body().close();
            return;
        }
        OwnerBacklog owner = owners.computeIfAbsent(request.owner(), OwnerBacklog::new);
        OriginBacklog backlog = owner.to(origins.of(request.http().url()));
        // An origin's requests start in the order of their ids, so none may pass one that is deferred.
        if (backlog.held < free(owner) && isRoomInBytes(owner) && key.id() <= backlog.deferred.lowestId()) {
            backlog.deferred.removeThrough(key.id());
            long bytes = bytesOf(request);
            boolean isKept = request.delivery().isKept();
            held.put(key, new Holding(backlog, bytes, isKept));
            heldKept += isKept ? 1 : 0;
            heldBytes += bytes;
            backlog.held++;
            owner.held++;
            owner.heldBytes += bytes;
            accepted.add(request);
        } else {
            backlog.deferred.add(key.id());
            request.http().body().close();
        }
        noteDeferring(backlog);
    }

    private void noteDeferring(OriginBacklog backlog) {
        if (backlog.deferred.isEmpty() ? deferring.remove(backlog) : deferring.add(backlog)) {
            backlog.owner.deferring += backlog.deferred.isEmpty() ? -1 : 1;
        }
    }

    private static long bytesOf(DueRequest request) {
        return request.http().body().length()
                + HEAP_WEIGHT * (request.http().url().length() + request.http().headersJson().length);
    }

    /** Ids from {@code first} to {@code last} have been read: those without a row are settled for whoever waits for them. */
    private void reread(long first, long last, int rows) {
        if (Long.compareUnsigned(last - first, rows) >= 0) {
            announcer.announce(new IdRange(first, last));
        }
        if (!gone.isEmpty()) {
            gone.removeIf(row -> row.id() >= first && row.id() <= last);
        }
    }

    /** How many more requests an owner may take. */
    private long free(OwnerBacklog owner) {
        return window - owner.held - 3L * (held.size() - owner.held) / 4;
    }

    /** How many requests an owner may take that has none. */
    private long freeForAnother() {
        return window - 3L * held.size() / 4;
    }

    /** How many more requests an origin may take before it holds as many as are free. */
    private long roomOf(OriginBacklog backlog) {
        return (free(backlog.owner) - backlog.held) / 2;
    }

    private boolean wantsMore(OriginBacklog backlog) {
        long room = roomOf(backlog);
        return room > 0 && (room >= backlog.held || room >= window / 8) && isRoomInBytes(backlog.owner);
    }

    /** How many new rows to read that any origin of any owner may take whole; 0 when that is not worth a query. */
    private long portion() {
        if (!isRoomInBytes()) {
            return 0;
        }
        long portion = freeForAnother() / 2;
        for (OwnerBacklog owner : owners.values()) {
            if (!isRoomInBytes(owner)) {
                return 0;
            }
            for (OriginBacklog backlog : owner.backlogs()) {
                portion = Math.min(portion, roomOf(backlog));
            }
        }
        return portion >= window / 8 ? portion : 0;
    }

    private boolean mayLookAhead() {
        return isRoomInBytes() && freeForAnother() > 0 && deferring.size() <= MAX_DEFERRING_ORIGINS;
    }

    /** When the next look ahead is due. */
    private long lookAheadNanos() {
        long byShare = lastReadNanos + PAUSE_PER_LOOK_AHEAD * lastReadDuration;
        if (deferring.isEmpty()) {
            byShare = Math.max(byShare, pendingSinceNanos + GRACE_NANOS);
        }
        long whenQuiet = lastProgressNanos + QUIET_NANOS;
        return byShare - whenQuiet < 0 ? byShare : whenQuiet;
    }

    private boolean isRoomInBytes() {
        return window > 0 && (heldBytes < MAX_HELD_BYTES || held.isEmpty());
    }

    private boolean isRoomInBytes(OwnerBacklog owner) {
        return isRoomInBytes() && (roomInBytes(owner) > 0 || owner.held == 0);
    }

    private long roomInBytes(OwnerBacklog owner) {
        return (MAX_HELD_BYTES - (heldBytes - owner.heldBytes)) / 4 * 3 - owner.heldBytes;
    }

    private void forgetIfIdle(OriginBacklog backlog) {
        if (backlog.held == 0 && backlog.deferred.isEmpty()) {
            backlog.owner.forget(backlog);
            if (backlog.owner.isIdle()) {
                owners.remove(backlog.owner.owner);
            }
        }
    }
}
