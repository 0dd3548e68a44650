package org.pgnet.server.page;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Numbers, times and sizes as people read them. */
public final class Format {
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int KILO = 1024;

    private Format() {}

    /** 1,204 */
    public static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** 1 request, 1,204 requests */
    public static String count(long number, String noun) {
        return number(number) + " " + noun + (number == 1 ? "" : "s");
    }

    /** 0.7 ms, 180 ms, 1.2 s, 3 min 5 s, 2 h 3 min, 3 days */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "0 ms";
        }
        double seconds = duration.toNanos() / 1e9;
        if (seconds < 0.01) {
            return decimal(seconds * 1000) + " ms";
        }
        if (seconds < 0.9995) {
            return Math.round(seconds * 1000) + " ms";
        }
        if (seconds < 10) {
            return decimal(seconds) + " s";
        }
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        if (whole < 3600) {
            return pair(whole / 60, "min", whole % 60, "s");
        }
        if (whole < 2 * 86_400) {
            return pair(whole / 3600, "h", whole % 3600 / 60, "min");
        }
        return pair(whole / 86_400, "days", whole % 86_400 / 3600, "h");
    }

    /** Seconds, as the server computes them. */
    public static String seconds(double seconds) {
        return duration(ofSeconds(seconds));
    }

    public static Duration ofSeconds(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    /** 2026-11-26 12:00:05 UTC */
    public static String moment(Instant moment) {
        return MOMENT.format(moment);
    }

    /** 12:00:05, in UTC */
    public static String clock(Instant moment) {
        return CLOCK.format(moment);
    }

    /** 12 bytes, 1.5 kB, 3.0 MB */
    public static String bytes(long bytes) {
        if (bytes < KILO) {
            return count(bytes, "byte");
        }
        double kilobytes = bytes / (double) KILO;
        return kilobytes < KILO ? decimal(kilobytes) + " kB" : decimal(kilobytes / KILO) + " MB";
    }

    /** One digit after the point, without a zero there. */
    public static String decimal(double number) {
        return String.format(Locale.ROOT, number >= 100 ? "%.0f" : "%.1f", number)
                .replaceFirst("\\.0$", "");
    }

    /** The beginning of a text that is longer than that. */
    public static String shortened(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
    }

    /** The text of a moment that there may be. */
    public static String moment(Optional<Instant> moment) {
        return moment.map(Format::moment).orElse("");
    }

    private static String pair(long large, String unit, long small, String smallUnit) {
        return large + " " + unit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }
}
