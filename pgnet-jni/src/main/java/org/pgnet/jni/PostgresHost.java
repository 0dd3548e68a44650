package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.WorkerHost;

/** The background worker's process. */
final class PostgresHost implements WorkerHost {
    private static final String USER_AGENT = "pg_net/" + System.getProperty("pgnet.version");

    private final int mostInFlight = Postgres.mostInFlight();
    private long reloads = Postgres.reloadCount();
    private Settings settings = readSettings();
    private boolean shownActive;

    @Override
    public void await(long timeoutMillis) {
        Postgres.await(timeoutMillis);
    }

    @Override
    public void ring() {
        Postgres.ringBell();
    }

    @Override
    public List<IdRange> drainCommitted() {
        long[] ends = Postgres.drain();
        List<IdRange> ranges = new ArrayList<>(ends.length / 2);
        for (int i = 0; i < ends.length; i += 2) {
            ranges.add(new IdRange(ends[i], ends[i + 1]));
        }
        return ranges;
    }

    @Override
    public void announce(long[] ids) {
        long[] sorted = ids.clone();
        Arrays.sort(sorted);
        Postgres.announce(sorted);
    }

    @Override
    public void announce(IdRange ids) {
        Postgres.announce(ids.first(), ids.last());
    }

    @Override
    public Settings settings() {
        long count = Postgres.reloadCount();
        if (count != reloads) {
            reloads = count;
            settings = readSettings();
        }
        return Postgres.restartRequested() ? settings.sendingNothing() : settings;
    }

    private Settings readSettings() {
        return Settings.of(new SettingValues(Postgres.settings()), USER_AGENT).atMost(mostInFlight);
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
    public void addInFlight(int change) {
        Postgres.addInFlight(change);
    }

    @Override
    public ByteBuffer journal() {
        return Postgres.journal();
    }

    @Override
    public boolean takeAbnormalEnd() {
        return Postgres.takeAbnormalEnd();
    }

    @Override
    public void log(String message) {
        Postgres.log(false, message.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void warn(String message) {
        Postgres.log(true, message.getBytes(StandardCharsets.UTF_8));
    }
}
