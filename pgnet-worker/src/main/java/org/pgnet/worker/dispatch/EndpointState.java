package org.pgnet.worker.dispatch;

import java.time.Instant;
import java.util.Optional;
import java.util.PriorityQueue;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.RequestKey;

/** What is known of an endpoint that fails or has asked to be left alone, and the requests that it holds back. */
final class EndpointState extends Timers.Timer {
    final Endpoint endpoint;
    final Sender sender;
    final Breaker breaker = new Breaker();
    /** The one with the lowest id has waited longest. */
    final PriorityQueue<Exchange> held = new PriorityQueue<>(Lanes.BY_ID);

    private final Endpoints endpoints;
    /** The request that was let through to see whether the endpoint works. */
    private Optional<RequestKey> probe = Optional.empty();

    private boolean paused;
    private long pausedUntilNanos;
    private Instant pausedUntil = Instant.MIN;
    private Instant brokenSince = Instant.MIN;

    EndpointState(Endpoint endpoint, Sender sender, Endpoints endpoints) {
        this.endpoint = endpoint;
        this.sender = sender;
        this.endpoints = endpoints;
    }

    /** A breaker holds back all, a server's wish those that would come again. */
    boolean holdsBack(Exchange exchange) {
        if (isProbe(exchange.request().key())) {
            return false;
        }
        return !breaker.isClosed() || (paused && exchange.hasPolicy());
    }

    /** Whether new requests are let through like those of an endpoint of which nothing is known. */
    boolean isQuiet() {
        return breaker.isClosed() && !paused;
    }

    boolean isPaused() {
        return paused;
    }

    Instant pausedUntil() {
        return pausedUntil;
    }

    /** When its breaker opened last. */
    Instant brokenSince() {
        return brokenSince;
    }

    void opened(Instant now) {
        brokenSince = now;
    }

    boolean isProbe(RequestKey key) {
        return probe.isPresent() && probe.get().equals(key);
    }

    /** Lets nobody start that has a policy, until then. */
    void pause(long untilNanos, Instant until) {
        if (!paused || untilNanos - pausedUntilNanos > 0) {
            paused = true;
            pausedUntilNanos = untilNanos;
            pausedUntil = until;
        }
    }

    /** Whether one is to be let through. A server that has asked to be left alone is not probed meanwhile. */
    boolean mayProbe(long nowNanos) {
        return !held.isEmpty() && !paused && breaker.mayProbe(nowNanos);
    }

    /** The next probe may begin, whatever becomes of the one that is on its way. */
    void hasten(long nowNanos) {
        probe = Optional.empty();
        breaker.hasten(nowNanos);
    }

    /** The one that has waited longest is let through. */
    Exchange takeProbe(long nowNanos) {
        Exchange next = held.remove();
        probe = Optional.of(next.request().key());
        breaker.probeBegan(nowNanos);
        return next;
    }

    void probeEnded(Breaker.Result result, long nowNanos) {
        probe = Optional.empty();
        breaker.probeEnded(result, nowNanos);
    }

    /** Ends the pause that is over. */
    void look(long nowNanos) {
        paused &= pausedUntilNanos - nowNanos > 0;
        if (!breaker.isClosed() && probe.isPresent() && breaker.probeAtNanos() - nowNanos <= 0) {
            // It hangs: another one is tried when a failure would have led to it.
            probeEnded(Breaker.Result.FAILURE, nowNanos);
        }
    }

    /** When it is to be looked at again. */
    Optional<Long> nextLookNanos() {
        if (breaker.isClosed()) {
            return paused ? Optional.of(pausedUntilNanos) : Optional.empty();
        }
        if (held.isEmpty() && probe.isEmpty()) {
            return Optional.empty();
        }
        boolean waitsForPause = paused && probe.isEmpty() && pausedUntilNanos - breaker.probeAtNanos() > 0;
        return Optional.of(waitsForPause ? pausedUntilNanos : breaker.probeAtNanos());
    }

    /** Nothing is known of it any more. */
    void forget() {
        breaker.close();
        probe = Optional.empty();
    }

    @Override
    void ring(long nowNanos) {
        endpoints.look(this, nowNanos);
    }
}
