package org.pgnet.worker.dispatch;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.pgnet.worker.exchange.Exchange;

/** The requests to one origin that wait for their turn, in the order of their ids, and how many are in flight. */
final class OriginQueue {
    private static final Comparator<Exchange> BY_ID =
            Comparator.comparingLong(exchange -> exchange.request().key().id());

    final String origin;
    /** A priority queue and not a list, since transactions do not commit in the order of their ids. */
    final PriorityQueue<Exchange> waiting = new PriorityQueue<>(BY_ID);

    int inFlight;
    /** Whether the host is in the round of those that may have a request to start. */
    boolean inRound;
    /** Whether its name was resolved before. */
    boolean resolved;

    OriginQueue(String origin) {
        this.origin = origin;
    }
}
