package org.pgnet.worker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowTotals;
import org.pgnet.worker.spi.Settlement;

/** Counts what becomes of attempts, for each owner and origin; of those of which nothing came for longest, it forgets. Backend thread. */
final class FlowCounts {
    private static final int MAX_REMEMBERED = 1_000;

    private final Origins origins;

    /** In the order of their last attempts. */
    private final Map<Endpoint, FlowTotals> totals = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Endpoint, FlowTotals> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    FlowCounts(Origins origins) {
        this.origins = origins;
    }

    /** Counts an attempt that has come to this. */
    void count(Settlement settlement) {
        DueRequest request = settlement.request();
        Endpoint endpoint =
                new Endpoint(request.owner(), origins.of(request.http().url()));
        FlowTotals before = totals.getOrDefault(endpoint, FlowTotals.NONE);
        totals.put(endpoint, settlement.match(new Settlement.Cases<FlowTotals>() {
            @Override
            public FlowTotals answered(Settlement.Answered response) {
                return before.plus(false, false);
            }

            @Override
            public FlowTotals failed(Settlement.Failed failure) {
                return before.plus(true, false);
            }

            @Override
            public FlowTotals postponed(Settlement.Postponed again) {
                return before.plus(again.status() == 0, true);
            }

            @Override
            public FlowTotals dead(Settlement.Dead dead) {
                return dead.outcome().match(this);
            }
        }));
    }

    FlowTotals of(Endpoint endpoint) {
        return totals.getOrDefault(endpoint, FlowTotals.NONE);
    }

    /** Those that are remembered. */
    Set<Endpoint> endpoints() {
        return Set.copyOf(totals.keySet());
    }
}
