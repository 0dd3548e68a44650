package org.pgnet.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    /** A Thursday. */
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "1 | 1",
                "120 | 120",
                "  120  | 120",
                "0000000000000000120 | 120",
                "000 | 0",
                "86400 | 86400",
                "86401 | 86400",
                "999999999 | 86400",
                "9223372036854775808 | 86400",
                "99999999999999999999999999999999999999 | 86400",
            })
    void seconds(String value, long seconds) {
        assertThat(RetryAfter.parse(value, NOW)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // IMF-fixdate
                "Thu, 26 Nov 2026 12:00:05 GMT | 5",
                "Thu, 26 Nov 2026 13:00:00 GMT | 3600",
                "Thu, 26 Nov 2026 12:00:00 GMT | 0",
                "Thu, 26 Nov 2026 11:59:59 GMT | 0",
                "Sun, 06 Nov 1994 08:49:37 GMT | 0",
                "Fri, 27 Nov 2026 12:00:00 GMT | 86400",
                "Fri, 27 Nov 2026 12:00:01 GMT | 86400",
                "Fri, 31 Dec 9999 23:59:59 GMT | 86400",
                "Thu, 26 Nov 2026 12:00:60 GMT | 60",
                // the rest tells the day
                "Mon, 26 Nov 2026 12:00:05 GMT | 5",
                // RFC 850
                "Thursday, 26-Nov-26 12:00:05 GMT | 5",
                "Sunday, 06-Nov-94 08:49:37 GMT | 0",
                "Thursday, 26-Nov-76 12:00:00 GMT | 86400",
                "Saturday, 26-Nov-77 12:00:00 GMT | 0",
                // asctime
                "Thu Nov 26 12:00:05 2026 | 5",
                "Sun Nov  6 08:49:37 1994 | 0",
                "Fri Dec  4 12:00:00 2026 | 86400",
            })
    void dates(String value, long seconds) {
        assertThat(RetryAfter.parse(value, NOW)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-12-31T23:59:30Z | Thursday, 31-Dec-26 23:59:59 GMT | 29",
                "2026-12-31T23:59:30Z | Friday, 01-Jan-27 00:00:00 GMT | 30",
                "2099-12-31T23:59:30Z | Friday, 01-Jan-00 00:00:00 GMT | 30",
                "2100-01-01T00:00:10Z | Thursday, 31-Dec-99 23:59:59 GMT | 0",
            })
    void yearsOfTwoDigitsGoBeyondTheirCentury(Instant now, String value, long seconds) {
        assertThat(RetryAfter.parse(value, now)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-1",
                "+1",
                "1.5",
                "1e3",
                "0x10",
                "120 s",
                "120, 240",
                "soon",
                "٣",
                "Thu, 26 Nov 2026 12:00:05",
                "Thu, 26 Nov 2026 12:00:05 UTC",
                "Thu, 26 Nov 2026 12:00:05 +0000",
                "Thu, 26 Nov 26 12:00:05 GMT",
                "Thu, 6 Nov 2026 12:00:05 GMT",
                "Thu, 31 Nov 2026 12:00:05 GMT",
                "Thu, 00 Nov 2026 12:00:05 GMT",
                "Thu, 26 Nov 2026 24:00:00 GMT",
                "Thu, 26 Nov 2026 12:60:00 GMT",
                "Thu, 26 Nov 2026 12:00:61 GMT",
                "thu, 26 nov 2026 12:00:05 gmt",
                "Thu, 26-Nov-26 12:00:05 GMT",
                "Thursday, 26-Nov-2026 12:00:05 GMT",
                "Thu Nov 6 08:49:37 2026",
                "Thu Nov 06 08:49:37 2026 GMT",
                "2026-11-26T12:00:05Z",
            })
    void anythingElseIsNone(String value) {
        assertThat(RetryAfter.parse(value, NOW)).isEmpty();
    }

    @Property
    void everyMomentIsReadInEachForm(@ForAll @LongRange(min = -1_000_000, max = 1_000_000) long seconds) {
        Instant asked = NOW.plusSeconds(seconds);
        Duration expected = Duration.ofSeconds(Math.max(0, Math.min(86_400, seconds)));
        for (String form : new String[] {
            "EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM ppd HH:mm:ss yyyy"
        }) {
            String value = DateTimeFormatter.ofPattern(form, Locale.ENGLISH).format(asked.atOffset(ZoneOffset.UTC));
            assertThat(RetryAfter.parse(value, NOW)).as(value).contains(expected);
        }
    }

    @Property
    void noTextIsAnErrorAndNoneAsksForMoreThanADay(@ForAll String value) {
        RetryAfter.parse(value, NOW).ifPresent(pause -> assertThat(pause).isBetween(Duration.ZERO, RetryAfter.LONGEST));
    }
}
