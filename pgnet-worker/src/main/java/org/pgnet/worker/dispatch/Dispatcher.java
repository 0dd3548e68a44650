package org.pgnet.worker.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.ProbeWish;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

/**
 * Decides which request starts next: owners take turns, then each owner's origins. Requests of an owner to an origin start
 * by priority, then in the order of their ids. {@link Shares} limits how many an owner, an origin and all together have in
 * flight. Transfer thread.
 *
 * <p>A request has its slot from its first hop to its outcome. A redirect to another origin waits in that slot until its
 * origin has room, so it never waits behind requests that have not begun.
 *
 * <p>A request that a rule of its host, a breaker or Retry-After holds back takes no slot and delays no other. A flow
 * without a token waits in its bucket's line, requests to an endpoint that is left alone wait there, and a flow whose
 * origin is full or paused comes back when that changes. A flow to an origin that is not known to resolve waits in {@link
 * Lookups}. All other flows with a waiting request are in the round.
 */
public final class Dispatcher {
    /** After so many requests that were taken out, what lists flows is swept. */
    static final int SWEEP_AFTER = 1_000;

    private final Clock clock;
    private final Map<String, Origin> origins = new HashMap<>();
    private final Map<Long, OwnerQueue> owners = new HashMap<>();
    private final ArrayDeque<OwnerQueue> round = new ArrayDeque<>();
    /** Owners that wait until a slot is free. */
    private final List<OwnerQueue> withoutSlot = new ArrayList<>();
    /** Origins that have what they may have while others wait. */
    private final Set<Origin> atTheirShare = new LinkedHashSet<>();

    private final Timers timers = new Timers();
    private final Buckets buckets;
    private final Endpoints endpoints;
    private final Expiring expiring = new Expiring();
    private final Lookups lookups = new Lookups();
    private final List<Exchange> hops = new ArrayList<>();
    private final Consumer<Flow> entering = this::enterRound;
    private HostRules rules = HostRules.NONE;
    private int slotsTaken;
    /** How many requests were taken out, since the last {@link #sweep}, while something may have listed their flows. */
    private int dropped;
    /** How many origins would have a request start if there were a slot. */
    private int originsThatWait;

    private int maxInFlight;
    private int maxPerOrigin = 1;

    /**
     * Nothing starts before {@link #limits}.
     *
     * @param clock what rates, breakers and pauses go by
     * @param recovered is told of endpoints that work again, or of which somebody says so
     */
    public Dispatcher(Clock clock, Consumer<Endpoint> recovered) {
        this.clock = clock;
        this.buckets = new Buckets(clock, timers);
        this.endpoints = new Endpoints(clock, timers, new Releasing(recovered));
    }

    /** Sets the limits: the most slots, at least 0, and the most requests in flight to one origin, at least 1. */
    public void limits(int newMaxInFlight, int newMaxPerOrigin) {
        maxInFlight = newMaxInFlight;
        maxPerOrigin = Math.max(1, newMaxPerOrigin);
        enterAll();
    }

    /** Sets what holds for origins, from the next request on that starts. */
    public void rules(HostRules newRules) {
        if (newRules == rules) {
            return;
        }
        Set<ProbeWish> newWishes = new HashSet<>(newRules.probeWishes());
        newWishes.removeAll(rules.probeWishes());
        rules = newRules;
        buckets.clearLines();
        origins.values().forEach(this::setTerms);
        endpoints.breakers(state -> rules.of(state.endpoint.origin()).hasBreaker(state.sender.isWebhook()));
        for (OwnerQueue owner : owners.values()) {
            owner.called = 0;
            for (Flow flow : owner.flows.values()) {
                flow.inLine = false;
                flow.called = false;
            }
        }
        if (!newWishes.isEmpty()) {
            endpoints.probe(state -> rules.concern(newWishes, state.endpoint.origin()));
        }
        enterAll();
    }

    /** Sets the most requests in flight to origins that are not known to resolve. */
    public void maxUnresolved(int requests) {
        lookups.most(requests);
    }

    /** The name of a request's origin led to an address; to be called before {@link #left}. */
    public void resolved(Exchange exchange) {
        lookups.resolved(flow(exchange).origin);
    }

    /** libcurl has sent a hop of a request more than once; to be called before {@link #left}. */
    public void resent(Exchange exchange, int times) {
        flow(exchange).origin.bucket.resent(times);
    }

    /** A policy has judged an attempt that has ended. */
    public void judged(Judgement judgement) {
        endpoints.judged(judgement);
    }

