package org.pgnet.worker.intake;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pgnet.worker.spi.Priority;
import org.pgnet.worker.spi.Survey;

/** What the backend thread knows of one owner's requests: how many are held, how much memory they take, and which wait. */
final class OwnerBacklog {
    /** Many owners may have as many. */
    static final int MAX_DEFERRING = 1_000;

    private static final int MAX_RANGES = 256;
    /** Where many wait, of each less is known exactly. */
    private static final int MAX_RANGES_OF_MANY = 32;

    /** Origins whose requests are known together: those of which only reading tells, and all that are too many. */
    static final long TOGETHER = Survey.UNKNOWN_ORIGIN;

    final long owner;
    /** Those with requests held or deferred. */
    private final Map<Place, OriginBacklog> backlogs = new HashMap<>();

    int held;
    long heldBytes;
    /** How many of the backlogs have ids deferred. */
    int deferring;

    /** Looked up for each request, where the methods of a record cost several times as much. */
    private record Place(long origin, Priority priority) {
        @Override
        public boolean equals(Object object) {
            return object instanceof Place other && origin == other.origin && priority == other.priority;
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(origin) + priority.ordinal();
        }
    }

    OwnerBacklog(long owner) {
        this.owner = owner;
    }

    Collection<OriginBacklog> backlogs() {
        return backlogs.values();
    }

    /**
     * Of this owner's requests of a priority to an origin. When ids are deferred for many, all further origins have one
     * together, until it has no more: so the requests of each are read in the order of their ids.
     */
    OriginBacklog to(long origin, Priority priority) {
        Optional<OriginBacklog> known = find(origin, priority);
        return known.isPresent() ? known.get() : add(origin, priority);
    }

    /** The same, if there is one. */
    Optional<OriginBacklog> find(long origin, Priority priority) {
        OriginBacklog own = backlogs.get(new Place(origin, priority));
        return Optional.ofNullable(own != null ? own : backlogs.get(new Place(TOGETHER, priority)));
    }

    private OriginBacklog add(long origin, Priority priority) {
        long number = deferring >= MAX_DEFERRING ? TOGETHER : origin;
        int maxRanges = deferring >= MAX_RANGES_OF_MANY ? MAX_RANGES_OF_MANY : MAX_RANGES;
        Place place = new Place(number, priority);
        OriginBacklog known = backlogs.get(place);
        if (known != null) {
            return known;
        }
        OriginBacklog added = new OriginBacklog(this, number, priority, maxRanges);
        backlogs.put(place, added);
        return added;
    }

    void forget(OriginBacklog backlog) {
        backlogs.remove(new Place(backlog.number, backlog.priority));
    }

    boolean isIdle() {
        return held == 0 && backlogs.isEmpty();
    }
}
