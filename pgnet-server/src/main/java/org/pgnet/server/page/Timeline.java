package org.pgnet.server.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A request's life on one axis, to scale: what it waited for, each attempt, and the attempt that is to come. Places are percents
 * of the axis.
 */
public record Timeline(List<Span> spans, List<Mark> marks, List<Tick> ticks, List<Bar> bars) {
    /** Room at both ends for marks and their labels. */
    private static final double LEFT = 2;

    private static final double WIDTH = 96;
    /** Labels that are closer to each other than that are left out. */
    private static final double LABEL_DISTANCE = 2.4;

    private static final double TICK_DISTANCE = 11;
    private static final int MOST_TICKS = 8;
    private static final long[] STEPS_MILLIS = {
        1,
        2,
        5,
        10,
        20,
        50,
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        20_000,
        30_000,
        60_000,
        120_000,
        300_000,
        600_000,
        1_200_000,
        1_800_000,
        3_600_000,
        7_200_000,
        14_400_000,
        21_600_000,
        43_200_000,
        86_400_000,
        172_800_000,
        604_800_000
    };

    /** A stretch: kind is wait, held, or sent with the tone of its outcome. */
    public record Span(String kind, String x, String width, String title) {}

    /** An attempt; one that is to come is hollow. */
    public record Mark(String x, String label, String css, String title) {}

    /** @param minor whether its label is left out where there is little room */
    public record Tick(String x, String label, boolean minor) {}

    /**
     * An attempt on an axis of its own: as long as the longest one is wide.
     *
     * @param stages where its time went, in words; empty when that is not known
     */
    public record Bar(Attempt attempt, List<Piece> pieces, String after, String stages) {}

    /** A stage of an attempt. */
    public record Piece(String css, String x, String width, String title) {}

    /**
     * @param created when the request was made
     * @param due when its first attempt was due, if later
     * @param sending since when an attempt is under way
     * @param next when the next one begins
     */
    static Timeline of(
            Instant created,
            Optional<Instant> due,
            List<Attempt> attempts,
            Optional<Instant> next,
            String waitsFor,
            Instant now) {
        Instant lastKnown =
                attempts.isEmpty() ? created : attempts.get(attempts.size() - 1).ended();
        boolean open = attempts.isEmpty() || next.isPresent();
        Instant end =
                later(later(lastKnown, next.orElse(lastKnown)), open ? earlier(now, next.orElse(now)) : lastKnown);
        Scale scale = new Scale(created, Duration.between(created, end).plusNanos(1));
        List<Span> spans = spans(scale, created, due, attempts, next, waitsFor, end);
        return new Timeline(spans, marks(scale, attempts, next), scale.ticks(), bars(attempts));
    }

    private static List<Span> spans(
            Scale scale,
            Instant created,
            Optional<Instant> due,
            List<Attempt> attempts,
            Optional<Instant> next,
            String waitsFor,
            Instant end) {
        List<Span> spans = new ArrayList<>();
        Instant from = created;
        if (due.filter(moment -> moment.isAfter(created)).isPresent()) {
            Instant until = earlier(
                    due.get(), attempts.isEmpty() ? end : attempts.get(0).started());
            spans.add(scale.span("held", from, until, "scheduled: waits " + lasting(from, until)));
            from = until;
        }
        for (Attempt attempt : attempts) {
            if (attempt.started().isAfter(from)) {
                String what = attempt.number() == 1 ? "waits in the queue for " : "waits for the next attempt for ";
                spans.add(scale.span("wait", from, attempt.started(), what + lasting(from, attempt.started())));
            }
            spans.add(scale.span(
                    "sent " + attempt.tone().css(),
                    attempt.started(),
                    attempt.ended(),
                    "attempt " + attempt.number() + ": " + attempt.outcome() + " after "
                            + Format.duration(attempt.duration())));
            from = later(from, attempt.ended());
        }
        if (end.isAfter(from)) {
            spans.add(scale.span(next.isPresent() ? "held" : "wait", from, end, waitsFor));
        }
        return spans;
    }

    private static List<Mark> marks(Scale scale, List<Attempt> attempts, Optional<Instant> next) {
        List<Mark> marks = new ArrayList<>();
        double lastLabel = -100;
        for (Attempt attempt : attempts) {
            double x = scale.at(attempt.started());
            boolean labelled = x - lastLabel >= LABEL_DISTANCE;
            lastLabel = labelled ? x : lastLabel;
            marks.add(new Mark(
                    percent(x),
                    labelled ? "" + attempt.number() : "",
                    attempt.tone().css(),
                    "attempt " + attempt.number() + ", " + Format.moment(attempt.started()) + ": "
                            + attempt.outcome()));
        }
        next.ifPresent(moment -> marks.add(new Mark(
                percent(scale.at(moment)),
                "" + (attempts.size() + 1),
                "next",
                "next attempt at " + Format.moment(moment))));
        return marks;
    }

    private static List<Bar> bars(List<Attempt> attempts) {
        long longest = attempts.stream()
                .mapToLong(attempt -> attempt.duration().toNanos())
                .max()
                .orElse(1);
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            String after = i == 0 ? "" : "after " + lasting(attempts.get(i - 1).ended(), attempt.started());
            String stages =
                    attempt.stages().stream().map(Attempt.Stage::inWords).collect(Collectors.joining(" · "));
            bars.add(new Bar(attempt, pieces(attempt, 100.0 / Math.max(1, longest)), after, stages));
        }
        return bars;
    }

    private static List<Piece> pieces(Attempt attempt, double percentOfNano) {
        if (attempt.stages().isEmpty()) {
            double width = Math.max(0.5, percentOfNano * attempt.duration().toNanos());
            return List.of(new Piece("stage-all", "0", percent(width), Format.duration(attempt.duration())));
        }
        List<Piece> pieces = new ArrayList<>();
        double x = 0;
        for (Attempt.Stage stage : attempt.stages()) {
            double width = percentOfNano * stage.duration().toNanos();
            pieces.add(new Piece(stage.kind().css(), percent(x), percent(width), stage.inWords()));
            x += width;
        }
        return pieces;
    }

    private static String lasting(Instant from, Instant until) {
        return Format.duration(Duration.between(from, until));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static String percent(double number) {
        return String.format(Locale.ROOT, "%.3f%%", number);
    }

    private record Scale(Instant begin, Duration length) {
        double at(Instant moment) {
            double share = (double) Duration.between(begin, moment).toNanos() / length.toNanos();
            return LEFT + WIDTH * Math.max(0, Math.min(1, share));
        }

        Span span(String kind, Instant from, Instant until, String title) {
            double x = at(from);
            return new Span(kind, percent(x), percent(Math.max(0, at(until) - x)), title);
        }

        List<Tick> ticks() {
            List<Tick> ticks = new ArrayList<>();
            long step = step();
            for (long millis = 0; millis <= length.toMillis() && ticks.size() <= MOST_TICKS; millis += step) {
                ticks.add(new Tick(
                        percent(at(begin.plusMillis(millis))),
                        millis == 0 ? "0" : Format.duration(Duration.ofMillis(millis)),
                        ticks.size() % 2 == 1));
            }
            return ticks;
        }

        private long step() {
            for (long step : STEPS_MILLIS) {
                if (length.toMillis() / step * TICK_DISTANCE <= WIDTH) {
                    return step;
                }
            }
            return length.toMillis() / 4 + 1;
        }
    }
}
