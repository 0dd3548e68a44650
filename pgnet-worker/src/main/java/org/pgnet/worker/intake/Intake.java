package org.pgnet.worker.intake;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.spi.Announcer;
import org.pgnet.worker.spi.Backlog;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.WorkSource;

/**
 * Reads committed requests, as many as are worth holding in memory, and keeps the rest as ranges of ids. Backend thread.
 *
 * <p>A request is held from when it is read until its outcome is recorded; {@link Window} says how many. New ids are read
 * at once in portions that any origin may hold whole. When there is no such portion, because an origin is full, requests of
 * others may be behind its own. So the ids are surveyed: without reading the requests, each is deferred to the backlog of
 * its owner, origin and priority, and read when that has room.
 *
 * <p>A survey of one owner's ids is wasted when a burst is over in a moment. So it waits that moment, and gets a tenth of
 * the thread's time; all of it, and at once, when nothing else happens or the owner of the ids is unknown.
 */
public final class Intake implements WorkSource {
    /**
     * To look for removed requests is to look for all that are held, whoever removes one: so it takes a tenth of the thread's
     * time, and a role that cancels without end holds nobody up.
     */
    private static final int PAUSES_OF_REMOVALS = 9;

    private final RequestQueue queue;
    private final Schedule schedule;
    private final Recoveries recoveries;
    private final OrderKeys keys;
    private final StoreOutage outage;
    private final Clock clock;
    private final Arrivals arrivals = new Arrivals();
    private final Window window;
    private final Held held;
    private final Backlogs backlogs;
    private final Surveying surveying;
    private final Reading reading;
    /** Whether held requests may not be there any more. */
    private boolean mayBeRemoved;

    /** When that is looked at next. */
    private long removalsDueNanos;

    /**
     * Reads nothing yet.
     *
     * @param outage the times in which the database refuses to be read
     */
    public Intake(RequestQueue queue, Announcer announcer, StoreOutage outage, Clock clock) {
        this.queue = queue;
        this.removalsDueNanos = clock.nanoTime();
        this.schedule = new Schedule(queue, clock);
        this.recoveries = new Recoveries(queue, schedule, clock);
        this.keys = new OrderKeys(queue);
        this.outage = outage;
        this.clock = clock;
        this.window = new Window(clock);
        this.held = new Held(window);
        this.backlogs = new Backlogs(window);
        this.surveying = new Surveying(queue, backlogs, clock);
        this.reading = new Reading(queue, arrivals, backlogs, window, held, keys, surveying, announcer, outage);
    }

    @Override
    public void look() {
        add(queue.drainCommitted());
        keys.free(queue.drainFreed());
        Optional<Instant> scheduled = queue.drainScheduled();
        if (scheduled.isPresent()) {
            schedule.expect(scheduled.get());
        }
    }

    /** Takes note of ids that were committed. */
    void add(List<Committed> committed) {
        noteArrival();
        for (Committed each : committed) {
            arrivals.add(each);
        }
    }

    @Override
    public List<DueRequest> take(int maxInFlight) {
        window.maxInFlight(maxInFlight);
        if (!outage.mayTry()) {
            return List.of();
        }
        List<DueRequest> accepted = new ArrayList<>();
        try {
            recover();
            takeDue();
            takeHeads();
            reading.survey();
            reading.readDeferred(accepted);
            reading.readArrivals(accepted);
        } catch (StoreException refusal) {
            outage.failed(refusal);
        }
        return accepted;
    }

    @Override
    public List<RequestKey> findRemoved(boolean atOnce) {
        mayBeRemoved |= queue.drainRemoved();
        if (!mayBeRemoved || !outage.mayTry() || (!atOnce && nanosUntilRemovals() > 0)) {
            return List.of();
        }
        try {
            long beganNanos = clock.nanoTime();
            List<RequestKey> removed = held.isEmpty() ? List.of() : queue.absent(held.keys());
            mayBeRemoved = false;
            outage.succeeded();
            removalsDueNanos = clock.nanoTime() + PAUSES_OF_REMOVALS * (clock.nanoTime() - beganNanos);
            return removed;
        } catch (StoreException refusal) {
            outage.failed(refusal);
            return List.of();
        }
    }

