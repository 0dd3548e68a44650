package org.pgnet.worker.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.worker.intake.Intake;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.recovery.ReadingJournal;
import org.pgnet.worker.spi.Announcer;
import org.pgnet.worker.spi.Bell;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Counters;
import org.pgnet.worker.spi.CrashMemory;
import org.pgnet.worker.spi.HostLog;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Identity;
import org.pgnet.worker.spi.PolicySource;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.SettingsSource;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.spi.WorkerProcess;

/** A worker's process in memory: a bell, settings and a log, over tables in memory. Any thread. */
public final class MemoryHost implements WorkerHost, Bell, Announcer, SettingsSource, Counters, WorkerProcess, HostLog {
    private static final int JOURNAL_PLACES = 1024;

    private final MemoryStore store;
    private final Clock clock;
    private final CrashMemory crashMemory;
    private final WorkSource source;
    private final List<Long> announced = new ArrayList<>();
    private final List<IdRange> announcedRanges = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private int inFlight;
    private int setAside;
    private Settings settings = MemorySettings.of();
    private boolean rung;
    private boolean endRequested;
    private boolean active;
    private String halt = "";
    private long sleepsForEver;
    private long sleeps;

    /** Over tables, with the machine's clock and memory that is new. */
    public MemoryHost(MemoryStore store) {
        this(store, Clock.SYSTEM);
    }

    /** Over tables, with a clock. */
    public MemoryHost(MemoryStore store, Clock clock) {
        this(store, clock, newCrashMemory());
    }

    /** The process after one that left something. */
    public MemoryHost(MemoryStore store, Clock clock, CrashMemory crashMemory) {
        this.store = store;
        this.clock = clock;
        this.crashMemory = crashMemory;
        store.begin();
        this.source = new Intake(
                new ReadingJournal(store, crashMemory),
                this,
                new StoreOutage("reading requests", this, this, clock),
                clock);
    }

    private static CrashMemory newCrashMemory() {
        return new CrashMemory(ByteBuffer.allocateDirect(Journal.bytesFor(JOURNAL_PLACES)), false);
    }

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
    public Identity identity() {
        return new Identity(1, 5);
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
        return this;
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
    public Clock clock() {
        return clock;
    }

    /** Tells of ids that are committed. */
    public void commit(IdRange ids) {
        store.commit(ids);
        ring();
    }

    /** Tells of an id that is committed. */
    public void commit(long id) {
        commit(new IdRange(id, id));
    }

    /** Changes the settings. */
    public synchronized void settings(Settings newSettings) {
        settings = newSettings;
        ring();
    }

    /** Asks the worker to end. */
    public synchronized void requestEnd() {
        endRequested = true;
        ring();
    }

    /** The ids for which waiting sessions were woken. */
    public synchronized List<Long> announced() {
        return List.copyOf(announced);
    }

    /** The ranges for which waiting sessions were woken. */
    public synchronized List<IdRange> announcedRanges() {
        return List.copyOf(announcedRanges);
    }

    /** What was logged, each line after its level. */
    public synchronized List<String> logLines() {
        return List.copyOf(log);
    }

    /** Whether the worker last showed itself as active. */
    public synchronized boolean isActive() {
        return active;
    }

    /** Why the worker last said that it sends nothing; empty when it does. */
    public synchronized String halt() {
        return halt;
    }

    /** How often the worker began to sleep. */
    public synchronized long sleeps() {
        return sleeps;
    }

    /** How often the worker slept without a limit. */
    public synchronized long sleepsForEver() {
        return sleepsForEver;
    }

    /** The outcomes that wait because their rows are locked or refused. */
    public synchronized int setAside() {
        return setAside;
    }

    /** The requests that were begun and are not recorded. */
    public synchronized int inFlight() {
        return inFlight;
    }

    @Override
    public synchronized void await(long timeoutMillis) {
        sleeps += timeoutMillis != 0 && !rung ? 1 : 0;
        try {
            if (timeoutMillis < 0) {
                sleepsForEver++;
                while (!rung) {
                    wait();
                }
            } else if (timeoutMillis > 0 && !rung) {
                wait(timeoutMillis);
            }
        } catch (InterruptedException e) {
            endRequested = true;
        }
        rung = false;
    }

    @Override
    public synchronized void ring() {
        rung = true;
        notifyAll();
    }

    @Override
    public synchronized void announce(long[] ids) {
        for (long id : ids) {
            announced.add(id);
        }
    }

    @Override
    public synchronized void announce(IdRange ids) {
        announcedRanges.add(ids);
    }

    @Override
    public synchronized Settings settings() {
        return settings;
    }

    @Override
    public synchronized boolean endRequested() {
        return endRequested;
    }

    @Override
    public synchronized void reportActivity(boolean isActive) {
        active = isActive;
    }

    @Override
    public synchronized void reportHalt(String reason) {
        halt = reason;
    }

    @Override
    public synchronized void setAside(int count) {
        setAside = count;
    }

    @Override
    public synchronized void addInFlight(int change) {
        inFlight += change;
    }

    @Override
    public synchronized void log(String message) {
        log.add("LOG: " + message);
    }

    @Override
    public synchronized void warn(String message) {
        log.add("WARNING: " + message);
    }
}
