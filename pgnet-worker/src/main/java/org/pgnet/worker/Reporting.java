package org.pgnet.worker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.pgnet.worker.dispatch.FairShare;
import org.pgnet.worker.spi.Backlog;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowReport;
import org.pgnet.worker.spi.FlowRow;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.FlowState.BreakerState;
import org.pgnet.worker.spi.FlowTotals;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.transfer.Mailbox;

/** Tells who asks what waits and what is in flight: what the transfer thread has, and what was not handed to it. */
final class Reporting implements Duty {
    private final WorkSource source;
    private final FlowReport report;
    private final FlowCounts counts;
    private final Mailbox mailbox;
    private final Supplier<Settings> settings;
    /** Whether the transfer thread was asked and has not answered. */
    private boolean asked;

    Reporting(WorkerHost host, FlowCounts counts, Mailbox mailbox, Supplier<Settings> settings) {
        this.counts = counts;
        this.source = host.source();
        this.report = host.flowReport();
        this.mailbox = mailbox;
        this.settings = settings;
    }

    @Override
    public void work() {
        mailbox.takeStates().ifPresent(states -> {
            asked = false;
            report.report(withCounts(withBacklogs(states)));
        });
        if (!asked && report.isWanted()) {
            asked = true;
            mailbox.askForStates();
        }
    }

    @Override
    public long nanosUntilDue() {
        return Long.MAX_VALUE;
    }

    private List<FlowState> withBacklogs(List<FlowState> states) {
        List<Backlog> backlogs = source.backlogs();
        if (backlogs.isEmpty()) {
            return states;
        }
        Map<Endpoint, FlowState> all = new LinkedHashMap<>();
        states.forEach(state -> all.put(state.endpoint(), state));
        for (Backlog backlog : backlogs) {
            all.merge(
                    backlog.endpoint(),
                    waiting(backlog.endpoint(), backlog.requests()),
                    (state, more) -> state.plusWaiting(more.waiting()));
        }
        return all.values().stream().sorted(Reporting::busiestFirst).toList();
    }

    private static int busiestFirst(FlowState one, FlowState other) {
        return Long.compare(other.waiting() + other.inFlight(), one.waiting() + one.inFlight());
    }

    /** And those that do nothing now, of which something is counted. */
    private List<FlowRow> withCounts(List<FlowState> states) {
        Map<Endpoint, FlowTotals> totals = counts.all();
        Set<Endpoint> idle = new LinkedHashSet<>(totals.keySet());
        states.forEach(state -> idle.remove(state.endpoint()));
        List<FlowState> all = new ArrayList<>(states);
        idle.forEach(endpoint -> all.add(waiting(endpoint, 0)));
        return FairShare.of(all, FlowState::owner, FlowReport.MOST).stream()
                .map(state -> new FlowRow(state, totals.getOrDefault(state.endpoint(), FlowTotals.NONE)))
                .toList();
    }

    /** Of one of which the transfer thread knows nothing, and so nothing bad. */
    private FlowState waiting(Endpoint endpoint, long requests) {
        boolean hasBreaker = settings.get().hosts().of(endpoint.origin()).hasBreaker(false);
        return FlowState.waiting(endpoint, requests, hasBreaker ? Optional.of(BreakerState.CLOSED) : Optional.empty());
    }
}
