package org.pgnet.worker.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.WorkerHost;

/** A worker's process in memory: a latch, a ring of committed ids, and a log. Any thread. */
public final class MemoryHost implements WorkerHost {
    private final List<IdRange> committed = new ArrayList<>(List.of(new IdRange(0, Long.MAX_VALUE)));
    private final List<Long> announced = new ArrayList<>();
    private final List<IdRange> announcedRanges = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private int inFlight;
    private Settings settings = MemorySettings.of();
    private final ByteBuffer journal;
    private final boolean endedAbnormally;
    private boolean rung;
    private boolean endRequested;
    private boolean active;
    private long sleepsForEver;

    public MemoryHost() {
        this(ByteBuffer.allocateDirect(1024 * Journal.BYTES_PER_REQUEST), false);
    }

    /** The process after one that left this journal. */
    public MemoryHost(ByteBuffer journal, boolean endedAbnormally) {
        this.journal = journal;
        this.endedAbnormally = endedAbnormally;
    }

    @Override
    public ByteBuffer journal() {
        return journal;
    }

    @Override
    public boolean takeAbnormalEnd() {
        return endedAbnormally;
    }

    public synchronized void commit(IdRange ids) {
        committed.add(ids);
        ring();
    }

    public void commit(long id) {
        commit(new IdRange(id, id));
    }

    public synchronized void settings(Settings newSettings) {
        settings = newSettings;
        ring();
    }

    public synchronized void requestEnd() {
        endRequested = true;
        ring();
    }

    public synchronized List<Long> announced() {
        return List.copyOf(announced);
    }

    public synchronized List<IdRange> announcedRanges() {
        return List.copyOf(announcedRanges);
    }

    public synchronized List<String> logLines() {
        return List.copyOf(log);
    }

    public synchronized boolean isActive() {
        return active;
    }

    /** How often the worker slept without a limit. */
    public synchronized long sleepsForEver() {
        return sleepsForEver;
    }

    @Override
    public synchronized void await(long timeoutMillis) {
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
    public synchronized List<IdRange> drainCommitted() {
        List<IdRange> drained = List.copyOf(committed);
        committed.clear();
        return drained;
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
    public synchronized void addInFlight(int change) {
        inFlight += change;
    }

    public synchronized int inFlight() {
        return inFlight;
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
