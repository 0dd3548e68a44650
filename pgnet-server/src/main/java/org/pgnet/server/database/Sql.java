package org.pgnet.server.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements and the rows that they return. */
public final class Sql {
    private Sql() {}

    /** The rows of a query, whose question marks stand for the arguments. */
    public static List<Row> rows(Connection connection, String sql, Object... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                List<Row> rows = new ArrayList<>();
                while (result.next()) {
                    rows.add(Row.read(result));
                }
                return rows;
            }
        }
    }

    /** The first row, if there is one. */
    public static Optional<Row> row(Connection connection, String sql, Object... arguments) throws SQLException {
        return rows(connection, sql, arguments).stream().findFirst();
    }

    /** Runs a statement as it is shown to people, literals and all. Returns its rows, or none when it has none. */
    public static List<Row> run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // A question mark in a literal is no parameter.
            statement.setEscapeProcessing(false);
            List<Row> rows = new ArrayList<>();
            if (statement.execute(sql)) {
                try (ResultSet result = statement.getResultSet()) {
                    while (result.next()) {
                        rows.add(Row.read(result));
                    }
                }
            }
            return rows;
        }
    }

    /** A string constant of SQL, in the form that the server reads the same whatever its settings are. */
    public static String literal(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a text cannot have the character NUL");
        }
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
    }
}
