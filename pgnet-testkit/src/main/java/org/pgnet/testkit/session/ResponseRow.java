package org.pgnet.testkit.session;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * A row of net.responses.
 *
 * @param status the status code, 0 when it is null
 * @param headers the JSON object as jsonb prints it
 * @param content the body as text
 * @param bodyHex the body as bytes, where it is no text; in hexadecimal
 */
public record ResponseRow(
        int status,
        Optional<String> contentType,
        Optional<String> headers,
        Optional<String> content,
        Optional<String> bodyHex,
        boolean timedOut,
        Optional<String> error) {

    /** What to select for {@link #read}. */
    public static final String COLUMNS =
            "status_code, content_type, headers::text, content, encode(body, 'hex'), timed_out, error_msg";

    /** The row that the result is at, which has {@link #COLUMNS}. */
    public static ResponseRow read(ResultSet row) throws SQLException {
        return new ResponseRow(
                row.getInt(1),
                Optional.ofNullable(row.getString(2)),
                Optional.ofNullable(row.getString(3)),
                Optional.ofNullable(row.getString(4)),
                Optional.ofNullable(row.getString(5)),
                row.getBoolean(6),
                Optional.ofNullable(row.getString(7)));
    }

    /** Whether it says why there is no response, and nothing else. */
    public boolean isFailure() {
        return status == 0
                && contentType.isEmpty()
                && headers.isEmpty()
                && content.isEmpty()
                && bodyHex.isEmpty()
                && error.isPresent();
    }
}
