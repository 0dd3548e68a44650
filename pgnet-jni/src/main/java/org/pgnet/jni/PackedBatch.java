package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.worker.spi.RequestStore.Disposition;
import org.pgnet.worker.spi.Settlement;

/**
 * Packed outcomes, and what became of them once they are recorded.
 *
 * @param memory as {@link OutcomeWriter} packs it
 * @param count how many outcomes there are
 */
record PackedBatch(ByteBuffer memory, int count) {
    private static final Disposition[] DISPOSITIONS = Disposition.values();

    /** What became of each outcome. */
    List<Disposition> dispositions() {
        List<Disposition> dispositions = new ArrayList<>(count);
        int start = 0;
        for (int i = 0; i < count; i++) {
            dispositions.add(disposition(start));
            start = next(start);
        }
        return dispositions;
    }

    /** Adds the outcomes that were recorded to the counters of net.stats. */
    void countRecorded(List<Settlement> settlements, CounterMemory counters) {
        long[] added = new long[Counter.values().length];
        int start = 0;
        for (Settlement settlement : settlements) {
            if (disposition(start) == Disposition.RECORDED) {
                added[Counter.BYTES_OUT.ordinal()] +=
                        settlement.request().http().body().length();
                added[Counter.ATTEMPTS.ordinal()] += settlement.attempts();
                countEnd(start, added);
            }
            start = next(start);
        }
        for (Counter counter : Counter.values()) {
            if (added[counter.ordinal()] != 0) {
                counters.add(counter, added[counter.ordinal()]);
            }
        }
    }

    /** A request that is sent again has none yet. */
    private void countEnd(int start, long[] added) {
        if (memory.getLong(start + PackedOutcome.DUE_MICROS) == Long.MAX_VALUE) {
            boolean answered = memory.getLong(start + PackedOutcome.STATUS) != 0;
            added[(answered ? Counter.DONE : Counter.FAILED).ordinal()]++;
            added[Counter.TIMED_OUT.ordinal()] += memory.getLong(start + PackedOutcome.TIMED_OUT);
            added[Counter.BYTES_IN.ordinal()] += memory.getLong(start + PackedOutcome.BODY_LENGTH);
        }
    }

    private Disposition disposition(int start) {
        return DISPOSITIONS[(int) memory.getLong(start + PackedOutcome.DISPOSITION)];
    }

    private int next(int start) {
        return start + (int) memory.getLong(start + PackedOutcome.RECORD_BYTES);
    }
}
