package org.pgnet.server.database;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A row of a result, by the names of its columns. A column that the server does not have yet is empty, like a null. */
public record Row(Map<String, Object> columns) {
    public Row {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    static Row read(ResultSet rows) throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        Map<String, Object> columns = new LinkedHashMap<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.put(meta.getColumnLabel(i), value(rows, meta, i));
        }
        return new Row(columns);
    }

    private static Object value(ResultSet rows, ResultSetMetaData meta, int column) throws SQLException {
        return switch (meta.getColumnType(column)) {
            case Types.SMALLINT, Types.INTEGER, Types.BIGINT -> number(rows, column);
            case Types.REAL, Types.DOUBLE, Types.NUMERIC ->
                rows.getObject(column) instanceof Number number ? number.doubleValue() : null;
            case Types.BIT, Types.BOOLEAN -> rows.getObject(column);
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> instant(rows, column);
            case Types.BINARY -> rows.getBytes(column);
            default -> rows.getString(column);
        };
    }

    private static Long number(ResultSet rows, int column) throws SQLException {
        long value = rows.getLong(column);
        return rows.wasNull() ? null : value;
    }

    /** Infinite moments are none. */
    private static Instant instant(ResultSet rows, int column) throws SQLException {
        OffsetDateTime moment = rows.getObject(column, OffsetDateTime.class);
        boolean finite = moment != null && !moment.equals(OffsetDateTime.MAX) && !moment.equals(OffsetDateTime.MIN);
        return finite ? Timestamp.from(moment.toInstant()).toInstant() : null;
    }

    public boolean has(String column) {
        return columns.get(column) != null;
    }

    public Optional<String> text(String column) {
        return Optional.ofNullable(columns.get(column)).map(Object::toString);
    }

    /** The text of a column; an empty one when there is none. */
    public String textOrEmpty(String column) {
        return text(column).orElse("");
    }

    public Optional<Long> number(String column) {
        return columns.get(column) instanceof Number number ? Optional.of(number.longValue()) : Optional.empty();
    }

    public long numberOr(String column, long otherwise) {
        return number(column).orElse(otherwise);
    }

    public Optional<Double> real(String column) {
        return columns.get(column) instanceof Number number ? Optional.of(number.doubleValue()) : Optional.empty();
    }

    public boolean flag(String column) {
        return Boolean.TRUE.equals(columns.get(column));
    }

    public Optional<Instant> moment(String column) {
        return columns.get(column) instanceof Instant moment ? Optional.of(moment) : Optional.empty();
    }

    public Optional<byte[]> bytes(String column) {
        return columns.get(column) instanceof byte[] bytes ? Optional.of(bytes) : Optional.empty();
    }
}
