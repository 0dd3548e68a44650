package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgnet.curl.Timings;
import org.pgnet.worker.spi.Stages;

class StageTimesTest {
    private final StageTimes times = new StageTimes();

    @Test
    void stagesFollowEachOther() {
        times.add(new Timings(1_000, 3_000, 10_000, 60_000, 100_000), false, true);
        assertThat(times.stages()).isEqualTo(new Stages(1_000, 2_000, 7_000, 50_000));
    }

    @Test
    void aConnectionThatWasOpenNeedsNone() {
        times.add(new Timings(0, 0, 0, 60_000, 100_000), false, true);
        assertThat(times.stages()).isEqualTo(new Stages(0, 0, 0, 60_000));
    }

    @Test
    void theTimeBelongsToTheStageThatDidNotEnd() {
        times.add(new Timings(0, 0, 0, 0, 500), true, false);
        assertThat(times.stages()).as("the name").isEqualTo(new Stages(500, 0, 0, 0));
        times.add(new Timings(100, 0, 0, 0, 500), true, false);
        assertThat(times.stages()).as("the connection").isEqualTo(new Stages(600, 400, 0, 0));
        times.add(new Timings(100, 200, 0, 0, 500), true, false);
        assertThat(times.stages()).as("TLS").isEqualTo(new Stages(700, 500, 300, 0));
        times.add(new Timings(100, 200, 0, 0, 500), true, true);
        assertThat(times.stages()).as("the response").isEqualTo(new Stages(800, 600, 300, 300));
    }

    @Test
    void marksThatCannotBeAreNoNegativeTimes() {
        times.add(new Timings(900, 800, 700, 600, 500), false, true);
        assertThat(times.stages()).isEqualTo(new Stages(500, 0, 0, 0));
    }

    @Test
    void aHopThatWasNotMeasuredLeavesThemUnknown() {
        assertThat(times.stages().isKnown()).isFalse();
        times.add(new Timings(0, 0, 0, 0, 500), false, true);
        times.add(new Timings(100, 200, 0, 300, 500), false, true);
        assertThat(times.stages()).isEqualTo(Stages.UNKNOWN);
    }
}
