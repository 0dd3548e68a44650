package org.pgnet.server.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pgnet.server.database.Row;

/**
 * An attempt that has ended.
 *
 * @param stages where its time went, those that took any; none when that is not known
 */
public record Attempt(
        int number,
        Instant started,
        Duration duration,
        Optional<Long> status,
        boolean timedOut,
        Optional<String> error,
        List<Stage> stages) {
    private static final long FIRST_FAILURE = 400;
    private static final List<Stage.Kind> MEASURED =
            List.of(Stage.Kind.DNS, Stage.Kind.CONNECT, Stage.Kind.TLS, Stage.Kind.FIRST_BYTE);

    /** One of which it is not known where its time went. */
    Attempt(
            int number,
            Instant started,
            Duration duration,
            Optional<Long> status,
            boolean timedOut,
            Optional<String> error) {
        this(number, started, duration, status, timedOut, error, List.of());
    }

    /** A part of an attempt: what for, and how long. */
    public record Stage(Kind kind, Duration duration) {
        public enum Kind {
            DNS("DNS"),
            CONNECT("connect"),
            TLS("TLS"),
            FIRST_BYTE("first byte"),
            BODY("body");

            private final String words;

            Kind(String words) {
                this.words = words;
            }

            public String css() {
                return "stage-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
            }
        }

        public String inWords() {
            return kind.words + " " + Format.duration(duration);
        }
    }

    static Attempt of(Row row) {
        Duration duration = Format.ofSeconds(row.real("seconds").orElse(0.0));
        return new Attempt(
                (int) row.numberOr("attempt", 0),
                row.moment("started").orElse(Instant.EPOCH),
                duration,
                row.number("status_code"),
                row.flag("timed_out"),
                row.text("error_msg").map(text -> Format.shortened(text, 2_000)),
                stages(row, duration));
    }

    /** What is left behind the first byte is the body. */
    private static List<Stage> stages(Row row, Duration duration) {
        List<Stage> stages = new ArrayList<>();
        Duration left = duration;
        for (Stage.Kind kind : MEASURED) {
            Optional<Double> seconds = row.real(kind.name().toLowerCase(Locale.ROOT));
            if (seconds.isEmpty()) {
                return List.of();
            }
            Duration took = Format.ofSeconds(seconds.get());
            if (!took.isZero()) {
                stages.add(new Stage(kind, took));
            }
            left = left.minus(took);
        }
        if (row.has("status_code") && left.compareTo(Duration.ZERO) > 0) {
            stages.add(new Stage(Stage.Kind.BODY, left));
        }
        return List.copyOf(stages);
    }

    /**
     * The attempts of a request, in their order, out of all of its id, the newest first: ids come again, and so does a request
     * that was dead and counts anew.
     */
    static List<Attempt> latest(List<Row> rows) {
        List<Attempt> attempts = new ArrayList<>();
        for (Row row : rows) {
            Attempt attempt = of(row);
            if (!attempts.isEmpty() && attempt.number() >= attempts.get(0).number()) {
                break;
            }
            attempts.add(0, attempt);
        }
        return attempts;
    }

    public Instant ended() {
        return started.plus(duration);
    }

    public Tone tone() {
        return status.filter(code -> code < FIRST_FAILURE).isPresent() ? Tone.WELL : Tone.LOSING;
    }

    /** What came of it, in words. */
    public String outcome() {
        return status.map(code -> "status " + code).or(() -> error).orElse("no response");
    }
}
