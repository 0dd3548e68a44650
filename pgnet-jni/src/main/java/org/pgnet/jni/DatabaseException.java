package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import org.pgnet.worker.spi.StoreException;

/** An error of PostgreSQL's. */
final class DatabaseException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final byte[] serverText;
    private final boolean isRaisedByFunction;

    /**
     * @param serverText the message in the database's encoding, from which the exception's own may lack letters
     * @param isRaisedByFunction whether a user's function chose the SQLSTATE, which then says nothing of the server
     */
    DatabaseException(String sqlState, String message, byte[] serverText, boolean isRaisedByFunction) {
        super(isRaisedByFunction ? Kind.UNKNOWN : SqlState.kind(sqlState), sqlState, message);
        this.serverText = serverText;
        this.isRaisedByFunction = isRaisedByFunction;
    }

    /** Whether recording in no other manner than this one can mend it. */
    boolean isFinal(Manner manner) {
        return isRaisedByFunction ? manner == Manner.WITHOUT_TRIGGERS : SqlState.isFinal(sqlState(), manner);
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
