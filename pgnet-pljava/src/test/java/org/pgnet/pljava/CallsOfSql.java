package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Calls them in SQL, whatever language their bodies are in. */
record CallsOfSql(Connection connection) implements Calls {

    @Override
    public long request(String signature, List<Object> arguments) throws SQLException {
        String types = signature.substring(signature.indexOf('(') + 1, signature.length() - 1);
        String name = signature.substring(0, signature.indexOf('('));
        String call = "SELECT net." + name + "(?::" + types.replace(", ", ", ?::") + ")";
        try (PreparedStatement statement = connection.prepareStatement(call)) {
            for (int i = 0; i < arguments.size(); i++) {
                statement.setObject(i + 1, arguments.get(i));
            }
            return firstRow(statement).getLong(1);
        }
    }

    @Override
    public String collect(Long requestId, Boolean async) throws SQLException {
        String call = "SELECT concat_ws('|', status, message, (response).status_code, (response).headers,"
                + " coalesce((response).body, CASE WHEN status = 'SUCCESS' THEN 'null' END))"
                + " FROM net.http_collect_response(?::bigint, ?::boolean)";
        try (PreparedStatement statement = connection.prepareStatement(call)) {
            statement.setObject(1, requestId);
            statement.setObject(2, async);
            return firstRow(statement).getString(1);
        }
    }

    private static ResultSet firstRow(PreparedStatement statement) throws SQLException {
        ResultSet rows = statement.executeQuery();
        if (!rows.next()) {
            throw new AssertionError("no row: " + statement);
        }
        return rows;
    }
}
