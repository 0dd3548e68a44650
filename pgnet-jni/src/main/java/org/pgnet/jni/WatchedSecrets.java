package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.secrets.SecretRow;
import org.pgnet.worker.secrets.SecretTable;
import org.pgnet.worker.secrets.UseRights;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Secrets;
import org.pgnet.worker.spi.StoreException;

/** The secrets as they are now: read when a request needs one for the first time, and then when they may have changed. Main thread, but for the questions. */
final class WatchedSecrets implements Secrets, UseRights {
    private final StoreOutage outage;
    private final SecretTable table;
    /** Of what was read; C has no version 0. */
    private long version;

    private boolean isNeeded;

    /** @param outage the times in which the database refuses to have them read */
    WatchedSecrets(StoreOutage outage, Clock clock) {
        this.outage = outage;
        this.table = new SecretTable(this, clock);
    }

    /** The directory of their files, empty for none. */
    void directory(String path) {
        table.directory(path);
    }

    /** Reads them if somebody needs them and they may have changed. */
    void look() {
        if (!isNeeded) {
            return;
        }
        long now = Postgres.hostRowsVersion();
        if (now == version || !outage.mayTry()) {
            return;
        }
        try {
            table.replace(SecretRowReader.read(Postgres.secretRows()));
            version = now;
            outage.succeeded();
        } catch (StoreException refusal) {
            version = 0;
            outage.failed(refusal);
        }
    }

    /** Whether they are known, or nobody needs them: nothing is sent else. */
    boolean areKnown() {
        return !isNeeded || version != 0;
    }

    /** Why they have not been read for a while, in words for everybody; empty when they were. */
    String trouble() {
        return outage.trouble();
    }

    /** The nanoseconds until {@link #look} tries again; {@link Long#MAX_VALUE} when it need not. */
    long nanosUntilDue() {
        return areKnown() ? Long.MAX_VALUE : outage.nanosUntilRetry();
    }

    @Override
    public boolean expect(long owner, Collection<String> names) {
        if (!isNeeded) {
            isNeeded = true;
            look();
        }
        table.expect(owner, names);
        return areKnown();
    }

    @Override
    public Answer find(String name, long owner, Collection<String> origins, Instant now) {
        return table.find(name, owner, origins, now);
    }

    @Override
    public void refresh() {
        table.refresh();
    }

    @Override
    public boolean mayUse(long owner, SecretRow secret) {
        return Postgres.hasRightsOf((int) owner, (int) secret.owner())
                || Postgres.hasRightsOfAny((int) owner, secret.roles().getBytes(StandardCharsets.UTF_8));
    }
}
