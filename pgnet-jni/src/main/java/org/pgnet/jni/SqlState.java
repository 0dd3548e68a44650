package org.pgnet.jni;

import org.pgnet.worker.spi.StoreException;

/** What PostgreSQL's SQLSTATEs mean to the worker (PostgreSQL's appendix "Error Codes"). */
final class SqlState {

    private SqlState() {}

    /** What a statement was refused for. */
    static StoreException.Kind kind(String sqlState) {
        return switch (sqlState) {
            // By temp_file_limit, which is a limit of one statement.
            case "53400" -> StoreException.Kind.ROW;
            // What one large row needs may be more than there is.
            case "53200" -> StoreException.Kind.UNKNOWN;
            // Somebody else holds a lock, or uses what would be changed.
            case "55P03", "55006" -> StoreException.Kind.OUTAGE;
            default -> kindOfClass(classOf(sqlState));
        };
    }

    private static StoreException.Kind kindOfClass(String sqlClass) {
        return switch (sqlClass) {
            // Data exception, integrity constraint violation, program limit exceeded: by what the rows contain.
            case "22", "23", "54" -> StoreException.Kind.ROW;
            // Transaction state, rollback, resources, intervention, system.
            case "25", "40", "53", "57", "58" -> StoreException.Kind.OUTAGE;
            // Whatever a user's constraint, index, rule or function has raised, connections to other servers and
            // sequences
            // that were not used among it, and what PostgreSQL did not foresee.
            default -> StoreException.Kind.UNKNOWN;
        };
    }

    /** Whether reading one row after the other cannot mend it: it was interrupted, or a table is locked. */
    static boolean isOfNoRow(String sqlState) {
        return classOf(sqlState).equals("57") || sqlState.equals("55P03");
    }

    /** Whether another manner of recording cannot mend it. */
    static boolean isFinal(String sqlState, Manner manner) {
        return switch (classOf(sqlState)) {
            // Insufficient resources, operator intervention, system error.
            case "53", "57", "58" -> true;
            // Not in prerequisite state (a lock that is not available), transaction rollback.
            case "55", "40" -> manner != Manner.TRUSTFUL;
            default -> manner == Manner.WITHOUT_TRIGGERS;
        };
    }

    /** Whether it is said of all rows alike: another row would be refused too. */
    static boolean isOutage(String sqlState) {
        return switch (classOf(sqlState)) {
            // Insufficient resources, operator intervention, system error.
            case "53", "57", "58" -> true;
            default -> false;
        };
    }

    /** Whether somebody else is in the way, for now: a lock that is not available, a deadlock. */
    static boolean isPassing(String sqlState) {
        return switch (classOf(sqlState)) {
            case "55", "40" -> true;
            default -> false;
        };
    }

    private static String classOf(String sqlState) {
        return sqlState.substring(0, 2);
    }
}
