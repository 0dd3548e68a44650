package org.pgnet.worker.dispatch;

import java.util.ArrayList;
import java.util.List;
import org.pgnet.worker.spi.HostTerms;

/** What is in flight to one origin, of all owners together, and what holds for it. */
final class Origin {
    final String name;
    /** Those of the owners that have requests to it. */
    final List<Flow> flows = new ArrayList<>(1);

    HostTerms terms = HostTerms.NONE;
    Bucket bucket = Bucket.NONE;
    int inFlight;
    /** How many of its flows would start a request if there were a slot. */
    int readyFlows;
    /** Whether it counts as one that waits for slots. */
    boolean waits;
    /** Whether it is among those that have what they may have while others wait. */
    boolean atItsShare;
    /** Whether its name was resolved before. */
    boolean resolved;

    Origin(String name) {
        this.name = name;
    }

    /** The most requests in flight to it, whether others wait or not. */
    int most(int maxPerOrigin) {
        return Math.min(maxPerOrigin, terms.maxInFlight().orElse(Integer.MAX_VALUE));
    }

    /** Whether one more request to it would be more than its host's rule allows, whoever's it is. */
    boolean isAtLimitOfRule() {
        return terms.maxInFlight().isPresent()
                && inFlight >= terms.maxInFlight().getAsInt();
    }
}
