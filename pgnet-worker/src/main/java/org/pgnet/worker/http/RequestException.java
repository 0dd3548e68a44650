package org.pgnet.worker.http;

import org.pgnet.worker.spi.FailureKind;

/** A request cannot be sent, or cannot go on; the message is for the user who made it. */
public final class RequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;

    public RequestException(FailureKind kind, String message) {
        // No stack trace: this is a result, and a queue may be full of such requests.
        super(message, null, false, false);
        this.kind = kind;
    }

    /** What it says of later attempts. */
    public FailureKind kind() {
        return kind;
    }
}
