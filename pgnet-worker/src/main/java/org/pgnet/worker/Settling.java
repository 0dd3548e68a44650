package org.pgnet.worker;

import java.time.Instant;
import org.pgnet.worker.record.Expiry;
import org.pgnet.worker.record.Recorder;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.recovery.Suspects;
import org.pgnet.worker.spi.Counters;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.transfer.Mailbox;

/** Tells everybody whom it concerns that a request is recorded or gone. */
final class Settling implements Recorder.Settled {
    private final WorkSource source;
    private final Counters counters;
    private final Journal journal;
    private final Suspects suspects;
    private final Expiry expiry;
    private final Expiry attemptExpiry;
    private final Expiry deadExpiry;
    private final Mailbox mailbox;
    /** How many requests were recorded, or found to be gone, since the counters were told. */
    private int settled;

    Settling(
            WorkerHost host,
            Journal journal,
            Suspects suspects,
            Expiry expiry,
            Expiry attemptExpiry,
            Expiry deadExpiry,
            Mailbox mailbox) {
        this.source = host.source();
        this.counters = host.counters();
        this.journal = journal;
        this.suspects = suspects;
        this.expiry = expiry;
        this.attemptExpiry = attemptExpiry;
        this.deadExpiry = deadExpiry;
        this.mailbox = mailbox;
    }

    @Override
    public void recorded(DueRequest request) {
        ended(request.key());
        source.recorded(request.key());
        expiry.recorded();
        if (request.delivery().attempts() > 0) {
            attemptExpiry.recorded();
        }
    }

    @Override
    public void died(DueRequest request) {
        recorded(request);
        deadExpiry.recorded();
    }

    @Override
    public void postponed(RequestKey key, Instant due) {
        ended(key);
        source.postponed(key, due);
        attemptExpiry.recorded();
    }

    @Override
    public void gone(RequestKey key) {
        ended(key);
        source.gone(key);
    }

    @Override
    public void freed(Settlement settlement) {
        mailbox.freed(settlement);
    }

    /** Once for many, since others read the counters all the time. */
    void tellCounters() {
        if (settled > 0) {
            counters.addInFlight(-settled);
            settled = 0;
        }
    }

    private void ended(RequestKey key) {
        settled++;
        journal.ended(key);
        suspects.settled(key);
    }
}
