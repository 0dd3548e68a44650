package org.pgnet.worker.dispatch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.RateLimit;

/** The buckets of all rules with a rate. A bucket outlives the origins that use it, since it must not be full when they return. */
final class Buckets {
    private final Clock clock;
    private final Timers timers;
    private final Map<String, Bucket> byRule = new HashMap<>();
    /** Those that may have a token for a flow in their line. */
    private final Set<Bucket> toLookAt = new LinkedHashSet<>();

    private int sweepAt = 64;

    Buckets(Clock clock, Timers timers) {
        this.clock = clock;
        this.timers = timers;
    }

    long now() {
        return clock.nanoTime();
    }

    Timers timers() {
        return timers;
    }

    int size() {
        return byRule.size();
    }

    /** How many flows are in a line. */
    int listedCount() {
        return byRule.values().stream().mapToInt(Bucket::listedCount).sum();
    }

    /** Flows that nothing waits for any more are in no line. */
    void forgetIdle() {
        byRule.values().forEach(Bucket::forgetIdle);
    }

    /** The bucket of an origin with this limit. */
    Bucket of(Optional<RateLimit> limit) {
        if (limit.isEmpty()) {
            return Bucket.NONE;
        }
        Bucket bucket = byRule.get(limit.get().rule());
        if (bucket == null) {
            sweep();
            bucket = new Bucket(limit.get(), Optional.of(this), now());
            byRule.put(limit.get().rule(), bucket);
        } else if (!bucket.tokens().limit().equals(limit.get())) {
            bucket.tokens().limit(limit.get(), now());
        }
        return bucket;
    }

    /** To be looked at before the next request starts. */
    void look(Bucket bucket) {
        toLookAt.add(bucket);
    }

    /** Calls the flows for which there are tokens. */
    void call(Consumer<Flow> enter) {
        while (!toLookAt.isEmpty()) {
            List<Bucket> now = List.copyOf(toLookAt);
            toLookAt.clear();
            now.forEach(bucket -> bucket.call(enter));
        }
    }

    /** An owner has no slot: its flows that were called let others go first. */
    void recall(OwnerQueue owner) {
        if (owner.called > 0) {
            List<Flow> flows = new ArrayList<>(owner.round);
            flows.forEach(flow -> flow.origin.bucket.answered(flow));
        }
    }

    /** All lines are given up; whoever was in one enters anew. */
    void clearLines() {
        byRule.values().forEach(Bucket::clear);
        toLookAt.clear();
    }

    /** Forgets rules whose buckets are full, as new ones are: else those of rules that are gone would stay for ever. */
    private void sweep() {
        if (byRule.size() >= sweepAt) {
            long now = now();
            byRule.values()
                    .removeIf(bucket -> bucket.isUnused() && bucket.tokens().isFull(now));
            sweepAt = Math.max(64, 2 * byRule.size());
        }
    }
}
