package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import org.pgnet.worker.spi.StoreException;

/** An error of PostgreSQL's. */
final class DatabaseException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final byte[] serverText;

    /** @param serverText the message in the database's encoding, from which the exception's own may lack letters */
    DatabaseException(String sqlState, String message, byte[] serverText) {
        super(SqlState.kind(sqlState), sqlState, message);
        this.serverText = serverText;
    }

    /** A line for {@link Postgres#log}: this text, which is ASCII, and the message in the database's encoding. */
    byte[] detail(String before) {
        byte[] start = before.getBytes(StandardCharsets.US_ASCII);
        byte[] detail = new byte[start.length + serverText.length];
        System.arraycopy(start, 0, detail, 0, start.length);
        System.arraycopy(serverText, 0, detail, start.length, serverText.length);
        return detail;
    }
}
