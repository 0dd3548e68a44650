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
    private final OutcomeWriter writer = new OutcomeWriter();
    private final BatchRecording recording = new BatchRecording();
    private final CounterMemory counters;

    /** @param counters of what is recorded */
    PostgresStore(CounterMemory counters) {
        this.counters = counters;
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
    public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        return RequestReader.read(Postgres.fetch(first, last, limit, maxBodyBytes));
    }

    @Override
    public List<Disposition> settle(List<Settlement> settlements) {
        PackedBatch batch = new PackedBatch(writer.write(settlements), settlements.size());
        try {
            recording.record(batch);
        } finally {
            writer.release();
        }
        batch.countRecorded(settlements, counters);
        return batch.dispositions();
    }

    @Override
    public Duration expire(Duration ttl, int limit) {
        long micros = Postgres.expire(TimeUnit.NANOSECONDS.toMicros(ttl.toNanos()), limit);
        return Duration.of(micros, ChronoUnit.MICROS);
    }
}
