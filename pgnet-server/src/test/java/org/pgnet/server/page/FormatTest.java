package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FormatTest {
    @Test
    void durationsHaveTheUnitThatPeopleWouldTake() {
        assertThat(Format.duration(Duration.ofNanos(700_000))).isEqualTo("0.7 ms");
        assertThat(Format.duration(Duration.ofMillis(180))).isEqualTo("180 ms");
        assertThat(Format.duration(Duration.ofMillis(999))).isEqualTo("999 ms");
        assertThat(Format.duration(Duration.ofMillis(1_240))).isEqualTo("1.2 s");
        assertThat(Format.duration(Duration.ofSeconds(59))).isEqualTo("59 s");
        assertThat(Format.duration(Duration.ofSeconds(185))).isEqualTo("3 min 5 s");
        assertThat(Format.duration(Duration.ofMinutes(123))).isEqualTo("2 h 3 min");
        assertThat(Format.duration(Duration.ofHours(75))).isEqualTo("3 days 3 h");
        assertThat(Format.duration(Duration.ofSeconds(-1))).isEqualTo("0 ms");
    }

    @Test
    void sizesAndNumbers() {
        assertThat(Format.number(1_234_567)).isEqualTo("1,234,567");
        assertThat(Format.count(1, "request")).isEqualTo("1 request");
        assertThat(Format.count(2, "request")).isEqualTo("2 requests");
        assertThat(Format.bytes(1)).isEqualTo("1 byte");
        assertThat(Format.bytes(1_536)).isEqualTo("1.5 kB");
        assertThat(Format.bytes(3 << 20)).isEqualTo("3 MB");
    }

    @Test
    void aCutDoesNotSplitACharacter() {
        assertThat(Format.shortened("😀😀😀", 3)).isEqualTo("😀😀😀");
        assertThat(Format.shortened("😀😀😀", 2)).isEqualTo("😀…");
    }
}
