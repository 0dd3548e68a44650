package org.pgnet.worker;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.pgnet.curl.CurlLibrary;
import org.pgnet.worker.intake.Intake;
import org.pgnet.worker.record.Expiry;
import org.pgnet.worker.record.Recorder;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.recovery.Suspects;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.EgressSettings;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.RowVersion;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.transfer.TransferThread;

/**
 * The worker: reads committed requests, has them sent, and records how they ended. It is its host's backend thread, from
 * {@link #run} to its return.
 */
public final class WorkerAgent implements AutoCloseable {
    private static final int MAX_OUTCOMES_TAKEN = 10_000;

    private final WorkerHost host;
    private final TransferThread transfers;
    private final Intake intake;
    private final Recorder recorder;
    private final Journal journal;
    private final Suspects suspects;
    private final Expiry expiry;
    private Settings settings;
    /** Whether the log was told that nothing is sent. */
    private boolean warnedOfConflict;
    /** How many requests were recorded, or found to be gone, since the host was told. */
    private int settled;

    /**
     * Starts nothing yet.
     *
     * @throws org.pgnet.curl.CurlException when libcurl cannot be used
     */
    public WorkerAgent(WorkerHost host, RequestStore store, BodyPreparer compressor) {
        this(host, store, compressor, System::nanoTime);
    }

    WorkerAgent(WorkerHost host, RequestStore store, BodyPreparer compressor, LongSupplier nanoTime) {
        CurlLibrary.initialise();
        this.host = host;
        this.settings = host.settings();
        this.journal = new Journal(host.journal(), host.takeAbnormalEnd());
        this.suspects = new Suspects(journal, this::givenUp, nanoTime);
        this.transfers = new TransferThread(settings, journal, compressor, host::ring, host::addInFlight, nanoTime);
        this.intake = new Intake(host, store, new StoreOutage("reading requests", host, nanoTime), nanoTime);
        this.expiry = new Expiry(store, new StoreOutage("deleting old responses", host, nanoTime), nanoTime);
        StoreOutage outage = new StoreOutage("recording responses", host, nanoTime);
        this.recorder = new Recorder(host, store, outage, new Settled(), nanoTime);
    }

    private final class Settled implements Recorder.Settled {
        @Override
        public void recorded(RowVersion row) {
            ended(row);
            intake.recorded(row);
            expiry.recorded();
        }

        @Override
        public void gone(RowVersion row) {
            ended(row);
            intake.gone(row);
        }

        private void ended(RowVersion row) {
            settled++;
            journal.ended(row);
            suspects.settled(row);
        }

        @Override
        public void freed(Outcome.Response response) {
            transfers.freed(response);
        }
    }

    /**
     * Works until the host asks for an end, and then returns at once: what is in flight is abandoned, since its rows are
     * still queued.
     *
     * @throws IllegalStateException when one of the other threads has died, with the reason as cause
     */
    public void run() {
        transfers.start();
        // Settings may have changed while the process started: nothing is sent by the old ones.
        host.await(0);
        while (!host.endRequested()) {
            doWork();
            await();
        }
        transfers.settings(settings, false);
    }

    /** Ends the transfer thread. For hosts that live on; one whose process ends now need not wait for it. */
    @Override
    public void close() {
        transfers.close();
    }

    /** One turn of the duty cycle. */
    private void doWork() {
        // In this order: what is committed after a change of the settings is not sent before it is obeyed.
        intake.add(host.drainCommitted());
        obeySettings();
        sendCommitted();
        recordFinished();
        expiry.work();
        boolean idle = intake.isIdle();
        if (idle) {
            journal.forgetSuspects();
        }
        host.reportActivity(!idle);
    }

    private void obeySettings() {
        settings = host.settings();
        boolean conflict = !settings.egress().isEnforceable();
        if (conflict) {
            settings = settings.sendingNothing();
        }
        if (conflict && !warnedOfConflict) {
            host.warn("nothing is sent: " + EgressSettings.CONFLICT);
        }
        warnedOfConflict = conflict;
        intake.maxInFlight(settings.maxInFlight());
        expiry.ttl(settings.ttl());
    }

    private void sendCommitted() {
        transfers.settings(settings, !recorder.isBlocked());
        if (!recorder.isBlocked()) {
            transfers.offer(suspects.admit(intake.fetch()));
        }
    }

    private void givenUp(Outcome outcome) {
        // Counted like one that was begun, since it will be settled like one.
        host.addInFlight(1);
        recorder.accept(outcome);
    }

    private void recordFinished() {
        transfers.takeOutcomes(MAX_OUTCOMES_TAKEN, recorder::accept);
        if (!recorder.lingers(intake.heldCount())) {
            recorder.work();
        }
        if (settled > 0) {
            host.addInFlight(-settled);
            settled = 0;
        }
    }

    private void await() {
        if (recorder.lingers(intake.heldCount())) {
            // Without having itself rung for each outcome.
            host.await(1);
            return;
        }
        long nanos = Math.min(recorder.nanosUntilDue(), expiry.nanosUntilDue());
        if (!recorder.isBlocked()) {
            nanos = Math.min(nanos, Math.min(intake.nanosUntilRead(), suspects.nanosUntilTurn()));
        }
        host.await(nanos > 0 && transfers.backendMaySleep() ? millisRoundedUp(nanos) : 0);
        transfers.backendIsAwake();
    }

    private static long millisRoundedUp(long nanos) {
        return nanos == Long.MAX_VALUE ? -1 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1;
    }
}
