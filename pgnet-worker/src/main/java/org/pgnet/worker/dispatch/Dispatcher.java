package org.pgnet.worker.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.pgnet.worker.exchange.Exchange;

/**
 * Says which request starts next: owners take turns, then each owner's origins, and the requests of an owner to an origin
 * start in the order of their ids. Neither an owner nor an origin nor all together have more in flight than they may ({@link
 * Shares}). Transfer thread.
 *
 * <p>A request has its slot from its first hop to its outcome. A redirect to another origin waits in that slot until its
 * origin has room, so it never waits behind requests that have not begun.
 *
 * <p>While name resolutions hang, only so many requests may be in flight to origins that are not known to resolve. The
 * others to these origins are parked, and those to all other origins go on.
 */
public final class Dispatcher {
    private final Map<String, Origin> origins = new HashMap<>();
    private final Map<Long, OwnerQueue> owners = new HashMap<>();
    private final ArrayDeque<OwnerQueue> round = new ArrayDeque<>();
    /** Owners of the round that wait until a slot is free. */
    private final List<OwnerQueue> withoutSlot = new ArrayList<>();
    /** Lanes that wait until more names may be resolved. */
    private final Set<Lane> parked = new LinkedHashSet<>();

    private final ResolvedOrigins resolvedOrigins = new ResolvedOrigins();
    private final Set<Origin> originsWithWaiting = new LinkedHashSet<>();
    private final List<Exchange> hops = new ArrayList<>();
    private int slotsTaken;
    private int unresolvedInFlight;
    private int maxUnresolved = Integer.MAX_VALUE;
    /** Whether something has changed since lanes were parked. */
    private boolean mayUnpark;

    private int maxInFlight;
    private int maxPerOrigin = 1;

    /** Sets the limits: the most slots, at least 0, and the most requests in flight to one origin, at least 1. */
    public void limits(int newMaxInFlight, int newMaxPerOrigin) {
        maxInFlight = newMaxInFlight;
        maxPerOrigin = Math.max(1, newMaxPerOrigin);
        originsWithWaiting.forEach(this::enterRounds);
        withoutSlot.clear();
    }

    /** Sets the most requests in flight to origins that are not known to resolve. */
    public void maxUnresolved(int requests) {
        mayUnpark |= requests > maxUnresolved;
        maxUnresolved = requests;
    }