    /** The number of requests that are begun and have no outcome. */
    public int slotsTaken() {
        return slotsTaken;
    }

    /** The number of origins that have a request waiting or in flight. */
    int originCount() {
        return origins.size();
    }

    /** The number of owners that have a request waiting or begun. */
    int ownerCount() {
        return owners.size();
    }

    /** The number of rules whose rate is remembered. */
    int bucketCount() {
        return buckets.size();
    }

    /** The number of endpoints of which something is remembered. */
    int endpointCount() {
        return endpoints.size();
    }

    /** How many owners, origins and flows are listed for the turn that they wait for. */
    int listedCount() {
        return withoutSlot.size()
                + atTheirShare.size()
                + buckets.listedCount()
                + lookups.listedCount()
                + owners.values().stream().mapToInt(owner -> owner.round.size()).sum();
    }

    /** Lets a request wait for its first hop. */
    public void add(Exchange exchange) {
        Flow flow = flow(exchange);
        expiring.add(exchange);
        exchange.terms(flow.origin.terms);
        if (endpoints.holdsBack(exchange)) {
            flow.heldBack++;
        } else {
            flow.waiting.add(exchange);
            enterRound(flow);
        }
    }

    /** Lets a request that has its slot wait for its next hop. */
    public void addHop(Exchange exchange) {
        hops.add(exchange);
    }

    /** Takes the next request whose turn it is; it then is in flight to its origin until {@link #left}. */
    public Optional<Exchange> next() {
        Optional<Exchange> hop = hops.isEmpty() ? Optional.empty() : nextHop();
        return hop.isPresent() ? hop : nextWaiting();
    }

    /** One hop of a request is over; to be called before its origin changes. */
    public void left(Exchange exchange) {
        Flow flow = flow(exchange);
        addInFlight(flow, -1);
        for (Flow other : flow.origin.flows) {
            enterRound(other);
        }
        forgetIfIdle(flow);
    }

    /** A request has its outcome: its slot is free. */
    public void ended(Exchange exchange, Settlement settlement) {
        slotsTaken--;
        OwnerQueue owner = owners.get(exchange.owner());
        owner.slots--;
        forgetIfIdle(owner);
        enterWithoutSlot();
        endpoints.ended(exchange, settlement);
    }

    /** Whether there is a request that may be taken out because its time is over. */
    public boolean mayExpire() {
        return !hops.isEmpty() || !expiring.isEmpty();
    }

    /** Takes out the waiting hops of requests whose time is over. */
    public void expireHops(long nowNanos, Consumer<Exchange> expired) {
        for (Iterator<Exchange> each = hops.iterator(); each.hasNext(); ) {
            Exchange exchange = each.next();
            if (exchange.nanosLeft(nowNanos) <= 0) {
                each.remove();
                expired.accept(exchange);
            }
        }
    }

    /** Takes out the requests that have waited so long that they may not begin any more. */
    public void expireWaiting(Consumer<Exchange> expired) {
        for (Exchange exchange : expiring.take(clock.now())) {
            drop(exchange);
            expired.accept(exchange);
        }
    }

    /** Takes out those of these requests that have not begun. */
    public void withdraw(Set<RequestKey> keys, Consumer<Exchange> withdrawn) {
        List<Exchange> meant = new ArrayList<>();
        Consumer<Exchange> look = exchange -> {
            if (keys.contains(exchange.request().key())) {
                meant.add(exchange);
            }
        };
        owners.values().forEach(owner -> owner.flows.values().forEach(flow -> flow.waiting.forEach(look)));
        endpoints.forEachHeld(look);
        for (Exchange exchange : meant) {
            expiring.remove(exchange);
            drop(exchange);
            withdrawn.accept(exchange);
        }
    }

    private void drop(Exchange exchange) {
        Flow flow = flow(exchange);
        if (!flow.waiting.remove(exchange)) {
            flow.heldBack -= endpoints.remove(exchange) ? 1 : 0;
        }
        endpoints.dropped(exchange);
        refresh(flow);
        forgetIfIdle(flow);
        if (++dropped >= SWEEP_AFTER) {
            sweep();
        }
    }

    /** Forgets the flows of which nothing is left. Else each is found to be idle at its turn, which may be never. */
    private void sweep() {
        dropped = 0;
        withoutSlot.removeIf(OwnerQueue::isIdle);
        for (OwnerQueue owner : owners.values()) {
            owner.round.removeIf(flow -> {
                if (flow.isIdle()) {
                    flow.origin.bucket.answered(flow);
                }
                return flow.isIdle();
            });
        }
        buckets.forgetIdle();
        lookups.forgetIdle();
    }

