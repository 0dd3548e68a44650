package org.pgnet.worker.spi;

import java.util.Optional;

/**
 * Ids that were committed.
 *
 * @param line their owner and priority, as their session knew them; empty if there are several, or they are unknown
 */
public record Committed(IdRange ids, Optional<Line> line) {

    /** Ids of nobody knows whom. */
    public static Committed of(IdRange ids) {
        return new Committed(ids, Optional.empty());
    }
}