    /** The name of a request's origin led to an address; to be called before {@link #left}. */
    public void resolved(Exchange exchange) {
        Origin origin = lane(exchange).origin;
        if (!origin.resolved) {
            resolvedOrigins.add(origin.name);
            origin.resolved = true;
            unresolvedInFlight -= origin.inFlight;
            origin.lanes.forEach(lane -> lane.owner.unresolved -= lane.inFlight);
            mayUnpark = true;
        }
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

    /** Lets a request wait for its first hop. */
    public void add(Exchange exchange) {
        Lane lane = lane(exchange);
        lane.waiting.add(exchange);
        lane.origin.waiting++;
        originsWithWaiting.add(lane.origin);
        enterRound(lane);
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
        Lane lane = lane(exchange);
        addInFlight(lane, -1);
        mayUnpark |= !lane.origin.resolved;
        enterRounds(lane.origin);
        forgetIfIdle(lane);
    }

    /** A request of this owner has its outcome: its slot is free. */
    public void ended(long owner) {
        slotsTaken--;
        OwnerQueue queue = owners.get(owner);
        queue.slots--;
        forgetIfIdle(queue);
        withoutSlot.forEach(this::enterRound);
        withoutSlot.clear();
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

    /** The nanoseconds until {@link #expireHops} has something to do. */
    public long nanosUntilExpiry(long nowNanos) {
        long nearest = Long.MAX_VALUE;
        for (Exchange exchange : hops) {
            nearest = Math.min(nearest, exchange.nanosLeft(nowNanos));
        }
        return nearest;
    }

    private Optional<Exchange> nextHop() {
        for (Iterator<Exchange> each = hops.iterator(); each.hasNext(); ) {
            Exchange exchange = each.next();
            Lane lane = lane(exchange);
            if (hasRoom(lane) && mayResolve(lane)) {
                each.remove();
                addInFlight(lane, 1);
                return Optional.of(exchange);
            }
        }
        return Optional.empty();
    }

    private Optional<Exchange> nextWaiting() {
        unpark();
        while (!round.isEmpty()) {
            OwnerQueue owner = round.remove();
            owner.inRound = false;
            if (Shares.mayHaveSlot(owner.slots, slotsTaken, maxInFlight, owners.size() > 1)) {
                Optional<Lane> lane = nextLane(owner);
                if (lane.isPresent()) {
                    return Optional.of(take(lane.get()));
                }
            } else {
                withoutSlot.add(owner);
            }
        }
        return Optional.empty();
    }

    private Optional<Lane> nextLane(OwnerQueue owner) {
        while (!owner.round.isEmpty()) {
            Lane lane = owner.round.remove();
            lane.inRound = false;
            // One without room comes back when a request to its origin is done, or the limit rises.
            if (!lane.waiting.isEmpty() && hasRoom(lane)) {
                if (mayResolve(lane)) {
                    return Optional.of(lane);
                }
                parked.add(lane);
            }
        }
        return Optional.empty();
    }

    private Exchange take(Lane lane) {
        Exchange exchange = lane.waiting.remove();
        addInFlight(lane, 1);
        slotsTaken++;
        lane.owner.slots++;
        lane.origin.waiting--;
        if (lane.origin.waiting == 0) {
            originsWithWaiting.remove(lane.origin);
            if (originsWithWaiting.size() == 1) {
                // Now alone, it may have more than a quarter of the slots.
                originsWithWaiting.forEach(this::enterRounds);
            }
        }
        enterRound(lane);
        enterRound(lane.owner);
        return exchange;
    }

    private void addInFlight(Lane lane, int requests) {
        lane.inFlight += requests;
        lane.origin.inFlight += requests;
        if (!lane.origin.resolved) {
            lane.owner.unresolved += requests;
            unresolvedInFlight += requests;
        }
    }

    private boolean mayResolve(Lane lane) {
        return lane.origin.resolved
                || (unresolvedInFlight < maxUnresolved && lane.owner.unresolved < Shares.ownerLookups(maxUnresolved));
    }

    private void unpark() {
        if (mayUnpark && !parked.isEmpty()) {
            List<Lane> lanes = List.copyOf(parked);
            parked.clear();
            lanes.forEach(this::enterRound);
        }
        mayUnpark = false;
    }

    private boolean hasRoom(Lane lane) {
        int most = limit(lane.origin);
        return Shares.mayBeSent(lane.inFlight, lane.origin.inFlight, most, lane.origin.lanes.size() > 1);
    }

    private int limit(Origin origin) {
        boolean othersWait = originsWithWaiting.size() > (origin.waiting == 0 ? 0 : 1);
        return othersWait ? Math.min(maxPerOrigin, Shares.originSlots(maxInFlight)) : maxPerOrigin;
    }

    private void enterRounds(Origin origin) {
        origin.lanes.forEach(this::enterRound);
    }

    private void enterRound(Lane lane) {
        if (lane.waiting.isEmpty()) {
            return;
        }
        if (!lane.inRound) {
            lane.inRound = true;
            lane.owner.round.add(lane);
        }
        enterRound(lane.owner);
    }

    private void enterRound(OwnerQueue owner) {
        if (!owner.inRound && !owner.round.isEmpty()) {
            owner.inRound = true;
            round.add(owner);
        }
    }

    private Lane lane(Exchange exchange) {
        OwnerQueue owner = owners.computeIfAbsent(exchange.owner(), OwnerQueue::new);
        Lane lane = owner.lanes.get(exchange.origin());
        return lane == null ? newLane(owner, exchange.origin()) : lane;
    }

    private Lane newLane(OwnerQueue owner, String name) {
        Origin origin = origins.computeIfAbsent(name, this::newOrigin);
        Lane lane = new Lane(owner, origin);
        owner.lanes.put(name, lane);
        origin.lanes.add(lane);
        return lane;
    }

    private Origin newOrigin(String name) {
        Origin origin = new Origin(name);
        origin.resolved = resolvedOrigins.contains(name);
        return origin;
    }

    private void forgetIfIdle(Lane lane) {
        if (lane.isIdle()) {
            lane.owner.lanes.remove(lane.origin.name);
            lane.origin.lanes.remove(lane);
            if (lane.origin.lanes.isEmpty()) {
                origins.remove(lane.origin.name);
            }
            forgetIfIdle(lane.owner);
        }
    }

    private void forgetIfIdle(OwnerQueue owner) {
        if (owner.isIdle()) {
            owners.remove(owner.owner);
        }
    }
}
