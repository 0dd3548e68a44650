package org.pgnet.worker.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

/**
 * The endpoints that fail or have asked to be left alone, each for one owner, and what was not decided yet. Of one that is
 * forgotten nothing bad is known. While no origin has a breaker and no server has answered 429 or 503, it is empty.
 */
final class Endpoints {
    /** Beside those that hold requests back. */
    static final int MAX_REMEMBERED = 1_000;

    /** More than are in flight and not recorded. */
    static final int MAX_UNJUDGED = 10_000;

    static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** What becomes of requests and endpoints. */
    interface Releases {
        /** A request waits for its turn again. */
        void release(Exchange exchange);

        /** Takes back the requests to an endpoint that wait for their turn and that it now holds back. */
        void holdBack(EndpointState state);

        /** An endpoint works again, or somebody says so. */
        void recovered(Endpoint endpoint);
    }

    /** An attempt that its policy has not judged. */
    private record Unjudged(Endpoint endpoint, Sender sender, boolean hasBreaker, Impression impression) {}

    private final Clock clock;
    private final Timers timers;
    private final Releases releases;
    private final Map<Endpoint, EndpointState> states = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<RequestKey, Unjudged> unjudged = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        /** A policy that was taken away meanwhile judges nothing. */
        @Override
        protected boolean removeEldestEntry(Map.Entry<RequestKey, Unjudged> eldest) {
            return size() > MAX_UNJUDGED;
        }
    };

    Endpoints(Clock clock, Timers timers, Releases releases) {
        this.clock = clock;
        this.timers = timers;
        this.releases = releases;
    }

    int size() {
        return states.size();
    }

    /** What is known of an endpoint. */
    Optional<EndpointState> of(Endpoint endpoint) {
        return states.isEmpty() ? Optional.empty() : Optional.ofNullable(states.get(endpoint));
    }

    /** Those that hold requests back, or would. */
    List<EndpointState> notQuiet() {
        return states.values().stream().filter(state -> !state.isQuiet()).toList();
    }

    /** Keeps a request that may not start now; false when it may. */
    boolean holdsBack(Exchange exchange) {
        Optional<EndpointState> state = states.isEmpty() ? Optional.empty() : of(exchange.endpoint());
        if (state.isEmpty() || !state.get().holdsBack(exchange)) {
            return false;
        }
        hold(exchange, state.get());
        return true;
    }

    void hold(Exchange exchange, EndpointState state) {
        state.held.add(exchange);
        setTimer(state);
    }

    /** An attempt has ended. What is open to debate is left to the policy of the request, if it has one. */
    void ended(Exchange exchange, Settlement settlement) {
        boolean hasPolicy = exchange.hasPolicy();
        if (!hasPolicy && !exchange.hasBreaker()) {
            return;
        }
        Impression impression = Impression.of(exchange, settlement);
        if (hasPolicy && impression.isDebatable()) {
            unjudged.put(
                    exchange.request().key(),
                    new Unjudged(exchange.endpoint(), Sender.of(exchange), exchange.hasBreaker(), impression));
        } else if (exchange.hasBreaker()) {
            boolean isRepeated = impression.isDebatable() && Impression.isUsuallyRepeated(settlement);
            ended(
                    state(exchange.endpoint(), Sender.of(exchange)),
                    exchange.request().key(),
                    impression.result(isRepeated));
        }
    }

    /** A policy has judged an attempt. */
    void judged(Judgement judgement) {
        Unjudged attempt = unjudged.remove(judgement.key());
        if (attempt == null) {
            return;
        }
        judgement.leftAloneUntil().ifPresent(until -> pause(attempt, until));
        if (attempt.hasBreaker()) {
            EndpointState state = state(attempt.endpoint(), attempt.sender());
            ended(state, judgement.key(), attempt.impression().result(judgement.isRepeated()));
        }
    }

    /** Takes out a request that is held back; false when it is not. */
    boolean remove(Exchange exchange) {
        return of(exchange.endpoint())
                .filter(state -> state.held.remove(exchange))
                .isPresent();
    }

    /** Looks at what is held back. */
    void forEachHeld(Consumer<Exchange> taker) {
        states.values().forEach(state -> state.held.forEach(taker));
    }

    /** What holds for origins has changed: where there is no breaker any more, nothing is held back by one. */
    void breakers(Predicate<EndpointState> hasBreaker) {
        for (EndpointState state : List.copyOf(states.values())) {
            if (!state.breaker.isClosed() && !hasBreaker.test(state)) {
                state.forget();
                look(state, clock.nanoTime());
            }
        }
    }

    /**
     * Somebody says that these work again: where a breaker is open, the next probe begins now. Where no request waits for that,
     * those that wait for another attempt are.
     */
    void probe(Predicate<EndpointState> isMeant) {
        long now = clock.nanoTime();
        for (EndpointState state : List.copyOf(states.values())) {
            if (!state.breaker.isClosed() && isMeant.test(state)) {
                state.hasten(now);
                if (state.held.isEmpty()) {
                    releases.recovered(state.endpoint);
                }
                look(state, now);
            }
        }
    }

    /** Looks what may start by now. */
    void look(EndpointState state, long nowNanos) {
        state.look(nowNanos);
        if (state.mayProbe(nowNanos)) {
            releases.release(state.takeProbe(nowNanos));
        }
        releaseWhatMayStart(state);
        setTimer(state);
    }

    private void pause(Unjudged attempt, Instant until) {
        // In this order: when the clock is set meanwhile, the pause is rather too short.
        long nowNanos = clock.nanoTime();
        Instant now = clock.now();
        Instant longest = now.plus(LONGEST_PAUSE);
        Instant end = until.isBefore(longest) ? until : longest;
        if (!end.isAfter(now)) {
            return;
        }
        EndpointState state = state(attempt.endpoint(), attempt.sender());
        state.pause(nowNanos + Duration.between(now, end).toNanos(), end);
        releases.holdBack(state);
        setTimer(state);
    }

    private void ended(EndpointState state, RequestKey key, Breaker.Result result) {
        boolean wasClosed = state.breaker.isClosed();
        long now = clock.nanoTime();
        if (state.isProbe(key)) {
            state.probeEnded(result, now);
        } else {
            state.breaker.ended(result, now);
        }
        if (wasClosed && state.breaker.isClosed()) {
            return;
        }
        if (wasClosed) {
            state.opened(clock.now());
            releases.holdBack(state);
        } else if (state.breaker.isClosed()) {
            releases.recovered(state.endpoint);
        }
        look(state, now);
    }

    /** A request that was let through to see whether its endpoint works has not been sent. */
    void dropped(Exchange exchange) {
        of(exchange.endpoint())
                .filter(state -> state.isProbe(exchange.request().key()))
                .ifPresent(state -> {
                    long now = clock.nanoTime();
                    state.probeEnded(Breaker.Result.NOTHING, now);
                    look(state, now);
                });
    }

    private void releaseWhatMayStart(EndpointState state) {
        if (state.held.isEmpty() || !state.breaker.isClosed()) {
            return;
        }
        List<Exchange> all = new ArrayList<>(state.held);
        state.held.clear();
        for (Exchange exchange : all) {
            if (state.holdsBack(exchange)) {
                state.held.add(exchange);
            } else {
                releases.release(exchange);
            }
        }
    }

    private void setTimer(EndpointState state) {
        state.nextLookNanos().ifPresent(moment -> timers.set(state, moment));
    }

    private EndpointState state(Endpoint endpoint, Sender sender) {
        EndpointState known = states.get(endpoint);
        if (known != null) {
            return known;
        }
        forgetOne();
        EndpointState state = new EndpointState(endpoint, sender, this);
        states.put(endpoint, state);
        return state;
    }

    /** The one that was not heard of for longest; rather one that holds nobody up. */
    private void forgetOne() {
        if (states.size() >= MAX_REMEMBERED && !forgetFirst(state -> state.isQuiet())) {
            forgetFirst(state -> true);
        }
    }

    private boolean forgetFirst(Predicate<EndpointState> meant) {
        for (Iterator<EndpointState> each = states.values().iterator(); each.hasNext(); ) {
            EndpointState state = each.next();
            if (state.held.isEmpty() && meant.test(state)) {
                each.remove();
                return true;
            }
        }
        return false;
    }
}
