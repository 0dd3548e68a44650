package org.pgnet.worker.delivery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header Retry-After (RFC 9110, section 10.2.3): seconds, or a date in one of the three forms of section 5.6.7. */
public final class RetryAfter {
    /** What a server asks for beyond that is not obeyed. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final Pattern SECONDS = Pattern.compile("[0-9]+");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final String MONTH = "(?<month>" + String.join("|", MONTHS) + ")";
    private static final String TIME = "(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})";
    private static final String DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    private static final List<Pattern> DATES = List.of(
            // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
            Pattern.compile(DAY_NAME + ", (?<day>[0-9]{2}) " + MONTH + " (?<year>[0-9]{4}) " + TIME + " GMT"),
            // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
            Pattern.compile("(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>[0-9]{2})-" + MONTH
                    + "-(?<year>[0-9]{2}) " + TIME + " GMT"),
            // asctime: Sun Nov  6 08:49:37 1994
            Pattern.compile(DAY_NAME + " " + MONTH + " (?<day>[0-9]{2}| [0-9]) " + TIME + " (?<year>[0-9]{4})"));

    private RetryAfter() {}

    /**
     * How long a server asks to be left alone.
     *
     * @param value the header's value
     * @param now when the response was complete
     * @return from {@code now} on, at most {@link #LONGEST}, zero for a date that has passed; empty for what is neither
     *     seconds nor a date
     */
    public static Optional<Duration> parse(String value, Instant now) {
        String text = value.strip();
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(ofSeconds(text));
        }
        return DATES.stream()
                .map(form -> form.matcher(text))
                .filter(Matcher::matches)
                .findFirst()
                .flatMap(date -> date(date, now))
                .map(date -> limited(Duration.between(now, date)));
    }

    /** Any number of digits. */
    private static Duration ofSeconds(String digits) {
        String significant = digits.replaceFirst("^0+(?=.)", "");
        return significant.length() > 9 ? LONGEST : limited(Duration.ofSeconds(Long.parseLong(significant)));
    }

    private static Duration limited(Duration asked) {
        if (asked.isNegative()) {
            return Duration.ZERO;
        }
        return asked.compareTo(LONGEST) > 0 ? LONGEST : asked;
    }

    /** The name of the day is not compared: the rest says which day it is. */
    private static Optional<Instant> date(Matcher date, Instant now) {
        // A leap second is written as 60.
        int second = number(date, "second");
        try {
            LocalDateTime minute = LocalDateTime.of(
                    year(date, now),
                    MONTHS.indexOf(date.group("month")) + 1,
                    number(date, "day"),
                    number(date, "hour"),
                    number(date, "minute"));
            return second > 60
                    ? Optional.empty()
                    : Optional.of(minute.plusSeconds(second).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException noSuchDay) {
            return Optional.empty();
        }
    }

    /** Of two digits the last year that is not more than 50 years ahead. */
    private static int year(Matcher date, Instant now) {
        int year = number(date, "year");
        if (date.group("year").length() == 4) {
            return year;
        }
        int last = now.atOffset(ZoneOffset.UTC).getYear() + 50;
        return last - Math.floorMod(last - year, 100);
    }

    private static int number(Matcher date, String part) {
        return Integer.parseInt(date.group(part).strip());
    }
}
