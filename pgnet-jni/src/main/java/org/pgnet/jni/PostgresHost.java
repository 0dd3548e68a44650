package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.pgnet.worker.hosts.RequestTerms;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.intake.Intake;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.recovery.ReadingJournal;
import org.pgnet.worker.spi.Announcer;
import org.pgnet.worker.spi.Bell;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.Counters;
import org.pgnet.worker.spi.CrashMemory;
import org.pgnet.worker.spi.FlowReport;
import org.pgnet.worker.spi.FlowRow;
import org.pgnet.worker.spi.HostLog;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Identity;
import org.pgnet.worker.spi.PolicySource;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Secrets;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.SettingsSource;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.spi.WorkerProcess;

/** The background worker's process. */
final class PostgresHost implements WorkerHost, Bell, Announcer, SettingsSource, FlowReport, WorkerProcess, HostLog {
    private static final String USER_AGENT = "pg_net/" + System.getProperty("pgnet.version");
    private static final byte[] NO_DETAIL = {};

    /** What a request in flight takes of the heap with ordinary headers, and its transfer with it: 2.4 kB were measured. */
    private static final int HEAP_BYTES_OF_A_REQUEST = 3 * 1024;

    private final CounterMemory counters = new CounterMemory(Postgres.counters());
    private final WatchedHosts hosts = new WatchedHosts(new StoreOutage("reading hosts", this, this, clock()));
    private final RequestTerms terms = new RequestTerms(hosts, new Origins());
    private final PostgresStore store = new PostgresStore(counters, terms);
    private final CrashMemory crashMemory = new CrashMemory(Postgres.journal(), Postgres.takeAbnormalEnd());
    private final BodyPreparer preparer = new Lz4Compressor();
    private final WorkSource source = new Intake(
            new ReadingJournal(store, crashMemory),
            this,
            new StoreOutage("reading requests", this, this, clock()),
            clock());
    private final int mostInFlight =
            mostInFlight(Postgres.mostInFlight(), Runtime.getRuntime().maxMemory());
    private final Identity identity = new Identity(Postgres.identity()[0], Postgres.identity()[1]);
    private long reloads = Postgres.reloadCount();
    private final CaBundle caBundle = new CaBundle();
    private final WatchedSecrets secrets =
            new WatchedSecrets(new StoreOutage("reading secrets", this, this, clock()), clock());
    private Settings settings = currentSettings();
    private Settings sendingNothing = settings.sendingNothing();
    private boolean shownActive;
    private Optional<String> shownHalt = Optional.empty();

    @Override
    public WorkSource source() {
        return source;
    }

    @Override
    public RequestStore store() {
        return store;
    }

    @Override
    public PolicySource policies() {
        return store;
    }

    @Override
    public Secrets secrets() {
        return secrets;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Bell bell() {
        return this;
    }

    @Override
    public Announcer announcer() {
        return this;
    }

    @Override
    public SettingsSource settingsSource() {
        return this;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public FlowReport flowReport() {
        return this;
    }

    @Override
    public boolean isWanted() {
        return Postgres.flowsWanted();
    }

    @Override
    public void report(List<FlowRow> busiest) {
        Postgres.answerFlows(FlowTexts.of(busiest));
    }

    @Override
    public WorkerProcess process() {
        return this;
    }

    @Override
    public HostLog log() {
        return this;
    }

    @Override
    public CrashMemory crashMemory() {
        return crashMemory;
    }

    @Override
    public BodyPreparer preparer() {
        return preparer;
    }

    @Override
    public void await(long timeoutMillis) {
        Postgres.await(timeoutMillis);
    }

    @Override
    public void ring() {
        Postgres.ringBell();
    }

    @Override
    public void announce(long[] ids) {
        Postgres.announce(sorted(ids));
    }

    static long[] sorted(long[] ids) {
        long[] sorted = ids.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    @Override
    public void announce(IdRange ids) {
        Postgres.announce(ids.first(), ids.last());
    }

    @Override
    public Settings settings() {
        boolean hostsChanged = hosts.look();
        secrets.look();
        long count = Postgres.reloadCount();
        if (hostsChanged || count != reloads) {
            reloads = count;
            settings = currentSettings();
            sendingNothing = settings.sendingNothing();
        }
        return Postgres.restartRequested() || !hosts.areKnown() || !secrets.areKnown() ? sendingNothing : settings;
    }

    @Override
    public String trouble() {
        return hosts.trouble().isEmpty() ? secrets.trouble() : hosts.trouble();
    }

    @Override
    public long nanosUntilDue() {
        return Math.min(hosts.nanosUntilDue(), secrets.nanosUntilDue());
    }

    /**
     * The most requests in flight.
     *
     * @param byDescriptors what the process's descriptors allow
     * @param heapBytes the most that the heap may become; half of it is for them
     */
    static int mostInFlight(int byDescriptors, long heapBytes) {
        return (int) Math.max(1, Math.min(byDescriptors, heapBytes / 2 / HEAP_BYTES_OF_A_REQUEST));
    }

    private Settings currentSettings() {
        SettingValues values = new SettingValues(Postgres.settings());
        secrets.directory(values.text("pg_net.secrets_directory"));
        Settings read = Settings.of(values, USER_AGENT);
        return read.trusting(caBundle.name(read.caBundle()))
                .atMost(mostInFlight)
                .with(hosts.get());
    }

    /** @throws IllegalStateException when C has no value for one of them */
    static Settings readSettings() {
        return Settings.of(new SettingValues(Postgres.settings()), USER_AGENT);
    }

    @Override
    public boolean endRequested() {
        return Postgres.endRequested();
    }

    @Override
    public void reportActivity(boolean active) {
        if (active != shownActive) {
            shownActive = active;
            Postgres.reportActivity(active);
        }
    }

    @Override
    public void reportHalt(String reason) {
        if (!shownHalt.equals(Optional.of(reason))) {
            shownHalt = Optional.of(reason);
            Postgres.reportHalt(reason.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void log(String message) {
        writeLine(false, message);
    }

    @Override
    public void warn(String message) {
        writeLine(true, message);
    }

    private static void writeLine(boolean warning, String message) {
        Postgres.log(warning, ("pg_net worker: " + message).getBytes(StandardCharsets.UTF_8), NO_DETAIL);
    }
}
