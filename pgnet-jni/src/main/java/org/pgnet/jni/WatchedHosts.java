package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.pgnet.worker.hosts.HostTable;
import org.pgnet.worker.hosts.Membership;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.StoreException;

/** The rules of net.hosts, which webhooks are sent, and what is to be probed, as they are now: read when they may have changed. Main thread. */
final class WatchedHosts implements Supplier<HostRules>, Membership {
    private final StoreOutage outage;
    private HostTable table = new HostTable(List.of(), this);
    /** Of what was read; C has no version 0. */
    private long version;

    /** @param outage the times in which the database refuses to have them read */
    WatchedHosts(StoreOutage outage) {
        this.outage = outage;
    }

    /** Reads them if they may have changed. Whether it did. */
    boolean look() {
        long now = Postgres.hostRowsVersion();
        if (now == version || !outage.mayTry()) {
            return false;
        }
        try {
            table = table.followedBy(
                    HostRowReader.read(Postgres.hostRows()),
                    WebhookRowReader.read(Postgres.webhookStates()),
                    ProbeRowReader.read(Postgres.probeRows()));
            version = now;
            outage.succeeded();
            return true;
        } catch (StoreException refusal) {
            version = 0;
            outage.failed(refusal);
            return false;
        }
    }

    /** The rules as last read. */
    @Override
    public HostRules get() {
        return table;
    }

    /** Whether {@link #get} has those of the table: nothing is sent by others. */
    boolean areKnown() {
        return version != 0;
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
    public boolean hasRightsOfAny(long owner, String roles) {
        return Postgres.hasRightsOfAny((int) owner, roles.getBytes(StandardCharsets.UTF_8));
    }
}
