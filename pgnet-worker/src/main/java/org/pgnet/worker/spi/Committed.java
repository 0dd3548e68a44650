package org.pgnet.worker.spi;

import java.util.Optional;

/**
 * Ids that were committed.
 *
 * @param line whose they are, as their session knew it; empty when they are of several, or nobody knows
 */
public record Committed(IdRange ids, Optional<Line> line) {

    /** Ids of nobody knows whom. */
    public static Committed of(IdRange ids) {
        return new Committed(ids, Optional.empty());
    }
}
