package org.pgnet.jni;

import java.sql.SQLException;
import org.pgnet.testkit.session.Session;
import org.postgresql.util.PSQLException;

/** How a call puts its row into the queue: an error of the row's check has the statement, if there is one, in its context. */
enum Way {
    DIRECT,
    STATEMENT,
    /** The row was not checked at all. */
    UNCHECKED;

    /** The way of a call that this session makes now. */
    static Way of(Session session) throws SQLException {
        try {
            session.query("SELECT net.http_get('ftp://127.0.0.1/')");
            return UNCHECKED;
        } catch (PSQLException e) {
            if (!e.getMessage().contains("invalid URL")) {
                throw e;
            }
            String context = e.getServerErrorMessage().getWhere();
            return context == null || !context.contains("INSERT INTO net.http_request_queue") ? DIRECT : STATEMENT;
        }
    }
}
