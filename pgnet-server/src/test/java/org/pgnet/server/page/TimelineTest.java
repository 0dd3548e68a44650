package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.Row;

class TimelineTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void gapsAreToScale() {
        Timeline line = Timeline.of(
                BEGIN,
                Optional.empty(),
                List.of(attempt(1, 0, 10), attempt(2, 50, 10), attempt(3, 90, 10)),
                Optional.empty(),
                "",
                BEGIN.plusSeconds(999));
        assertThat(line.marks()).extracting(Timeline.Mark::label).containsExactly("1", "2", "3");
        assertThat(line.marks())
                .extracting(mark -> Math.round(percent(mark.x())))
                .containsExactly(2L, 50L, 88L);
        assertThat(line.spans())
                .extracting(Timeline.Span::kind)
                .containsExactly("sent tone-losing", "wait", "sent tone-losing", "wait", "sent tone-losing");
    }

    @Test
    void theNextAttemptIsAHollowMarkAtTheEnd() {
        Timeline line = Timeline.of(
                BEGIN,
                Optional.empty(),
                List.of(attempt(1, 1, 1)),
                Optional.of(BEGIN.plusSeconds(100)),
                "why",
                BEGIN.plusSeconds(50));
        Timeline.Mark last = line.marks().get(line.marks().size() - 1);
        assertThat(last.css()).isEqualTo("next");
        assertThat(last.label()).isEqualTo("2");
        assertThat(percent(last.x())).isBetween(97.9, 98.0);
    }

    @Test
    void labelsDoNotOverlap() {
        List<Attempt> close = List.of(attempt(1, 0, 1), attempt(2, 1, 1), attempt(3, 2, 1), attempt(4, 1_000, 1));
        Timeline line = Timeline.of(BEGIN, Optional.empty(), close, Optional.empty(), "", BEGIN.plusSeconds(2_000));
        assertThat(line.marks()).extracting(Timeline.Mark::label).containsExactly("1", "", "", "4");
        assertThat(line.bars()).hasSize(4);
    }

    @Test
    void whatWaitsForItsTimeIsHeld() {
        Timeline line = Timeline.of(
                BEGIN,
                Optional.of(BEGIN.plusSeconds(60)),
                List.of(),
                Optional.of(BEGIN.plusSeconds(60)),
                "not before",
                BEGIN.plusSeconds(5));
        assertThat(line.spans().get(0).kind()).isEqualTo("held");
        assertThat(line.marks()).hasSize(1);
    }

    @Test
    void everyPlaceIsOnTheAxis() {
        Attempt beforeItWasMade = attempt(1, -500, 1);
        Timeline line = Timeline.of(BEGIN, Optional.empty(), List.of(beforeItWasMade), Optional.empty(), "", BEGIN);
        assertThat(line.marks())
                .allSatisfy(mark -> assertThat(percent(mark.x())).isBetween(2.0, 98.0));
        assertThat(line.spans())
                .allSatisfy(span -> assertThat(percent(span.width())).isBetween(0.0, 96.0));
    }

    @Test
    void anAxisHasAFewTicks() {
        for (long seconds : new long[] {0, 1, 7, 61, 3_601, 90_000, 700_000, 90_000_000}) {
            Timeline line =
                    Timeline.of(BEGIN, Optional.empty(), List.of(attempt(1, seconds, 1)), Optional.empty(), "", BEGIN);
            assertThat(line.ticks()).as("%s seconds", seconds).hasSizeBetween(1, 9);
        }
    }

    @Test
    void anAttemptSaysWhereItsTimeWent() {
        Row row = new Row(Map.of(
                "attempt",
                2L,
                "started",
                BEGIN,
                "seconds",
                0.2,
                "status_code",
                503L,
                "dns",
                0.0,
                "connect",
                0.02,
                "tls",
                0.06,
                "first_byte",
                0.1));
        Timeline line = Timeline.of(
                BEGIN, Optional.empty(), List.of(attempt(1, 0, 1), Attempt.of(row)), Optional.empty(), "", BEGIN);
        Timeline.Bar first = line.bars().get(0);
        assertThat(first.stages()).isEmpty();
        assertThat(first.pieces()).hasSize(1);

        Timeline.Bar second = line.bars().get(1);
        assertThat(second.stages()).isEqualTo("connect 20 ms · TLS 60 ms · first byte 100 ms · body 20 ms");
        assertThat(second.pieces())
                .extracting(Timeline.Piece::css)
                .containsExactly("stage-connect", "stage-tls", "stage-first-byte", "stage-body");
        assertThat(second.pieces())
                .extracting(piece -> Math.round(percent(piece.x())))
                .as("of the longest attempt, which took a second")
                .containsExactly(0L, 2L, 8L, 18L);
    }

    @Test
    void anAttemptWithoutAResponseHasNoBody() {
        Row row = new Row(Map.of(
                "attempt",
                1L,
                "started",
                BEGIN,
                "seconds",
                5.1,
                "dns",
                5.0,
                "connect",
                0.0,
                "tls",
                0.0,
                "first_byte",
                0.0));
        assertThat(Attempt.of(row).stages()).extracting(Attempt.Stage::inWords).containsExactly("DNS 5 s");
    }

    private static Attempt attempt(int number, long afterSeconds, long seconds) {
        return new Attempt(
                number,
                BEGIN.plusSeconds(afterSeconds),
                Duration.ofSeconds(seconds),
                Optional.of(503L),
                false,
                Optional.empty());
    }

    private static double percent(String text) {
        return Double.parseDouble(text.replace("%", ""));
    }
}
