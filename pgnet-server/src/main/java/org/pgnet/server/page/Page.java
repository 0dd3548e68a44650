package org.pgnet.server.page;

import java.sql.SQLException;

/** A page: how it looks now. */
public interface Page {
    View view(Look look) throws SQLException;
}
