package org.pgnet.worker.spi;

/** The database refused a statement; it was rolled back. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String sqlState;

    /**
     * @param sqlState the five characters of the error's SQLSTATE
     * @param message the error's message
     */
    public StoreException(String sqlState, String message) {
        super(message);
        this.sqlState = sqlState;
    }

    /** The five characters of the error's SQLSTATE. */
    public String sqlState() {
        return sqlState;
    }

    /** The first two characters of the SQLSTATE: its class. */
    public String sqlStateClass() {
        return sqlState.substring(0, 2);
    }
}
