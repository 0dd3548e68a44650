package org.pgnet.worker.intake;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.RequestKey;

/** The requests that are held, and those that were and have gone. Backend thread. */
final class Held {
    private final Window window;
    private final Map<RequestKey, Holding> held = new HashMap<>();
    /** Rows that were gone when they should have been recorded, until their ids have been read again. */
    private final Set<RequestKey> gone = new HashSet<>();
    /** How many have something that is kept beside the queue. */
    private int kept;

    /** A request and whose room it takes. */
    record Holding(OriginBacklog backlog, DueRequest request, long bytes) {
        boolean isKept() {
            return request.delivery().isKept();
        }
    }

    Held(Window window) {
        this.window = window;
    }

    List<RequestKey> keys() {
        return List.copyOf(held.keySet());
    }

    int count() {
        return held.size();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Whether nothing of any of them is kept beside the queue. */
    boolean isNoneKept() {
        return kept == 0;
    }

    /** Whether a row is that of a request that is held, or has gone. */
    boolean knows(RequestKey key) {
        return held.containsKey(key) || gone.contains(key);
    }

    void hold(DueRequest request, OriginBacklog backlog) {
        Holding holding = new Holding(backlog, request, Window.bytesOf(request));
        held.put(request.key(), holding);
        kept += holding.isKept() ? 1 : 0;
        window.hold(backlog, holding.bytes());
    }

    Holding release(RequestKey key) {
        Holding holding = held.remove(key);
        kept -= holding.isKept() ? 1 : 0;
        window.release(holding.backlog(), holding.bytes());
        return holding;
    }

    /** A row has gone, as far as is known. */
    void gone(RequestKey key) {
        gone.add(key);
    }

    /** The rows of these ids, but for those in {@code others}, have been read again. */
    void readAgain(IdRange ids, List<IdRange> others) {
        if (!gone.isEmpty()) {
            gone.removeIf(row ->
                    contains(ids, row.id()) && others.stream().noneMatch(other -> contains(other, row.id())));
        }
    }

    /** The rows of chosen ids have been read again, up to and including {@code last}. */
    void readAgain(long[] sortedIds, long last) {
        if (!gone.isEmpty()) {
            gone.removeIf(row -> row.id() <= last && Arrays.binarySearch(sortedIds, row.id()) >= 0);
        }
    }

    private static boolean contains(IdRange range, long id) {
        return range.first() <= id && id <= range.last();
    }
}
