package org.pgnet.server.site;

import java.sql.SQLException;
import java.sql.SQLTransientException;

/**
 * A failure of the database for people: what it is, and what to do.
 *
 * @param passing whether it may go by itself, so that the page asks again
 */
public record Problem(String title, String text, String detail, boolean passing) {
    private static final String QUERY_CANCELED = "57014";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final int LONGEST_DETAIL = 2_000;

    static Problem of(SQLException failure) {
        SQLException cause = cause(failure);
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        String detail = cut(String.valueOf(cause.getMessage()));
        if (isRefused(state)) {
            return new Problem(
                    "The database refuses this role.", "Its password may have changed. Log in again.", detail, false);
        }
        if (state.equals(QUERY_CANCELED) || state.equals(LOCK_NOT_AVAILABLE)) {
            return new Problem(
                    "This took more than two seconds.",
                    "The page gives up then, so as not to be a load. Narrow the view, or try again.",
                    detail,
                    true);
        }
        if (state.equals("42501")) {
            return new Problem(
                    "This role may not see this.", "Log in as another role, or have the right granted.", detail, false);
        }
        if (isDown(cause, state)) {
            return new Problem(
                    "The database does not answer.",
                    "This page goes on by itself when it does. Nothing is lost.",
                    detail,
                    true);
        }
        return new Problem("The database refuses this.", "What it says is below.", detail, false);
    }

    /** Whether the role and its password are not accepted; 08004 is what pgjdbc says of an empty one. */
    static boolean isRefused(String state) {
        return state.startsWith("28") || state.equals("08004");
    }

    static boolean isDown(SQLException failure, String state) {
        return state.startsWith("08")
                || state.startsWith("57P")
                || state.startsWith("53")
                || failure instanceof SQLTransientException;
    }

    /** A pool that waited in vain says in its cause what it waited for. */
    static SQLException cause(SQLException failure) {
        return failure instanceof SQLTransientException && failure.getCause() instanceof SQLException cause
                ? cause
                : failure;
    }

    private static String cut(String text) {
        return text.length() > LONGEST_DETAIL ? text.substring(0, LONGEST_DETAIL) + "…" : text;
    }
}
