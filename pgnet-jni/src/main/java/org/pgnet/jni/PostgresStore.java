package org.pgnet.jni;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;

/** The tables of the extension, through SPI. */
final class PostgresStore implements RequestStore, RequestQueue {
    private static final Disposition[] DISPOSITIONS = Disposition.values();

    private final OutcomeWriter writer = new OutcomeWriter();

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
    public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        return RequestReader.read(Postgres.fetch(first, last, limit, maxBodyBytes));
    }

    @Override
    public List<Disposition> settle(List<Settlement> settlements) {
        byte[] ordinals;
        try {
            ordinals = Postgres.record(writer.write(settlements), settlements.size());
        } finally {
            writer.release();
        }
        List<Disposition> dispositions = new ArrayList<>(ordinals.length);
        for (byte ordinal : ordinals) {
            dispositions.add(DISPOSITIONS[ordinal]);
        }
        return dispositions;
    }

    @Override
    public Duration expire(Duration ttl, int limit) {
        long micros = Postgres.expire(TimeUnit.NANOSECONDS.toMicros(ttl.toNanos()), limit);
        return Duration.of(micros, ChronoUnit.MICROS);
    }
}
