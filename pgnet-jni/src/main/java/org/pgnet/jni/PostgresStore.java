package org.pgnet.jni;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.RequestStore;

/** The tables of the extension, through SPI. */
final class PostgresStore implements RequestStore {
    private static final Disposition[] DISPOSITIONS = Disposition.values();

    private final OutcomeWriter writer = new OutcomeWriter();

    @Override
    public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        return RequestReader.read(Postgres.fetch(first, last, limit, maxBodyBytes));
    }

    @Override
    public List<Disposition> record(List<Outcome> outcomes) {
        byte[] ordinals;
        try {
            ordinals = Postgres.record(writer.write(outcomes), outcomes.size());
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
