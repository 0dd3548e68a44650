package org.pgnet.worker.dispatch;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** How many requests may be in flight to origins that are not known to resolve, and the flows that wait for that. */
final class Lookups {
    private final ResolvedOrigins resolvedOrigins = new ResolvedOrigins();
    private final Set<Flow> parked = new LinkedHashSet<>();
    private int inFlight;
    private int most = Integer.MAX_VALUE;
    /** Whether something has changed since flows were parked. */
    private boolean mayUnpark;

    void most(int requests) {
        mayUnpark |= requests > most;
        most = requests;
    }

    /** Whether an origin was resolved before. */
    boolean isResolved(String origin) {
        return resolvedOrigins.contains(origin);
    }

    void resolved(Origin origin) {
        if (!origin.resolved) {
            resolvedOrigins.add(origin.name);
            origin.resolved = true;
            inFlight -= origin.inFlight;
            origin.flows.forEach(flow -> flow.owner.unresolved -= flow.inFlight);
            mayUnpark = true;
        }
    }

    void changed(Flow flow, int requests) {
        if (!flow.origin.resolved) {
            flow.owner.unresolved += requests;
            inFlight += requests;
            mayUnpark |= requests < 0;
        }
    }

    boolean mayBegin(Flow flow) {
        return flow.origin.resolved || (inFlight < most && flow.owner.unresolved < Shares.ownerLookups(most));
    }

    void park(Flow flow) {
        parked.add(flow);
    }

    int listedCount() {
        return parked.size();
    }

    /** Flows that nothing waits for any more are not parked. */
    void forgetIdle() {
        parked.removeIf(Flow::isIdle);
    }

    void unpark(Consumer<Flow> enter) {
        if (mayUnpark && !parked.isEmpty()) {
            List<Flow> flows = List.copyOf(parked);
            parked.clear();
            flows.forEach(enter);
        }
        mayUnpark = false;
    }
}
