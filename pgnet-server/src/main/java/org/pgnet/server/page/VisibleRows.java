package org.pgnet.server.page;

import org.pgnet.server.database.Capabilities;

/**
 * Pieces of statements that read a bounded number of rows for each role. Where row-level security hides rows, a role may see none of
 * millions, and no LIMIT ends the search: requests are then looked for among the newest ids, and dead letters owner by owner.
 */
final class VisibleRows {
    /** The id that no request has yet. Its function is stable, so that plans are made for the ids that there are. */
    static final String END = "net._newest_id() + 1";

    private static final int IDS = 30_000;
    /** Compared together with the moment, so that each plan reads one owner's letters along the index, and no others. */
    private static final String LETTERS_OF_ROLE = """
            (select l.* from (select oid from pg_roles where pg_has_role(oid, 'USAGE')) member, lateral (
                select * from net.dead_letters l
                where (l.owner, l.died) >= (member.oid, %1$s) and (l.owner, l.died) < (member.oid, %2$s)
                order by l.owner desc, l.died desc limit %3$d) l
            order by l.died desc limit %3$d)\
            """;

    private static final String LETTERS = "(select * from net.dead_letters l where l.died >= %1$s and l.died < %2$s"
            + " order by l.died desc limit %3$d)";

    private VisibleRows() {}

    /** The condition that a column of ids has one of the newest ids below an end. */
    static String areNewest(String id, String end) {
        return id + " < " + end + " and " + id + " >= " + end + " - " + IDS;
    }

    /** The lowest of these ids; null when there is none below it. */
    static String lowest(String end) {
        return "nullif(greatest(" + end + " - " + IDS + ", 0), 0)";
    }

    /**
     * The newest dead letters that the role sees, as it stands after FROM.
     *
     * @param since an expression: the moment since which they died
     * @param before and before which
     */
    static String deadLetters(Capabilities has, String since, String before, int most) {
        return (has.rowsMayBeHidden() ? LETTERS_OF_ROLE : LETTERS).formatted(since, before, most);
    }

    /** However long ago they died. */
    static String deadLetters(Capabilities has, int most) {
        return deadLetters(has, "'-infinity'", "'infinity'", most);
    }
}
