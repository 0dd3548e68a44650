package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Properties;
import java.util.logging.Logger;

/** Lends a connection of pgjdbc to code that asks for the one of its session, as it has one within PL/Java. */
final class DefaultConnection implements Driver {
    private static final ThreadLocal<Connection> LENT = new ThreadLocal<>();

    static {
        try {
            DriverManager.registerDriver(new DefaultConnection());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private DefaultConnection() {}

    /** From now on, this is the session's connection on this thread. */
    static void lend(Connection connection) {
        LENT.set(connection);
    }

    @Override
    public Connection connect(String url, Properties properties) {
        return acceptsURL(url) ? LENT.get() : null;
    }

    @Override
    public boolean acceptsURL(String url) {
        return url.equals("jdbc:default:connection");
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }
}
