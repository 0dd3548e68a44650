package org.pgnet.pljava;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;

/**
 * The body of a request, null for none. The database encodes text, since it knows what its own encoding is.
 *
 * @param type the Content-Type that says what it is
 * @param column the expression of the table's column {@code body}, of one parameter
 */
record Body(Object value, String type, String column) {
    static final String JSON_TYPE = "application/json";

    /** JSON, which is written as jsonb prints it. */
    static Body json(String text) {
        return new Body(text, JSON_TYPE, "pg_catalog.convert_to(?::pg_catalog.jsonb::pg_catalog.text, 'UTF8')");
    }

    /** Text, sent in UTF-8. */
    static Body text(String text) {
        return new Body(text, "text/plain; charset=utf-8", "pg_catalog.convert_to(?, 'UTF8')");
    }

    /** Bytes, sent as they are. */
    static Body bytes(byte[] bytes) {
        return new Body(bytes, "application/octet-stream", "?");
    }

    static Body none() {
        return bytes(null);
    }

    boolean isPresent() {
        return value != null;
    }

    void set(PreparedStatement statement, int parameter) throws SQLException {
        if (value instanceof byte[] bytes) {
            statement.setBytes(parameter, bytes);
        } else if (value instanceof String text) {
            statement.setString(parameter, text);
        } else {
            statement.setNull(parameter, column.equals("?") ? Types.VARBINARY : Types.VARCHAR);
        }
    }
}
