package org.pgnet.worker.intake;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.pgnet.worker.http.OriginNumber;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.spi.Announcer;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.Survey;

/** Reads requests, and holds each or defers it. Backend thread. */
final class Reading {
    /** The most rows read by one query, and about the most read by one call. */
    private static final int CHUNK = 1_000;

    private static final int MAX_QUERIES = 32;
    /** Reading so many ids in vain is cheaper than another query. */
    private static final int MAX_GAP = 32;
    /** More ranges than these are read as single ids. */
    private static final int FEW_RANGES = 4;

    private final RequestQueue queue;
    private final Arrivals arrivals;
    private final Backlogs backlogs;
    private final Window window;
    private final Held held;
    private final OrderKeys keys;
    private final Surveying surveying;
    private final Announcer announcer;
    private final StoreOutage outage;
    private final Origins origins = new Origins();
    /** The origin that was looked for last, and its number. */
    private String lastOrigin = "";

    private long lastNumber = OriginNumber.of(lastOrigin);

    Reading(
            RequestQueue queue,
            Arrivals arrivals,
            Backlogs backlogs,
            Window window,
            Held held,
            OrderKeys keys,
            Surveying surveying,
            Announcer announcer,
            StoreOutage outage) {
        this.queue = queue;
        this.arrivals = arrivals;
        this.backlogs = backlogs;
        this.window = window;
        this.held = held;
        this.keys = keys;
        this.surveying = surveying;
        this.announcer = announcer;
        this.outage = outage;
    }

    /** Looks whose the next ids are, where they cannot be read at once. */
    void survey() {
        int rows = 0;
        int queries = 0;
        for (Arrivals.Arrival each : arrivals.all()) {
            while (rows < CHUNK
                    && queries++ < MAX_QUERIES
                    && !each.isEmpty()
                    && portion(each) == 0
                    && surveying.nanosUntilDue(each) == 0) {
                rows += survey(each);
            }
        }
    }

    private int survey(Arrivals.Arrival arrival) {
        IdRange range = arrival.ids().lowest(CHUNK);
        Survey survey = surveying.survey(range);
        outage.succeeded();
        IdRange looked = new IdRange(range.first(), survey.complete() ? range.last() : survey.last());
        arrivals.removeThrough(arrival, looked.last());
        if (isMissing(looked, survey.rows())) {
            announcer.announce(looked);
        }
        // Those that are there are read yet.
        held.readAgain(looked, survey.runs().stream().map(Survey.Run::ids).toList());
        return survey.rows();
    }

    /** Reads of backlogs that have room. */
    void readDeferred(List<DueRequest> accepted) {
        int rowsRead = 0;
        for (Backlogs.Turn turn : backlogs.turns(CHUNK)) {
            if (rowsRead >= CHUNK) {
                return;
            }
            rowsRead += read(turn, accepted);
        }
        Optional<OriginBacklog> unknown = backlogs.unknown();
        if (unknown.isPresent()) {
            surveying.searchRest(unknown.get());
            outage.succeeded();
        }
    }

    private int read(Backlogs.Turn turn, List<DueRequest> accepted) {
        Fetched fetched = queue.fetch(turn.ids(), window.roomInBytes(turn.owner()));
        outage.succeeded();
        long last = fetched.complete() ? turn.ids()[turn.ids().length - 1] : fetched.last();
        turn.removeThrough(last);
        fetched.requests().forEach(row -> take(row, accepted));
        int looked = (int) Arrays.stream(turn.ids()).filter(id -> id <= last).count();
        if (fetched.requests().size() < looked) {
            announcer.announce(new IdRange(turn.ids()[0], last));
        }
        held.readAgain(turn.ids(), last);
        backlogs.served(turn);
        return looked;
    }

    /** Reads new ids in portions that any origin may hold whole. */
    void readArrivals(List<DueRequest> accepted) {
        int rowsRead = 0;
        int queries = 0;
        for (Arrivals.Arrival each : arrivals.all()) {
            long portion = portion(each);
            while (!each.isEmpty() && portion > 0 && rowsRead < CHUNK && queries++ < MAX_QUERIES) {
                rowsRead += read(each, (int) Math.min(CHUNK, portion), accepted);
                surveying.progressed();
                portion = portion(each);
            }
        }
    }

    /** Reads the lowest ids of an arrival, and returns how many rows there were, about. */
    private int read(Arrivals.Arrival source, int limit, List<DueRequest> accepted) {
        PendingIds ids = source.ids();
        long[] single = ids.rangeCount() > FEW_RANGES ? ids.lowestOfNarrow(limit, MAX_GAP) : new long[0];
        IdRange range = single.length > 1 ? new IdRange(single[0], single[single.length - 1]) : ids.lowest(MAX_GAP);
        Fetched fetched = single.length > 1
                ? queue.fetch(single, roomInBytes(source))
                : queue.fetch(range.first(), range.last(), limit, roomInBytes(source));
        List<DueRequest> rows = fetched.requests();
        outage.succeeded();
        IdRange looked = new IdRange(range.first(), fetched.complete() ? range.last() : fetched.last());
        arrivals.removeThrough(source, looked.last());
        for (DueRequest row : rows) {
            take(row, accepted);
        }
        if (isMissing(looked, rows.size())) {
            announcer.announce(looked);
        }
        if (single.length > 1) {
            held.readAgain(single, looked.last());
        } else {
            held.readAgain(looked, List.of());
        }
        // To look at those that are not due takes its time, too.
        return rows.isEmpty() && !fetched.complete() ? CHUNK : rows.size();
    }

    private long roomInBytes(Arrivals.Arrival source) {
        return source.line().isPresent()
                ? window.roomInBytes(backlogs.of(source.line().get().owner()))
                : window.roomInBytes();
    }

    /** Holds a row, defers it, or lets go of it when it is held already or another of its order key is. */
    private void take(DueRequest request, List<DueRequest> accepted) {
        if (held.knows(request.key()) || keys.block(request)) {
            request.http().body().close();
            return;
        }
        long id = request.key().id();
        OriginBacklog backlog = backlogOf(request);
        // An origin's requests start in the order of their ids, so none may pass one that is deferred.
        if (window.mayHold(backlog) && id <= backlog.deferred.lowestId()) {
            backlog.deferred.removeThrough(id);
            held.hold(request, backlog);
            keys.hold(request);
            accepted.add(request);
        } else {
            backlog.deferred.add(id);
            request.http().body().close();
        }
        backlogs.noteDeferring(backlog);
    }

    private OriginBacklog backlogOf(DueRequest request) {
        String origin = origins.of(request.http().url());
        OriginBacklog backlog = backlogs.of(request.owner())
                .to(numberOf(request, origin), request.delivery().priority());
        backlog.read(origin);
        return backlog;
    }

    private long numberOf(DueRequest request, String origin) {
        if (request.isMessage()) {
            return OriginNumber.of(Origins.endpoint(request, origin));
        }
        if (!origin.equals(lastOrigin)) {
            lastOrigin = origin;
            lastNumber = OriginNumber.of(origin);
        }
        return lastNumber;
    }

    /** Whether some ids have no row: whoever waits for one is to look. */
    private static boolean isMissing(IdRange ids, int rows) {
        return Long.compareUnsigned(ids.last() - ids.first(), rows) >= 0;
    }

    /** How many of these ids to read so that any origin may hold them whole; 0 when that is not worth a query. */
    long portion(Arrivals.Arrival arrival) {
        return arrival.line().isPresent() ? backlogs.portionOf(arrival.line().get()) : backlogs.portionOfAny();
    }
}
