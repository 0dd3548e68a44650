package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pgnet.server.database.Row;

/** A row of net.doctor(). */
public record Finding(
        Tone tone, String severity, String finding, String advice, Optional<String> sql, Optional<Instant> since) {
    /** What PostgreSQL refuses inside a transaction, or is for a shell. */
    private static final Pattern BY_HAND =
            Pattern.compile("(?is).*\\balter\\s+system\\b.*|\\s*(vacuum|reindex|create\\s+index).*");

    public static final String QUERY = "select severity, finding, advice, sql, since from net.doctor()";

    /** All findings, the worst first; none when the extension has no doctor. */
    static List<Finding> all(Look look) throws SQLException {
        return look.has().doctor()
                ? look.calmRows(QUERY).stream().map(Finding::of).toList()
                : List.of();
    }

    public static Finding of(Row row) {
        return new Finding(
                Tone.of(row.textOrEmpty("severity")),
                row.textOrEmpty("severity"),
                row.textOrEmpty("finding"),
                row.textOrEmpty("advice"),
                row.text("sql"),
                row.moment("since"));
    }

    /** Whether the page can run its statement: in a transaction, and as it stands. */
    public boolean canRun() {
        return sql.filter(text -> !BY_HAND.matcher(text).matches()).isPresent();
    }

    /** By this a form says which finding it is about; the statement itself comes from the database again. */
    public String key() {
        return Integer.toHexString((finding + "\0" + sql.orElse("")).hashCode());
    }
}
