package org.pgnet.server.database;

import java.sql.Connection;
import java.sql.SQLException;

/** What is done with a connection. */
@FunctionalInterface
public interface SqlQuery<T> {
    T run(Connection connection) throws SQLException;
}
