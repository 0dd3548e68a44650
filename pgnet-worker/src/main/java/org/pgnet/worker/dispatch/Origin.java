package org.pgnet.worker.dispatch;

import java.util.ArrayList;
import java.util.List;

/** What is in flight to one origin, and what waits, of all owners together. */
final class Origin {
    final String name;
    /** Those of the owners that have requests to it. */
    final List<Lane> lanes = new ArrayList<>(1);

    int waiting;
    int inFlight;
    /** Whether its name was resolved before. */
    boolean resolved;

    Origin(String name) {
        this.name = name;
    }
}
