package org.pgnet.bench;

import java.util.List;

/** One thing that is measured, beside its reference. */
interface Scenario {
    /** Word that chooses it: {@code make bench ROW=name}. */
    String name();

    /** Measures, in {@link Bench#rounds} rounds in which pg_net and its reference take turns, and gives table rows. */
    List<Row> run(Bench bench) throws Exception;
}
