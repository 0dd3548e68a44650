package org.pgnet.jni;

import java.util.Optional;
import org.pgnet.worker.spi.Priority;

/** What committed ids are of, as in lane.h. */
enum Lane {
    /** {@link Priority#URGENT}. */
    URGENT(Priority.URGENT),
    /** {@link Priority#NORMAL}. */
    NORMAL(Priority.NORMAL),
    /** {@link Priority#BULK}. */
    BULK(Priority.BULK),
    /** Of several owners or priorities, or nobody knows. */
    MIXED(Priority.NORMAL),
    /** No ids, but an order key. */
    KEY(Priority.NORMAL);

    private static final Lane[] ALL = values();

    private final Priority priority;

    Lane(Priority priority) {
        this.priority = priority;
    }

    static Lane of(int ordinal) {
        return ALL[ordinal];
    }

    /** Of a request; one whose priority nobody could have given it is as any. */
    Priority priority() {
        return priority;
    }

    /** Of ids that were committed, if they have one. */
    Optional<Priority> common() {
        return ordinal() < MIXED.ordinal() ? Optional.of(priority) : Optional.empty();
    }
}
