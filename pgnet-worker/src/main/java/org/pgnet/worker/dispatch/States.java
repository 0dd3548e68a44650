package org.pgnet.worker.dispatch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.FlowState.BreakerState;

/** Makes figures of flows, for people to look at. */
final class States {
    private static final Comparator<Flow> BY_LOAD = Comparator.comparingLong(States::load);

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

    /** The busiest, first those with most requests. */
    List<FlowState> of(Collection<OwnerQueue> owners, int most) {
        PriorityQueue<Flow> busiest = new PriorityQueue<>(BY_LOAD);
        for (OwnerQueue owner : owners) {
            for (Flow flow : owner.flows.values()) {
                busiest.add(flow);
                if (busiest.size() > most) {
                    busiest.remove();
                }
            }
        }
        List<FlowState> states = new ArrayList<>();
        busiest.stream().sorted(BY_LOAD.reversed()).map(this::state).forEach(states::add);
        endpoints.notQuiet().stream()
                .filter(each -> !hasFlow.test(each.endpoint))
                .limit(most - states.size())
                .map(States::withoutRequests)
                .forEach(states::add);
        return states;
    }

    /** Of one that would hold requests back if there were any. */
    private static FlowState withoutRequests(EndpointState state) {
        return new FlowState(
                state.endpoint.name(),
                state.endpoint.owner(),
                0,
                0,
                OptionalDouble.empty(),
                state.breaker.isClosed() ? Optional.empty() : Optional.of(shown(state.breaker.state())),
                Optional.of(state).filter(EndpointState::isPaused).map(EndpointState::pausedUntil),
                "");
    }

    private static long load(Flow flow) {
        return (long) flow.waiting.size() + flow.heldBack + flow.inFlight;
    }

    private FlowState state(Flow flow) {
        Optional<EndpointState> endpoint = endpoints.of(new Endpoint(flow.owner.owner, flow.origin.name));
        return new FlowState(
                flow.origin.name,
                flow.owner.owner,
                flow.waiting.size() + flow.heldBack,
                flow.inFlight,
                tokens(flow.origin.bucket),
                breaker(flow, endpoint),
                endpoint.filter(EndpointState::isPaused).map(EndpointState::pausedUntil),
                reason(flow, endpoint));
    }

    private OptionalDouble tokens(Bucket bucket) {
        return bucket.isLimited()
                ? OptionalDouble.of(Math.max(0, bucket.tokens().tokens(clock.nanoTime())))
                : OptionalDouble.empty();
    }

    private static Optional<BreakerState> breaker(Flow flow, Optional<EndpointState> endpoint) {
        if (!flow.origin.terms.breaker()) {
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
    private String reason(Flow flow, Optional<EndpointState> endpoint) {
        if (flow.waiting.isEmpty() && flow.heldBack == 0) {
            return "";
        }
        Origin origin = flow.origin;
        if (origin.terms.paused()) {
            return "paused";
        }
        if (endpoint.isPresent() && !endpoint.get().breaker.isClosed()) {
            return "breaker";
        }
        if (flow.heldBack > 0) {
            return "the server asked to wait";
        }
        if (flow.inLine) {
            return "rate of " + origin.bucket.tokens().limit().rule();
        }
        if (origin.isAtLimitOfRule()) {
            return "max_in_flight";
        }
        if (origin.inFlight >= maxPerOrigin) {
            return "pg_net.max_connections_per_host";
        }
        return flow.owner.waitsForSlot ? "pg_net.batch_size" : "";
    }
}
