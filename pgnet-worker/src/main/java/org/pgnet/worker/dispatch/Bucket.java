package org.pgnet.worker.dispatch;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.pgnet.worker.spi.RateLimit;

/**
 * The tokens of one rule, and the line of flows that wait for one: owners take turns, and then each owner's flows. One that is
 * called out of the line has its turn for a slot like all others, and gives up its place when it cannot start then.
 */
final class Bucket extends Timers.Timer {
    /** Of origins without a rate. */
    static final Bucket NONE = new Bucket(new RateLimit("", 1, 1), Optional.empty(), 0);

    private final TokenBucket tokens;
    /** Empty of {@link #NONE} alone. */
    private final Optional<Buckets> buckets;

    private final Map<OwnerQueue, ArrayDeque<Flow>> line = new LinkedHashMap<>();
    /** Flows that were called and have not had their turn. */
    private int called;
    /** Origins that have requests and are of this rule. */
    private int origins;

    Bucket(RateLimit limit, Optional<Buckets> buckets, long nowNanos) {
        this.tokens = new TokenBucket(limit, nowNanos);
        this.buckets = buckets;
    }

    TokenBucket tokens() {
        return tokens;
    }

    boolean isLimited() {
        return buckets.isPresent();
    }

    /**
     * Takes a token for a request of a flow whose turn it is; else the flow waits in the line.
     *
     * @param wasCalled whether {@link #answered} said so
     */
    boolean mayStart(Flow flow, boolean wasCalled) {
        if (buckets.isEmpty()) {
            return true;
        }
        long now = buckets.get().now();
        if ((wasCalled || line.isEmpty()) && tokens.has(1, now)) {
            tokens.take(1, now);
            return true;
        }
        flow.inLine = true;
        line.computeIfAbsent(flow.owner, owner -> new ArrayDeque<>()).add(flow);
        buckets.get().look(this);
        return false;
    }

    /** Takes a token for the next hop of a request that has begun. */
    boolean mayHop() {
        if (buckets.isEmpty()) {
            return true;
        }
        long now = buckets.get().now();
        if (tokens.has(1, now)) {
            tokens.take(1, now);
            return true;
        }
        buckets.get().timers().set(this, now + tokens.nanosUntil(1, now));
        return false;
    }

    /** A request was sent so often more than it was started. */
    void resent(int times) {
        buckets.ifPresent(all -> tokens.take(times, all.now()));
    }

    /** A flow has its turn, or gives it up: whether it was called. */
    boolean answered(Flow flow) {
        boolean was = flow.called;
        if (was) {
            flow.called = false;
            flow.owner.called--;
            called--;
            buckets.ifPresent(all -> all.look(this));
        }
        return was;
    }

    /** Calls as many flows as there are tokens, and wakes itself for the next. */
    void call(Consumer<Flow> enter) {
        long now = buckets.orElseThrow().now();
        while (!line.isEmpty() && tokens.has(called + 1, now)) {
            Flow flow = nextInLine();
            flow.inLine = false;
            flow.called = true;
            flow.owner.called++;
            called++;
            enter.accept(flow);
            if (!flow.inRound || flow.owner.waitsForSlot) {
                answered(flow);
            }
        }
        if (!line.isEmpty()) {
            buckets.get().timers().set(this, now + tokens.nanosUntil(called + 1, now));
        }
    }

    /** An origin uses it from now on. */
    void addOrigin() {
        origins += isLimited() ? 1 : 0;
    }

    void removeOrigin() {
        origins -= isLimited() ? 1 : 0;
    }

    boolean isUnused() {
        return origins == 0;
    }

    /** Lets all go that are in the line or were called out of it; their flows say so themselves. */
    void clear() {
        line.clear();
        called = 0;
    }

    int listedCount() {
        return line.values().stream().mapToInt(ArrayDeque::size).sum();
    }

    /** Flows that nothing waits for any more are not in the line. */
    void forgetIdle() {
        line.values().forEach(flows -> flows.removeIf(Flow::isIdle));
        line.values().removeIf(ArrayDeque::isEmpty);
    }

    @Override
    void ring(long nowNanos) {
        buckets.ifPresent(all -> all.look(this));
    }

    private Flow nextInLine() {
        Iterator<Map.Entry<OwnerQueue, ArrayDeque<Flow>>> first =
                line.entrySet().iterator();
        Map.Entry<OwnerQueue, ArrayDeque<Flow>> owner = first.next();
        first.remove();
        Flow flow = owner.getValue().remove();
        if (!owner.getValue().isEmpty()) {
            line.put(owner.getKey(), owner.getValue());
        }
        return flow;
    }
}
