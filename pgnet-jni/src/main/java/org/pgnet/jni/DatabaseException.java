package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import org.pgnet.worker.spi.StoreException;

/** An error of PostgreSQL's. */
final class DatabaseException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final byte[] serverText;
    private final Source source;

    /** Who has chosen the SQLSTATE, by which depends what it says; as in native_call.c. */
    enum Source {
        /** PostgreSQL, for what the statement met. */
        STATEMENT,
        /** A user's function: it says nothing of the server. */
        FUNCTION,
        /** PostgreSQL, which is out of transaction ids and refuses to write anything. */
        TRANSACTION_IDS
    }

    /** @param serverText the message in the database's encoding, from which the exception's own may lack letters */
    DatabaseException(String sqlState, String message, byte[] serverText, Source source) {
        super(kind(sqlState, source), sqlState, message);
        this.serverText = serverText;
        this.source = source;
    }

    private static Kind kind(String sqlState, Source source) {
        return switch (source) {
            case STATEMENT -> SqlState.kind(sqlState);
            case FUNCTION -> Kind.UNKNOWN;
            case TRANSACTION_IDS -> Kind.OUTAGE;
        };
    }

    /** Whether recording in no other manner than this one can mend it. */
    boolean isFinal(Manner manner) {
        return switch (source) {
            case STATEMENT -> SqlState.isFinal(sqlState(), manner);
            case FUNCTION -> manner == Manner.WITHOUT_TRIGGERS;
            case TRANSACTION_IDS -> true;
        };
    }

    /** Whether it is said of all rows alike: another row would be refused too. */
    boolean isOfAllRows() {
        return source == Source.TRANSACTION_IDS || SqlState.isOutage(sqlState());
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
