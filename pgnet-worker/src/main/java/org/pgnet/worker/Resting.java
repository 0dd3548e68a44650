package org.pgnet.worker;

import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.spi.WorkerProcess;

/** Shows whether anything is queued or in flight, and forgets the last process's requests when nothing is. */
final class Resting implements Duty {
    private final WorkSource source;
    private final WorkerProcess process;
    private final Journal journal;

    Resting(WorkerHost host, Journal journal) {
        this.source = host.source();
        this.process = host.process();
        this.journal = journal;
    }

    @Override
    public void work() {
        boolean idle = source.isIdle();
        if (idle) {
            journal.forgetSuspects();
        }
        process.reportActivity(!idle);
    }

    @Override
    public long nanosUntilDue() {
        return Long.MAX_VALUE;
    }
}
