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
 * Says which request starts next: hosts take turns, each host's requests start in the order of their ids, and neither a host
 * nor all together have more in flight than they may. Transfer thread.
 *
 * <p>A request has its slot from its first hop to its outcome. A redirect to another host waits in that slot until its host
 * has room, so it never waits behind requests that have not begun.
 *
 * <p>While name resolutions hang, only so many requests may be in flight to hosts that are not known to resolve. The others
 * of these hosts are parked, and all other hosts go on.
 */
public final class Dispatcher {
    private final Map<String, OriginQueue> hosts = new HashMap<>();
    private final ArrayDeque<OriginQueue> round = new ArrayDeque<>();
    /** Hosts of the round that wait until more names may be resolved. */
    private final ArrayDeque<OriginQueue> parked = new ArrayDeque<>();

    private final ResolvedOrigins resolvedHosts = new ResolvedOrigins();
    private final Set<OriginQueue> hostsWithWaiting = new LinkedHashSet<>();
    private final List<Exchange> hops = new ArrayList<>();
    private int slotsTaken;
    private int unresolvedInFlight;
    private int maxUnresolved = Integer.MAX_VALUE;
    private int maxInFlight;
    private int maxPerHost = 1;

    /** Sets the limits: the most slots, at least 0, and the most requests in flight to one host, at least 1. */
    public void limits(int newMaxInFlight, int newMaxPerHost) {
        maxInFlight = newMaxInFlight;
        maxPerHost = Math.max(1, newMaxPerHost);
        hostsWithWaiting.forEach(this::enterRound);
    }

    /** Sets the most requests in flight to hosts that are not known to resolve. */
    public void maxUnresolved(int requests) {
        maxUnresolved = requests;
    }

    /** The name of a request's host led to an address; to be called before {@link #left}. */
    public void resolved(Exchange exchange) {
        OriginQueue host = host(exchange.origin());
        if (!host.resolved) {
            resolvedHosts.add(host.origin);
            host.resolved = true;
            unresolvedInFlight -= host.inFlight;
            if (parked.remove(host)) {
                round.add(host);
            }
        }
    }

    /** The number of requests that are begun and have no outcome. */
    int slotsTaken() {
        return slotsTaken;
    }

    /** The number of hosts that have a request waiting or in flight. */
    int hostCount() {
        return hosts.size();
    }

    /** Lets a request wait for its first hop. */
    public void add(Exchange exchange) {
        OriginQueue host = host(exchange.origin());
        host.waiting.add(exchange);
        hostsWithWaiting.add(host);
        enterRound(host);
    }

    /** Lets a request that has its slot wait for its next hop. */
    public void addHop(Exchange exchange) {
        hops.add(exchange);
    }

    /** Takes the next request whose turn it is; it then is in flight to its host until {@link #left}. */
    public Optional<Exchange> next() {
        Optional<Exchange> hop = hops.isEmpty() ? Optional.empty() : nextHop();
        return hop.isPresent() ? hop : nextWaiting();
    }

    /** One hop of a request is over; to be called before its origin changes. */
    public void left(Exchange exchange) {
        OriginQueue host = host(exchange.origin());
        addInFlight(host, -1);
        enterRound(host);
        forgetIfIdle(host);
    }

    /** A request has its outcome: its slot is free. */
    public void ended() {
        slotsTaken--;
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
            OriginQueue host = host(exchange.origin());
            if (host.inFlight < limit(host) && mayResolve(host)) {
                each.remove();
                addInFlight(host, 1);
                return Optional.of(exchange);
            }
        }
        return Optional.empty();
    }

    private Optional<Exchange> nextWaiting() {
        while (slotsTaken < maxInFlight && !(round.isEmpty() && (parked.isEmpty() || !mayResolveMore()))) {
            OriginQueue host = round.isEmpty() ? parked.poll() : round.poll();
            if (!mayResolve(host)) {
                parked.add(host);
                continue;
            }
            host.inRound = false;
            // A host at its limit comes back when one of its requests is done, or its limit rises.
            if (!host.waiting.isEmpty() && host.inFlight < limit(host)) {
                return Optional.of(take(host));
            }
        }
        return Optional.empty();
    }

    private Exchange take(OriginQueue host) {
        Exchange exchange = host.waiting.remove();
        addInFlight(host, 1);
        slotsTaken++;
        if (host.waiting.isEmpty()) {
            hostsWithWaiting.remove(host);
            if (hostsWithWaiting.size() == 1) {
                // Now alone, it may have more than a quarter of the slots.
                hostsWithWaiting.forEach(this::enterRound);
            }
        } else {
            enterRound(host);
        }
        return exchange;
    }

    private void addInFlight(OriginQueue host, int requests) {
        host.inFlight += requests;
        unresolvedInFlight += host.resolved ? 0 : requests;
    }

    private boolean mayResolve(OriginQueue host) {
        return host.resolved || mayResolveMore();
    }

    private boolean mayResolveMore() {
        return unresolvedInFlight < maxUnresolved;
    }

    private int limit(OriginQueue host) {
        boolean othersWait = hostsWithWaiting.size() > (host.waiting.isEmpty() ? 0 : 1);
        return othersWait ? Math.min(maxPerHost, Math.max(1, maxInFlight / 4)) : maxPerHost;
    }

    private void enterRound(OriginQueue host) {
        if (!host.inRound && !host.waiting.isEmpty()) {
            host.inRound = true;
            round.add(host);
        }
    }

    private OriginQueue host(String origin) {
        return hosts.computeIfAbsent(origin, this::newHost);
    }

    private OriginQueue newHost(String origin) {
        OriginQueue host = new OriginQueue(origin);
        host.resolved = resolvedHosts.contains(origin);
        return host;
    }

    private void forgetIfIdle(OriginQueue host) {
        if (host.inFlight == 0 && host.waiting.isEmpty()) {
            hosts.remove(host.origin);
        }
    }
}
