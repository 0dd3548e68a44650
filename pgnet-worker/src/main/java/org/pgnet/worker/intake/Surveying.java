package org.pgnet.worker.intake;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.Survey;

/** Finds out whose the requests of a range are and defers them to their backlogs, and when that is worth its time. Backend thread. */
final class Surveying {
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int PAUSE_PER_SURVEY = 9;

    private final RequestQueue queue;
    private final Backlogs backlogs;
    private final Clock clock;
    private long arrivedNanos;
    private long progressNanos;
    private long lastNanos;
    private long lastDuration;

    Surveying(RequestQueue queue, Backlogs backlogs, Clock clock) {
        this.queue = queue;
        this.backlogs = backlogs;
        this.clock = clock;
        this.arrivedNanos = clock.nanoTime();
        this.progressNanos = arrivedNanos;
        this.lastNanos = arrivedNanos;
    }

    /** Ids have arrived, and there were none. */
    void arrived() {
        arrivedNanos = clock.nanoTime();
    }

    /** Requests have been read, or have ended. */
    void progressed() {
        progressNanos = clock.nanoTime();
    }

    /** The nanoseconds until it is worth its time; {@link Long#MAX_VALUE} for not before more is known. */
    long nanosUntilDue(Arrivals.Arrival arrival) {
        if (!backlogs.mayDefer()) {
            return Long.MAX_VALUE;
        }
        if (arrival.line().isEmpty()) {
            return 0;
        }
        long byShare = lastNanos + PAUSE_PER_SURVEY * lastDuration;
        if (backlogs.areEmpty()) {
            byShare = Math.max(byShare, arrivedNanos + GRACE_NANOS);
        }
        long whenQuiet = progressNanos + QUIET_NANOS;
        return Math.max(0, (byShare - whenQuiet < 0 ? byShare : whenQuiet) - clock.nanoTime());
    }

    /** Looks at the first requests of a range. */
    Survey survey(IdRange range) {
        Survey survey = look(range);
        for (Survey.Run run : survey.runs()) {
            OriginBacklog backlog = backlogs.of(run.owner()).to(run.origin(), run.priority());
            backlog.deferred.add(run.ids().first(), run.ids().last(), run.count());
            backlogs.noteDeferring(backlog);
        }
        return survey;
    }

    /**
     * Searches the first part of where a backlog has its next requests, and those of others are found with them: of each whose
     * next ones are to be searched for in this part, too.
     */
    void searchRest(OriginBacklog backlog) {
        IdRange range = backlog.deferred.rest();
        Survey survey = look(range);
        long last = survey.complete() ? range.last() : survey.last();
        Map<OriginBacklog, Long> searched = new HashMap<>();
        Set<OriginBacklog> others = new HashSet<>();
        begin(backlog, last, searched);
        for (Survey.Run run : survey.runs()) {
            Optional<OriginBacklog> found = backlogs.of(run.owner()).find(run.origin(), run.priority());
            found.filter(others::add)
                    .filter(each -> !searched.containsKey(each) && isIn(each, range.first(), last))
                    .ifPresent(each -> begin(each, last, searched));
            found.filter(searched::containsKey).ifPresent(each -> add(each, run, searched.get(each)));
        }
        searched.keySet().forEach(backlogs::noteDeferring);
        searched.keySet().forEach(backlogs::forgetIfIdle);
    }

    private static boolean isIn(OriginBacklog backlog, long first, long last) {
        return backlog.deferred.hasRest()
                && backlog.deferred.hasRoom()
                && backlog.deferred.rest().first() >= first
                && backlog.deferred.rest().first() <= last;
    }

    private static void begin(OriginBacklog backlog, long last, Map<OriginBacklog, Long> searched) {
        searched.put(backlog, backlog.deferred.rest().first());
        backlog.deferred.searched(last);
    }

    private static void add(OriginBacklog backlog, Survey.Run run, long from) {
        if (run.ids().last() >= from) {
            backlog.deferred.found(run.count());
            backlog.deferred.add(Math.max(from, run.ids().first()), run.ids().last(), run.count());
        }
    }

    private Survey look(IdRange range) {
        long start = clock.nanoTime();
        Survey survey = queue.survey(range.first(), range.last());
        lastNanos = clock.nanoTime();
        lastDuration = lastNanos - start;
        return survey;
    }
}
