package org.pgnet.server.page;

import java.time.Instant;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** A request as a line of a list. */
public record RequestRow(
        long id,
        String state,
        Tone tone,
        String reason,
        String method,
        Place place,
        String owner,
        long attempts,
        Optional<Long> status,
        Optional<Instant> created,
        Optional<Instant> next,
        Optional<String> duration) {
    private static final int LONGEST_REASON = 400;

    public static RequestRow of(Row row) {
        String state = row.textOrEmpty("state");
        return new RequestRow(
                row.numberOr("id", 0),
                state,
                Tone.ofState(state),
                Format.shortened(why(row), LONGEST_REASON),
                row.textOrEmpty("method"),
                Place.of(row.textOrEmpty("url")),
                row.textOrEmpty("owner"),
                row.numberOr("attempts", 0),
                row.number("status_code"),
                row.moment("created"),
                row.moment("next_attempt"),
                row.real("seconds").map(Format::seconds));
    }

    /** The reason for its state, and of one that has ended what went wrong, unless the reason says it. */
    private static String why(Row row) {
        String reason = row.textOrEmpty("reason");
        String error = row.textOrEmpty("error_msg");
        if (reason.isEmpty() || error.isEmpty() || reason.contains(error)) {
            return reason.isEmpty() ? error : reason;
        }
        return error + "; " + reason;
    }

    /** Whether it can be sent at once: it waits for its next attempt, or is dead. */
    public boolean canRetry() {
        return state.equals("retrying") || state.equals("scheduled") || state.equals("dead");
    }

    /** Whether there is something of it to take back. */
    public boolean canCancel() {
        return !state.equals("succeeded") && !state.equals("failed");
    }
}
