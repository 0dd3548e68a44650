package org.pgnet.worker.dispatch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.FlowState.BreakerState;
import org.pgnet.worker.spi.Hindrance;

/** Makes figures of flows, for people to look at. */
final class States {
    private static final Comparator<Candidate> BY_LOAD = Comparator.comparingLong(Candidate::load);

    /** What may be shown. */
    private record Candidate(long owner, long load, Supplier<FlowState> state) {}

    private final Endpoints endpoints;
    private final Predicate<Endpoint> hasFlow;
    private final Clock clock;
    private final int maxPerOrigin;

    /** @param hasFlow whether there are requests to an endpoint */
    States(Endpoints endpoints, Predicate<Endpoint> hasFlow, Clock clock, int maxPerOrigin) {
        this.hasFlow = hasFlow;
        this.endpoints = endpoints;
        this.clock = clock;
        this.maxPerOrigin = maxPerOrigin;
    }

    /** The busiest of each owner, first those with most requests; among them endpoints without a flow that hold requests back or would. */
    List<FlowState> of(Collection<OwnerQueue> owners, int most) {
        List<Candidate> all = new ArrayList<>();
        owners.stream()
                .flatMap(owner -> owner.flows.values().stream())
                .forEach(flow -> all.add(new Candidate(flow.owner.owner, load(flow), () -> state(flow))));
        endpoints.notQuiet().stream()
                .filter(each -> !hasFlow.test(each.endpoint))
                .forEach(each ->
                        all.add(new Candidate(each.endpoint.owner(), each.held.size(), () -> withoutFlow(each))));
        all.sort(BY_LOAD.reversed());
        return FairShare.of(all, Candidate::owner, most).stream()
                .map(each -> each.state().get())
                .toList();
    }

    /** Of one that has no flow for itself, and holds requests back or would. */
    private static FlowState withoutFlow(EndpointState state) {
        Hindrance hindrance = state.held.isEmpty()
                ? Hindrance.NOTHING
                : state.breaker.isClosed() ? Hindrance.ASKED_TO_WAIT : Hindrance.BREAKER;
        return new FlowState(
                state.endpoint,
                state.sender.words(),
                state.held.size(),
                0,
                OptionalDouble.empty(),
                state.breaker.isClosed() ? Optional.empty() : Optional.of(shown(state.breaker.state())),
                brokenSince(Optional.of(state)),
                Optional.of(state).filter(EndpointState::isPaused).map(EndpointState::pausedUntil),
                hindrance,
                words(hindrance));
    }

    private static long load(Flow flow) {
        return (long) flow.waiting.size() + flow.heldBack + flow.inFlight;
    }

    private FlowState state(Flow flow) {
        Endpoint ofOrigin = new Endpoint(flow.owner.owner, flow.origin.name);
        Optional<EndpointState> endpoint = endpoints.of(ofOrigin);
        int held = endpoint.map(each -> each.held.size()).orElse(0);
        Hindrance hindrance = hindrance(flow, held, endpoint);
        return new FlowState(
                ofOrigin,
                "",
                flow.waiting.size() + held,
                flow.inFlight,
                tokens(flow.origin.bucket),
                breaker(flow, endpoint),
                brokenSince(endpoint),
                endpoint.filter(EndpointState::isPaused).map(EndpointState::pausedUntil),
                hindrance,
                reason(flow, hindrance));
    }

    private static Optional<Instant> brokenSince(Optional<EndpointState> endpoint) {
        return endpoint.filter(each -> !each.breaker.isClosed()).map(EndpointState::brokenSince);
    }

    private OptionalDouble tokens(Bucket bucket) {
        return bucket.isLimited()
                ? OptionalDouble.of(Math.max(0, bucket.tokens().tokens(clock.nanoTime())))
                : OptionalDouble.empty();
    }

    private static Optional<BreakerState> breaker(Flow flow, Optional<EndpointState> endpoint) {
        if (!flow.origin.terms.hasBreaker(false)) {
            return Optional.empty();
        }
        Breaker.State state = endpoint.map(each -> each.breaker.state()).orElse(Breaker.State.CLOSED);
        return Optional.of(shown(state));
    }

    private static BreakerState shown(Breaker.State state) {
        return switch (state) {
            case CLOSED -> BreakerState.CLOSED;
            case OPEN -> BreakerState.OPEN;
            case PROBING -> BreakerState.PROBING;
        };
    }

    /** The first that would have to change. */
    private Hindrance hindrance(Flow flow, int held, Optional<EndpointState> endpoint) {
        if (flow.waiting.isEmpty() && held == 0) {
            return Hindrance.NOTHING;
        }
        Origin origin = flow.origin;
        if (origin.terms.paused()) {
            return Hindrance.PAUSED;
        }
        if (endpoint.isPresent() && !endpoint.get().breaker.isClosed()) {
            return Hindrance.BREAKER;
        }
        if (held > 0) {
            return Hindrance.ASKED_TO_WAIT;
        }
        if (flow.inLine) {
            return Hindrance.RATE;
        }
        if (origin.isAtLimitOfRule()) {
            return Hindrance.MAX_IN_FLIGHT;
        }
        if (origin.inFlight >= maxPerOrigin) {
            return Hindrance.CONNECTIONS;
        }
        return flow.owner.waitsForSlot ? Hindrance.SLOTS : Hindrance.NOTHING;
    }

    private static String reason(Flow flow, Hindrance hindrance) {
        return hindrance == Hindrance.RATE
                ? "rate of " + flow.origin.bucket.tokens().limit().rule()
                : words(hindrance);
    }

    private static String words(Hindrance hindrance) {
        return switch (hindrance) {
            case NOTHING -> "";
            case PAUSED -> "paused";
            case BREAKER -> "breaker";
            case ASKED_TO_WAIT -> "the server asked to wait";
            case RATE -> "rate";
            case MAX_IN_FLIGHT -> "max_in_flight";
            case CONNECTIONS -> "pg_net.max_connections_per_host";
            case SLOTS -> "pg_net.batch_size";
        };
    }
}
