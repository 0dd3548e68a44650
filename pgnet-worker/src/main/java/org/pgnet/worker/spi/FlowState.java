package org.pgnet.worker.spi;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The state of one owner's requests to one origin, or of the messages to an endpoint that holds them back.
 *
 * @param endpoint whose requests, and where to
 * @param sender whose messages, for people; empty unless they have an endpoint for themselves
 * @param waiting how many are known that may be sent and are not in flight
 * @param inFlight how many are in flight
 * @param tokens how many may start now by the rate of their rule; empty without one
 * @param breaker what the breaker of the owner's endpoint does; empty when it has none
 * @param brokenSince when that breaker opened; empty when it is closed
 * @param pausedUntil until when the server asked for a pause; empty if it did not
 * @param hindrance why those that wait do not start
 * @param reason the same in words; empty if they only wait for their turn
 */
public record FlowState(
        Endpoint endpoint,
        String sender,
        long waiting,
        int inFlight,
        OptionalDouble tokens,
        Optional<BreakerState> breaker,
        Optional<Instant> brokenSince,
        Optional<Instant> pausedUntil,
        Hindrance hindrance,
        String reason) {

    /** Of requests that wait, of which nothing else is known but the breaker, if their endpoint has one. */
    public static FlowState waiting(Endpoint endpoint, long requests, Optional<BreakerState> breaker) {
        return new FlowState(
                endpoint,
                "",
                requests,
                0,
                OptionalDouble.empty(),
                breaker,
                Optional.empty(),
                Optional.empty(),
                Hindrance.NOTHING,
                "");
    }

    /** What a breaker does. */
    public enum BreakerState {
        /** Requests start. */
        CLOSED,
        /** None starts. */
        OPEN,
        /** One at a time is let through. */
        PROBING
    }

    /** The origin of the endpoint. */
    public String origin() {
        return endpoint.origin();
    }

    /** The owner of the endpoint. */
    public long owner() {
        return endpoint.owner();
    }

    /** The same with more that wait, of which the transfer thread does not know. */
    public FlowState plusWaiting(long more) {
        return new FlowState(
                endpoint,
                sender,
                waiting + more,
                inFlight,
                tokens,
                breaker,
                brokenSince,
                pausedUntil,
                hindrance,
                reason);
    }
}
