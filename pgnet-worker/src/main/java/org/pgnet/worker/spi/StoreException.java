package org.pgnet.worker.spi;

/** The database refused a statement; it was rolled back. */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String sqlState;

    /** What the refusal says of later attempts. */
    public enum Kind {
        /** What the rows contain is refused, and will be again. */
        ROW,
        /** The database cannot do it now; later it may. */
        OUTAGE,
        /** Either of the two: only another attempt tells. */
        UNKNOWN
    }

    /**
     * @param kind what the store makes of the SQLSTATE
     * @param sqlState the five characters of the error's SQLSTATE, for people
     * @param message the error's message
     */
    public StoreException(Kind kind, String sqlState, String message) {
        super(message);
        this.kind = kind;
        this.sqlState = sqlState;
    }

    /** What the refusal says of later attempts. */
    public Kind kind() {
        return kind;
    }

    /** The five characters of the error's SQLSTATE, for people. */
    public String sqlState() {
        return sqlState;
    }
}
