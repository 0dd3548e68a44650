package org.pgnet.worker.intake;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Line;
import org.pgnet.worker.spi.Priority;

/**
 * Ids that were committed and not looked at. Those of one owner and priority are kept by themselves, so that nobody waits for
 * another's; what is of several, or too many, is kept together. Backend thread.
 */
final class Arrivals {
    private static final int MAX_RANGES = 4_096;
    private static final int MAX_RANGES_OF_LINE = 256;
    private static final int MAX_LINES = 64;

    /** Single ids that may be sent, as far as is known: they do not wait for a look at many that may not. */
    private final Arrival ready = new Arrival(Optional.empty(), MAX_RANGES);

    private final Arrival mixed = new Arrival(Optional.empty(), MAX_RANGES);
    private final Map<Priority, Map<Long, Arrival>> lines = new EnumMap<>(Priority.class);
    /** How many there are in {@link #lines}, which is hardly ever more than a few and asked for at each turn. */
    private int lineCount;

    /** Whether all ids are to be looked at once more, when those that are kept together have been. */
    private boolean again;

    /** Ids that are kept together. */
    record Arrival(Optional<Line> line, PendingIds ids) {
        Arrival(Optional<Line> line, int maxRanges) {
            this(line, new PendingIds(maxRanges));
        }

        boolean isEmpty() {
            return ids.isEmpty();
        }
    }

    Arrivals() {
        for (Priority priority : Priority.values()) {
            lines.put(priority, new HashMap<>());
        }
    }

    void add(Committed committed) {
        IdRange ids = committed.ids();
        if (isAll(ids) && !mixed.isEmpty()) {
            // To begin anew each time would never come to the end.
            again = true;
            return;
        }
        Arrival arrival = committed.line().isPresent() ? of(committed.line().get()) : mixed;
        arrival.ids().add(ids.first(), ids.last());
    }

    /** Adds the id of a request that may be sent. */
    void add(long id) {
        ready.ids().add(id);
    }

    /** Adds the id of the next request of an order key: not before lower ones, which may be of the same. */
    void addNext(long id) {
        mixed.ids().add(id);
    }

    boolean isEmpty() {
        return lineCount == 0 && ready.isEmpty() && mixed.isEmpty();
    }

    /** Whether so many single ids are known that more of them would become ranges. */
    boolean isFull() {
        return ready.ids().rangeCount() >= MAX_RANGES / 2 || mixed.ids().rangeCount() >= MAX_RANGES / 2;
    }

    /** Those that are not empty: urgent ones before others, and what is kept together last. */
    List<Arrival> all() {
        List<Arrival> all = new ArrayList<>();
        if (!ready.isEmpty()) {
            all.add(ready);
        }
        if (lineCount > 0) {
            for (Map<Long, Arrival> owners : lines.values()) {
                all.addAll(owners.values());
            }
        }
        if (!mixed.isEmpty()) {
            all.add(mixed);
        }
        return all;
    }

    /** Takes out the ids up to and including {@code last}, which have been looked at. */
    void removeThrough(Arrival arrival, long last) {
        arrival.ids().removeThrough(last);
        if (!arrival.isEmpty()) {
            return;
        }
        if (again && arrival == mixed) {
            again = false;
            mixed.ids().add(Long.MIN_VALUE, Long.MAX_VALUE);
        }
        if (arrival.line().isPresent()) {
            Line line = arrival.line().get();
            if (lines.get(line.priority()).remove(line.owner()) != null) {
                lineCount--;
            }
        }
    }

    private Arrival of(Line line) {
        Map<Long, Arrival> owners = lines.get(line.priority());
        Arrival known = owners.get(line.owner());
        if (known != null) {
            return known;
        }
        if (lineCount >= MAX_LINES) {
            return mixed;
        }
        Arrival added = new Arrival(Optional.of(line), MAX_RANGES_OF_LINE);
        owners.put(line.owner(), added);
        lineCount++;
        return added;
    }

    private static boolean isAll(IdRange ids) {
        return ids.first() <= 0 && ids.last() == Long.MAX_VALUE;
    }
}