    /** Looks at what rates, breakers and pauses let start by now. */
    public void ring() {
        if (!timers.isEmpty()) {
            timers.ring(clock.nanoTime());
        }
    }

    /** The nanoseconds until {@link #ring}, {@link #expireHops} or {@link #expireWaiting} has something to do. */
    public long nanosUntilDue(long nowNanos) {
        long nearest = timers.nanosUntilDue(nowNanos);
        for (Exchange exchange : hops) {
            nearest = Math.min(nearest, exchange.nanosLeft(nowNanos));
        }
        return expiring.isEmpty() ? nearest : Math.min(nearest, expiring.nanosUntilDue(clock.now()));
    }

    /** What the busiest flows do now. */
    public List<FlowState> states(int most) {
        return new States(endpoints, this::hasFlow, clock, maxPerOrigin).of(owners.values(), most);
    }

    private boolean hasFlow(Endpoint endpoint) {
        OwnerQueue owner = owners.get(endpoint.owner());
        return endpoint.path().isEmpty() && owner != null && owner.flows.containsKey(endpoint.origin());
    }

    private Optional<Exchange> nextHop() {
        for (Iterator<Exchange> each = hops.iterator(); each.hasNext(); ) {
            Exchange exchange = each.next();
            Flow flow = flow(exchange);
            if (hasRoom(flow) && lookups.mayBegin(flow) && flow.origin.bucket.mayHop()) {
                each.remove();
                return Optional.of(start(exchange, flow));
            }
        }
        return Optional.empty();
    }

    private Optional<Exchange> nextWaiting() {
        lookups.unpark(entering);
        buckets.call(entering);
        while (!round.isEmpty()) {
            OwnerQueue owner = round.remove();
            owner.inRound = false;
            if (Shares.mayHaveSlot(owner.slots, slotsTaken, maxInFlight, owners.size() > 1)) {
                Optional<Flow> flow = nextFlow(owner);
                if (flow.isPresent()) {
                    return Optional.of(take(flow.get()));
                }
            } else {
                owner.waitsForSlot = true;
                withoutSlot.add(owner);
                buckets.recall(owner);
            }
            buckets.call(entering);
        }
        return Optional.empty();
    }

    private Optional<Flow> nextFlow(OwnerQueue owner) {
        while (!owner.round.isEmpty()) {
            Flow flow = owner.round.remove();
            flow.inRound = false;
            boolean wasCalled = flow.origin.bucket.answered(flow);
            // One without room comes back when a request to its origin is done, or the limit rises.
            if (!flow.waiting.isEmpty() && hasRoom(flow)) {
                if (!lookups.mayBegin(flow)) {
                    lookups.park(flow);
                } else if (flow.origin.bucket.mayStart(flow, wasCalled)) {
                    return Optional.of(flow);
                } else {
                    refresh(flow);
                }
            }
        }
        return Optional.empty();
    }

    private Exchange take(Flow flow) {
        Exchange exchange = flow.waiting.remove();
        expiring.remove(exchange);
        slotsTaken++;
        flow.owner.slots++;
        start(exchange, flow);
        enterRound(flow);
        enterRound(flow.owner);
        return exchange;
    }

    private Exchange start(Exchange exchange, Flow flow) {
        exchange.terms(flow.origin.terms);
        addInFlight(flow, 1);
        return exchange;
    }

    private void addInFlight(Flow flow, int requests) {
        flow.inFlight += requests;
        flow.origin.inFlight += requests;
        lookups.changed(flow, requests);
        refresh(flow);
    }

    private boolean hasRoom(Flow flow) {
        Origin origin = flow.origin;
        if (origin.terms.paused() || origin.isAtLimitOfRule()) {
            return false;
        }
        int most = origin.most(maxPerOrigin);
        int share = othersWait(origin) ? Math.min(most, Shares.originSlots(maxInFlight)) : most;
        boolean room = Shares.mayBeSent(flow.inFlight, origin.inFlight, share, origin.flows.size() > 1);
        if (!room && share < most && !origin.atItsShare) {
            origin.atItsShare = true;
            atTheirShare.add(origin);
        }
        return room;
    }

    private boolean othersWait(Origin origin) {
        return originsThatWait > (origin.waits ? 1 : 0);
    }

