package org.pgnet.worker;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowTotals;
import org.pgnet.worker.spi.Settlement;

/**
 * Counts what becomes of attempts, for each owner and origin. When there are too many, the owner who has most of them loses the
 * one of which nothing came for longest, so nobody pushes out another's. Backend thread.
 */
final class FlowCounts {
    static final int MAX_REMEMBERED = 1_000;

    private static final int FIRST_ERROR_STATUS = 400;

    private final Origins origins;
    private final Map<Long, Map<String, FlowTotals>> byOwner = new HashMap<>();
    private int remembered;

    FlowCounts(Origins origins) {
        this.origins = origins;
    }

    /** Counts an attempt that has come to this. */
    void count(Settlement settlement) {
        DueRequest request = settlement.request();
        // In the order of their last attempts.
        Map<String, FlowTotals> totals =
                byOwner.computeIfAbsent(request.owner(), owner -> new LinkedHashMap<>(16, 0.75f, true));
        String origin = origins.of(request.http().url());
        FlowTotals before = totals.get(origin);
        totals.put(origin, settlement.match(new Counted(before == null ? FlowTotals.NONE : before)));
        if (before == null && ++remembered > MAX_REMEMBERED) {
            forgetOne();
        }
    }

    /** Those that are remembered. */
    Map<Endpoint, FlowTotals> all() {
        Map<Endpoint, FlowTotals> all = new LinkedHashMap<>();
        byOwner.forEach(
                (owner, totals) -> totals.forEach((origin, counted) -> all.put(new Endpoint(owner, origin), counted)));
        return all;
    }

    private void forgetOne() {
        Map<String, FlowTotals> most = Collections.max(byOwner.values(), Comparator.comparingInt(Map::size));
        Iterator<String> eldest = most.keySet().iterator();
        eldest.next();
        eldest.remove();
        remembered--;
        byOwner.values().removeIf(Map::isEmpty);
    }

    /** What is counted after an attempt. */
    private record Counted(FlowTotals before) implements Settlement.Cases<FlowTotals> {
        @Override
        public FlowTotals answered(Settlement.Answered response) {
            return response.status() < FIRST_ERROR_STATUS
                    ? before.plusAnswered()
                    : before.plusFailed(true, false, "status " + response.status(), response.completed());
        }

        @Override
        public FlowTotals failed(Settlement.Failed failure) {
            return before.plusFailed(false, false, failure.message(), failure.completed());
        }

        @Override
        public FlowTotals postponed(Settlement.Postponed again) {
            boolean gotResponse = again.status() > 0;
            String error = gotResponse ? "status " + again.status() : again.message();
            return before.plusFailed(gotResponse, true, error, again.completed());
        }

        @Override
        public FlowTotals dead(Settlement.Dead dead) {
            return dead.outcome().match(this);
        }
    }
}
