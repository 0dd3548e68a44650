package org.pgnet.worker;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pgnet.curl.CurlLibrary;
import org.pgnet.worker.hosts.RequestTerms;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.record.Expiry;
import org.pgnet.worker.record.Recorder;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.recovery.Suspects;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.EgressSettings;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.transfer.Mailbox;
import org.pgnet.worker.transfer.TransferThread;

/**
 * The worker: reads committed requests, has them sent, and records their outcomes. Its host's backend thread runs it, from
 * {@link #run} to its return.
 */
public final class WorkerAgent implements AutoCloseable {
    private static final String NOTHING_MAY_BE_IN_FLIGHT =
            "pg_net.batch_size is 0, so requests are queued and not sent";

    private final WorkerHost host;
    private final WorkSource source;
    private final TransferThread transfers;
    private final Mailbox mailbox;
    private final Recorder recorder;
    private final Expiry expiry;
    private final Expiry attemptExpiry;
    private final Expiry deadExpiry;
    private final Delivering delivering;
    private final Recording recording;
    /** In the order in which they are done. */
    private final List<Duty> duties;

    /** As the host has them; null before they are obeyed for the first time. */
    private Settings read;
    /** As they are obeyed. */
    private Settings settings;
    /** Whether the log was told that nothing is sent. */
    private boolean warnedOfConflict;

    /**
     * Starts nothing yet.
     *
     * @throws org.pgnet.curl.CurlException when libcurl cannot be used
     */
    public WorkerAgent(WorkerHost host) {
        CurlLibrary.initialise();
        this.host = host;
        this.source = host.source();
        this.settings = host.settingsSource().settings();
        Journal journal =
                new Journal(host.crashMemory().bytes(), host.crashMemory().endedAbnormally());
        this.transfers = new TransferThread(settings, journal, host);
        this.mailbox = transfers.mailbox();
        this.expiry = new Expiry(host.store()::expire, outage("deleting old responses"), host.clock());
        this.attemptExpiry = new Expiry(host.store()::expireAttempts, outage("deleting old attempts"), host.clock());
        this.deadExpiry = new Expiry(host.store()::expireDead, outage("deleting old dead letters"), host.clock());
        Suspects suspects = new Suspects(journal, this::notSent, host.clock());
        Settling settling = new Settling(host, journal, suspects, expiry, attemptExpiry, deadExpiry, mailbox);
        this.recorder = new Recorder(host, outage("recording responses"), settling);
        Origins origins = new Origins();
        FlowCounts counts = new FlowCounts(origins);
        this.delivering = new Delivering(
                host.policies(),
                new RequestTerms(() -> settings.hosts(), origins),
                outage("reading policies"),
                mailbox::judge,
                settlement -> {
                    counts.count(settlement);
                    recorder.accept(settlement);
                },
                settling::freed);
        this.recording = new Recording(source, recorder, mailbox, delivering, settling);
        Sending sending = new Sending(host, suspects, recorder, mailbox, this::notSent, this::obeySettings);
        this.duties = List.of(
                sending,
                recording,
                expiry,
                attemptExpiry,
                deadExpiry,
                new Reporting(host, counts, mailbox, () -> settings),
                new Resting(host, journal));
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
        host.bell().await(0);
        while (!host.process().endRequested()) {
            doWork();
            await();
        }
        mailbox.order(settings, false, 0);
    }

    /** Ends the transfer thread. For hosts that live on; one whose process ends now need not wait for it. */
    @Override
    public void close() {
        transfers.close();
    }

    /** One turn of the duty cycle. */
    private void doWork() {
        source.look();
        // The first is sending, which obeys the settings for all.
        for (Duty duty : duties) {
            duty.work();
        }
        host.process().reportHalt(reasonToSendNothing());
    }

    /** What is committed after a change of the settings is not sent before it is obeyed, so it is called after each reading. */
    private Settings obeySettings() {
        Settings now = host.settingsSource().settings();
        if (now != read) {
            read = now;
            obey(now);
        }
        return settings;
    }

    private void obey(Settings now) {
        boolean conflict = !now.egress().isEnforceable();
        if (conflict && !warnedOfConflict) {
            host.log().warn("nothing is sent: " + EgressSettings.CONFLICT);
        }
        warnedOfConflict = conflict;
        settings = conflict ? now.sendingNothing() : now;
        expiry.ttl(settings.ttl());
        attemptExpiry.ttl(settings.attemptTtl());
        deadExpiry.ttl(settings.deadLetterTtl());
    }

    private String reasonToSendNothing() {
        if (warnedOfConflict) {
            return EgressSettings.CONFLICT;
        }
        if (!host.settingsSource().trouble().isEmpty()) {
            return host.settingsSource().trouble();
        }
        if (settings.maxInFlight() == 0) {
            return NOTHING_MAY_BE_IN_FLIGHT;
        }
        return source.trouble().isEmpty() ? recorder.trouble() : source.trouble();
    }

    private void notSent(Settlement settlement) {
        // Counted like one that was begun, since it will be settled like one.
        host.counters().addInFlight(1);
        delivering.accept(settlement);
    }

    private void await() {
        if (recording.lingers()) {
            // Without having itself rung for each settlement.
            host.bell().await(1);
            return;
        }
        long nanos = host.settingsSource().nanosUntilDue();
        for (Duty duty : duties) {
            nanos = Math.min(nanos, duty.nanosUntilDue());
        }
        host.bell().await(nanos > 0 && mailbox.backendMaySleep() ? millisRoundedUp(nanos) : 0);
        mailbox.backendIsAwake();
    }

    private StoreOutage outage(String activity) {
        return new StoreOutage(activity, host.log(), host.process(), host.clock());
    }

    private static long millisRoundedUp(long nanos) {
        return nanos == Long.MAX_VALUE ? -1 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1;
    }
}
