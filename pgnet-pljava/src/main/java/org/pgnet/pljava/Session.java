package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** The database session that this code runs in. */
final class Session {
    private Session() {}

    /** Its connection, which nobody closes. */
    static Connection connection() throws SQLException {
        return DriverManager.getConnection("jdbc:default:connection");
    }
}
