package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** What did not get through, in groups, and a sample of each. */
public final class DeadLettersPage implements Page {
    private static final int NEWEST = 10_000;
    private static final int ROWS = 50;
    private static final String GROUPS = "select coalesce(host, '') as host, reason, status_code, count(*) as letters,"
            + " min(died) as first, max(died) as last, max(id) as sample, min(left(error_msg, 300)) as error, count(*)"
            + " filter (where created < now() - interval '24 hours') as old from %s newest"
            + " group by 1, 2, 3 order by count(*) desc, max(died) desc limit 100";

    /** @param capped whether there are more than were looked at */
    public record Model(
            List<Group> groups, boolean capped, List<Letter> letters, Optional<String> further, String shown) {
        public long total() {
            return groups.stream().mapToLong(Group::letters).sum();
        }
    }

    /**
     * Dead letters with the same host, reason and status.
     *
     * @param old how many are older than the day for which receivers remember idempotency keys
     */
    public record Group(
            String host,
            String reason,
            Optional<Long> status,
            long letters,
            Optional<Instant> first,
            Optional<Instant> last,
            long sample,
            String error,
            long old) {
        static Group of(Row row) {
            return new Group(
                    row.textOrEmpty("host"),
                    row.textOrEmpty("reason"),
                    row.number("status_code"),
                    row.numberOr("letters", 0),
                    row.moment("first"),
                    row.moment("last"),
                    row.numberOr("sample", 0),
                    row.textOrEmpty("error"),
                    row.numberOr("old", 0));
        }
    }

    /** One of them. */
    public record Letter(
            long id,
            Place place,
            String method,
            String reason,
            Optional<Long> status,
            long attempts,
            String owner,
            Optional<Instant> died) {
        static Letter of(Row row) {
            return new Letter(
                    row.numberOr("id", 0),
                    Place.of(row.textOrEmpty("url")),
                    row.textOrEmpty("method"),
                    row.textOrEmpty("reason"),
                    row.number("status_code"),
                    row.numberOr("attempts", 0),
                    row.textOrEmpty("owner"),
                    row.moment("died"));
        }
    }

    @Override
    public View view(Look look) throws SQLException {
        List<Group> groups = look.calmRows(GROUPS.formatted(VisibleRows.deadLetters(look.has(), NEWEST))).stream()
                .map(Group::of)
                .toList();
        String host = look.query().value("host").orElse("");
        List<Row> rows = letters(look, host);
        Model model = new Model(
                groups,
                groups.stream().mapToLong(Group::letters).sum() >= NEWEST,
                rows.stream().limit(ROWS).map(Letter::of).toList(),
                rows.size() > ROWS ? Optional.of(further(look, rows.get(ROWS - 1))) : Optional.empty(),
                host);
        return new View("Dead letters", "dead.jte", model, Map.of("groups", "part/groups.jte"));
    }

    /**
     * Keyset pages: those that died before the last one shown. A host is compared together with the moment, so that no plan looks
     * for a rare one among all letters; where row-level security hides some, it is looked for among the newest that are seen.
     */
    private static List<Row> letters(Look look, String host) throws SQLException {
        String before = look.query()
                .value("before")
                .filter(text -> text.matches("[0-9T:.Z-]{10,40}"))
                .orElse("infinity");
        String columns =
                "select id, left(url, 2000) as url, method, reason, status_code, attempts, pg_get_userbyid(owner) as"
                        + " owner, died from ";
        String limit = " desc limit " + (ROWS + 1);
        if (host.isEmpty()) {
            return look.rows(columns + diedBefore(look, ROWS + 1) + " l order by died" + limit, before);
        }
        return look.has().rowsMayBeHidden()
                ? look.rows(
                        columns + diedBefore(look, NEWEST) + " l where host = ? order by died" + limit, before, host)
                : look.rows(
                        columns
                                + "net.dead_letters where (host, died) < (?, cast(? as timestamptz)) and (host, died)"
                                + " >= (?, '-infinity') order by host desc, died"
                                + limit,
                        host,
                        before,
                        host);
    }

    private static String diedBefore(Look look, int most) {
        return VisibleRows.deadLetters(look.has(), "'-infinity'", "cast(? as timestamptz)", most);
    }

    private static String further(Look look, Row last) {
        return "/dead"
                + look.query()
                        .with("before", last.moment("died").orElseThrow().toString())
                        .encoded();
    }
}
