package org.pgnet.worker;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.pgnet.worker.spi.Backlog;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowReport;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.transfer.Mailbox;

/** Tells who asks what waits and what is in flight: what the transfer thread has, and what was not handed to it. */
final class Reporting implements Duty {
    private static final Comparator<FlowState> BUSIEST_FIRST = Comparator.comparingLong(
                    (FlowState state) -> state.waiting() + state.inFlight())
            .reversed();

    private final WorkSource source;
    private final FlowReport report;
    private final Mailbox mailbox;
    /** Whether the transfer thread was asked and has not answered. */
    private boolean asked;

    Reporting(WorkerHost host, Mailbox mailbox) {
        this.source = host.source();
        this.report = host.flowReport();
        this.mailbox = mailbox;
    }

    @Override
    public void work() {
        mailbox.takeStates().ifPresent(states -> {
            asked = false;
            report.report(withBacklogs(states));
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
        states.forEach(state -> all.put(new Endpoint(state.owner(), state.origin()), state));
        for (Backlog backlog : backlogs) {
            all.merge(
                    new Endpoint(backlog.owner(), backlog.origin()),
                    onlyWaiting(backlog),
                    (state, more) -> state.plusWaiting(more.waiting()));
        }
        return all.values().stream()
                .sorted(BUSIEST_FIRST)
                .limit(FlowReport.MOST)
                .toList();
    }

    private static FlowState onlyWaiting(Backlog backlog) {
        return new FlowState(
                backlog.origin(),
                backlog.owner(),
                backlog.requests(),
                0,
                OptionalDouble.empty(),
                Optional.empty(),
                Optional.empty(),
                "");
    }
}
