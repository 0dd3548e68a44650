package org.pgnet.server.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.History.Sample;

class HistoryTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final History history = new History();

    @Test
    void keepsTheFirstSampleOfEachStepAndOneOfEachSecondOfTheLastMinute() {
        for (int second = 0; second < 7_200; second++) {
            history.add(new Sample(NOW.plusSeconds(second), second, 0, 0));
            history.add(new Sample(NOW.plusSeconds(second).plusMillis(500), -1, 0, 0));
        }
        assertThat(history.steps()).hasSize(361).allMatch(sample -> sample.started() % 10 == 0);
        assertThat(history.steps().get(360).started()).isEqualTo(7_190);
        assertThat(history.minuteAgo().started()).isEqualTo(7_199 - 60);
    }

    @Test
    void theOnlySampleIsTheOldest() {
        Sample only = new Sample(NOW, 7, 0, 0);
        history.add(only);
        assertThat(history.minuteAgo()).isEqualTo(only);
        assertThat(history.steps()).containsExactly(only);
    }
}
