package org.pgnet.worker.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Requests whose time has come.
 *
 * @param ids in the order of their moments
 * @param reached where the next search continues
 * @param next when it will find something; empty for never
 */
public record DueIds(List<Long> ids, Place reached, Optional<Instant> next) {

    /**
     * A place in the order of the moments: behind the request of this moment and id.
     *
     * @param due whole microseconds; {@link Instant#MIN} for before all
     */
    public record Place(Instant due, long id) {
        /** Before all. */
        public static final Place FIRST = new Place(Instant.MIN, Long.MIN_VALUE);
    }
}
