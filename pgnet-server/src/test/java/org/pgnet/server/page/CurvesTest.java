package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.History.Sample;
import org.pgnet.server.database.Row;

class CurvesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void samplesAreRatesOfTenSeconds() {
        Curves curves = Curves.of(
                List.of(), List.of(new Sample(NOW.minusSeconds(10), 100, 5, 7), new Sample(NOW, 300, 25, 9)), NOW);
        assertThat(curves.seconds()).hasSize(361).last().isEqualTo(NOW.getEpochSecond());
        assertThat(curves.started().subList(359, 361)).containsExactly(20.0, null);
        assertThat(curves.failed().subList(359, 361)).containsExactly(2.0, null);
        assertThat(curves.waiting()).endsWith(7L, 9L);
    }

    @Test
    void whatIsNotKnownIsNull() {
        Curves curves = Curves.of(List.of(), List.of(), NOW);
        assertThat(curves.started()).containsOnlyNulls();
        assertThat(curves.json()).startsWith("[[").contains("null,null");
    }

    @Test
    void thePastComesFromTheResponses() {
        Row minute = new Row(Map.of("minute", NOW.minusSeconds(600), "started", 120L, "failed", 6L));
        Curves curves = Curves.of(List.of(minute), List.of(), NOW);
        assertThat(curves.started())
                .filteredOn(value -> value != null)
                .hasSize(6)
                .containsOnly(2.0);
        assertThat(curves.failed()).contains(0.1);
    }

    @Test
    void countersThatBeganAnewAreNoNegativeRate() {
        Curves curves = Curves.of(
                List.of(), List.of(new Sample(NOW.minusSeconds(10), 1_000, 50, 0), new Sample(NOW, 3, 0, 0)), NOW);
        assertThat(curves.started()).containsOnlyNulls();
    }
}