    /** Counts a flow, and its origin, as one that would start if there were a slot, or not. */
    private void refresh(Flow flow) {
        Origin origin = flow.origin;
        boolean ready = flow.wouldStart();
        if (ready != flow.ready) {
            flow.ready = ready;
            origin.readyFlows += ready ? 1 : -1;
        }
        boolean waits = origin.readyFlows > 0 && origin.inFlight < origin.most(maxPerOrigin);
        if (waits != origin.waits) {
            origin.waits = waits;
            originsThatWait += waits ? 1 : -1;
            if (originsThatWait <= 1) {
                enterThoseAtTheirShare();
            }
        }
    }

    /** One that is left alone may have more than a quarter of the slots. */
    private void enterThoseAtTheirShare() {
        if (!atTheirShare.isEmpty()) {
            List<Origin> all = List.copyOf(atTheirShare);
            atTheirShare.clear();
            all.forEach(origin -> origin.atItsShare = false);
            all.forEach(origin -> origin.flows.forEach(this::enterRound));
        }
    }

    private void enterAll() {
        enterWithoutSlot();
        enterThoseAtTheirShare();
        for (OwnerQueue owner : owners.values()) {
            owner.flows.values().forEach(this::enterRound);
        }
    }

    private void enterWithoutSlot() {
        if (!withoutSlot.isEmpty()) {
            withoutSlot.forEach(owner -> owner.waitsForSlot = false);
            withoutSlot.forEach(this::enterRound);
            withoutSlot.clear();
        }
    }

    private void enterRound(Flow flow) {
        refresh(flow);
        if (flow.waiting.isEmpty() || flow.inLine) {
            return;
        }
        if (!flow.inRound) {
            flow.inRound = true;
            flow.owner.round.add(flow);
        }
        enterRound(flow.owner);
    }

    private void enterRound(OwnerQueue owner) {
        if (!owner.inRound && !owner.waitsForSlot && !owner.round.isEmpty()) {
            owner.inRound = true;
            round.add(owner);
        }
    }

    private Flow flow(Exchange exchange) {
        OwnerQueue owner = owners.computeIfAbsent(exchange.owner(), OwnerQueue::new);
        Flow flow = owner.flows.get(exchange.origin());
        return flow == null ? newFlow(owner, exchange.origin()) : flow;
    }

    private Flow newFlow(OwnerQueue owner, String name) {
        Origin known = origins.get(name);
        Origin origin = known == null ? newOrigin(name) : known;
        Flow flow = new Flow(owner, origin);
        owner.flows.put(name, flow);
        origin.flows.add(flow);
        return flow;
    }

    private Origin newOrigin(String name) {
        Origin origin = new Origin(name);
        origins.put(name, origin);
        origin.resolved = lookups.isResolved(name);
        if (rules != HostRules.NONE) {
            setTerms(origin);
        }
        return origin;
    }

    private void setTerms(Origin origin) {
        origin.terms = rules.of(origin.name);
        origin.bucket.removeOrigin();
        origin.bucket = buckets.of(origin.terms.rate());
        origin.bucket.addOrigin();
    }

    private void forgetIfIdle(Flow flow) {
        if (flow.isIdle()) {
            flow.owner.flows.remove(flow.origin.name);
            flow.origin.flows.remove(flow);
            if (flow.origin.flows.isEmpty()) {
                origins.remove(flow.origin.name);
                atTheirShare.remove(flow.origin);
                flow.origin.bucket.removeOrigin();
            }
            forgetIfIdle(flow.owner);
        }
    }

    private void forgetIfIdle(OwnerQueue owner) {
        if (owner.isIdle()) {
            owners.remove(owner.owner);
        }
    }

    /** What the endpoints decide. */
    private final class Releasing implements Endpoints.Releases {
        private final Consumer<Endpoint> recovered;

        Releasing(Consumer<Endpoint> recovered) {
            this.recovered = recovered;
        }

        @Override
        public void release(Exchange exchange) {
            Flow flow = flow(exchange);
            flow.heldBack--;
            flow.waiting.add(exchange);
            enterRound(flow);
        }

        @Override
        public void holdBack(EndpointState state) {
            OwnerQueue owner = owners.get(state.endpoint.owner());
            Flow flow = owner == null ? null : owner.flows.get(state.endpoint.origin());
            if (flow != null) {
                flow.waiting.removeIf(
                        each -> each.endpoint().equals(state.endpoint) && state.holdsBack(each), exchange -> {
                            flow.heldBack++;
                            endpoints.hold(exchange, state);
                        });
                refresh(flow);
            }
        }

        @Override
        public void recovered(Endpoint endpoint) {
            recovered.accept(endpoint);
        }
    }
}
