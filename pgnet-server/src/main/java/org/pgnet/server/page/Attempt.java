package org.pgnet.server.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** An attempt that has ended. */
public record Attempt(
        int number,
        Instant started,
        Duration duration,
        Optional<Long> status,
        boolean timedOut,
        Optional<String> error) {
    private static final long FIRST_FAILURE = 400;

    static Attempt of(Row row) {
        return new Attempt(
                (int) row.numberOr("attempt", 0),
                row.moment("started").orElse(Instant.EPOCH),
                Format.ofSeconds(row.real("seconds").orElse(0.0)),
                row.number("status_code"),
                row.flag("timed_out"),
                row.text("error_msg").map(text -> Format.shortened(text, 2_000)));
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
