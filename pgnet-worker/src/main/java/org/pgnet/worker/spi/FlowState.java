package org.pgnet.worker.spi;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the requests of one owner to one origin do now.
 *
 * @param origin as {@link org.pgnet.worker.http.Origins} gives it
 * @param owner as in {@link DueRequest#owner}
 * @param waiting how many are known that may be sent and are not in flight
 * @param inFlight how many are in flight
 * @param tokens how many may start now by the rate of their rule; empty without one
 * @param breaker what the breaker of the owner's endpoint does; empty when it has none
 * @param pausedUntil until when the server has asked to be left alone; empty when it has not
 * @param reason why those that wait do not start, in words; empty when nothing but others' turns keeps them
 */
public record FlowState(
        String origin,
        long owner,
        long waiting,
        int inFlight,
        OptionalDouble tokens,
        Optional<BreakerState> breaker,
        Optional<Instant> pausedUntil,
        String reason) {

    /** What a breaker does. */
    public enum BreakerState {
        /** Requests start. */
        CLOSED,
        /** None starts. */
        OPEN,
        /** One at a time is let through. */
        PROBING
    }

    /** Whose requests, and where to. */
    public Endpoint endpoint() {
        return new Endpoint(owner, origin);
    }

    /** The same with more that wait, of which the transfer thread does not know. */
    public FlowState plusWaiting(long more) {
        return new FlowState(origin, owner, waiting + more, inFlight, tokens, breaker, pausedUntil, reason);
    }
}
