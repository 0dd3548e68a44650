package org.pgnet.jni;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Line;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.Priority;
import org.pgnet.worker.spi.Survey;

/** Reads what crosses as long numbers: what was committed, and surveys. */
final class CommittedReader {
    private static final int LONGS_OF_COMMITTED = 4;
    private static final int LONGS_OF_SURVEY = 3;
    private static final int LONGS_OF_RUN = 6;

    private final List<Committed> ids = new ArrayList<>();
    private final List<OrderKey> freed = new ArrayList<>();

    /** Reads what {@link Postgres#drain} returns. */
    CommittedReader(long[] entries) {
        for (int i = 0; i < entries.length; i += LONGS_OF_COMMITTED) {
            long owner = entries[i + 2];
            Lane lane = Lane.of((int) entries[i + 3]);
            if (lane == Lane.KEY) {
                freed.add(new OrderKey(owner, OrderKeyName.of(entries[i])));
            } else {
                Optional<Priority> common = lane.common();
                ids.add(new Committed(
                        new IdRange(entries[i], entries[i + 1]),
                        common.isPresent() ? Optional.of(new Line(owner, common.get())) : Optional.empty()));
            }
        }
    }

    List<Committed> ids() {
        return ids;
    }

    /** The order keys of which requests have gone. */
    List<OrderKey> freed() {
        return freed;
    }

    /** Reads what {@link Postgres#survey} returns. */
    static Survey survey(long[] values) {
        List<Survey.Run> runs = new ArrayList<>((values.length - LONGS_OF_SURVEY) / LONGS_OF_RUN);
        for (int i = LONGS_OF_SURVEY; i < values.length; i += LONGS_OF_RUN) {
            runs.add(new Survey.Run(
                    new IdRange(values[i], values[i + 1]),
                    values[i + 2],
                    values[i + 3],
                    Lane.of((int) values[i + 4]).priority(),
                    (int) values[i + 5]));
        }
        return new Survey(runs, values[1] != 0, values[0], (int) values[2]);
    }
}