    @Override
    public void recorded(RequestKey key) {
        keys.end(release(key));
    }

    @Override
    public void postponed(RequestKey key, Instant due) {
        keys.release(release(key));
        if (due.isAfter(clock.now())) {
            schedule.expect(due);
        } else {
            // The look for what is due may have passed its moment already.
            arrivals.add(key.id());
        }
    }

    @Override
    public void gone(RequestKey key) {
        keys.end(release(key));
        held.gone(key);
        arrivals.add(key.id());
    }

    @Override
    public void recovered(Endpoint endpoint) {
        recoveries.add(endpoint);
    }

    @Override
    public boolean isIdle() {
        return held.isEmpty()
                && arrivals.isEmpty()
                && keys.isEmpty()
                && backlogs.areEmpty()
                && schedule.nanosUntilDue() > 0;
    }

    @Override
    public int heldCount() {
        return held.count();
    }

    @Override
    public List<Backlog> backlogs() {
        return backlogs.all();
    }

    @Override
    public String trouble() {
        return outage.trouble();
    }

    @Override
    public long nanosUntilDue() {
        long wait = window.isClosed() ? Long.MAX_VALUE : nanosUntilRead();
        if (mayTakeDue()) {
            wait = Math.min(wait, recoveries.isEmpty() ? schedule.nanosUntilDue() : 0);
        }
        if (mayBeRemoved) {
            wait = Math.min(wait, nanosUntilRemovals());
        }
        return wait == Long.MAX_VALUE ? wait : Math.max(wait, outage.nanosUntilRetry());
    }

    private long nanosUntilRemovals() {
        return Math.max(0, removalsDueNanos - clock.nanoTime());
    }

    private long nanosUntilRead() {
        if ((!keys.isEmpty() && mayTakeDue()) || backlogs.wantMore()) {
            return 0;
        }
        long wait = Long.MAX_VALUE;
        for (Arrivals.Arrival each : arrivals.all()) {
            wait = Math.min(wait, reading.portion(each) > 0 ? 0 : surveying.nanosUntilDue(each));
        }
        return wait;
    }

    /** Not so many at once that their ids, which are not next to each other, become ranges of others. */
    private boolean mayTakeDue() {
        return !window.isClosed() && !arrivals.isFull();
    }

    private void takeDue() {
        if (mayTakeDue() && schedule.nanosUntilDue() == 0) {
            noteArrival();
            schedule.takeDue().forEach(arrivals::add);
            outage.succeeded();
        }
    }

    private void recover() {
        if (mayTakeDue() && !recoveries.isEmpty()) {
            recoveries.work();
            outage.succeeded();
        }
    }

    private void takeHeads() {
        if (mayTakeDue() && !keys.isEmpty()) {
            noteArrival();
            List<Long> heads = keys.takeHeads();
            heads.forEach(arrivals::addNext);
            outage.succeeded();
            if (heads.isEmpty()) {
                noteWhetherAnyIsKept();
            }
        }
    }

    private void noteArrival() {
        if (arrivals.isEmpty()) {
            surveying.arrived();
        }
    }

    /** When nothing is kept beside the queue any more, the next look for what is due notes that. */
    private void noteWhetherAnyIsKept() {
        if (held.isNoneKept() && schedule.isEmpty()) {
            schedule.expect(Instant.MIN);
        }
    }

    /** Lets go of a held request. */
    private DueRequest release(RequestKey key) {
        Held.Holding holding = held.release(key);
        if (holding.isKept() && !OrderKeys.isKeyed(holding.request())) {
            noteWhetherAnyIsKept();
        }
        backlogs.forgetIfIdle(holding.backlog());
        surveying.progressed();
        return holding.request();
    }
}
