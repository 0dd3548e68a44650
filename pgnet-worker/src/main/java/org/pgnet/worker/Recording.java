package org.pgnet.worker;

import java.util.function.Consumer;
import org.pgnet.worker.record.Recorder;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.transfer.Mailbox;

/** Takes settlements out of the mailbox and has them recorded, in batches that may grow for a moment. */
final class Recording implements Duty {
    private static final int MAX_TAKEN = 10_000;

    private final WorkSource source;
    private final Recorder recorder;
    private final Mailbox mailbox;
    private final Delivering delivering;
    private final Settling settling;
    private final Consumer<Settlement> accepting;

    Recording(WorkSource source, Recorder recorder, Mailbox mailbox, Delivering delivering, Settling settling) {
        this.source = source;
        this.recorder = recorder;
        this.mailbox = mailbox;
        this.delivering = delivering;
        this.settling = settling;
        this.accepting = delivering::accept;
    }

    @Override
    public void work() {
        mailbox.take(MAX_TAKEN, accepting);
        delivering.work();
        if (!lingers()) {
            recorder.work();
        }
        settling.tellCounters();
    }

    @Override
    public long nanosUntilDue() {
        return Math.min(delivering.nanosUntilDue(), recorder.nanosUntilDue());
    }

    /** Whether the next batch is left to grow for a moment. */
    boolean lingers() {
        return recorder.lingers(source.heldCount());
    }
}
