package org.pgnet.worker.http;

/** A request cannot be sent, or not any further; the message is for the user who made it. */
public final class RequestException extends Exception {
    private static final long serialVersionUID = 1L;

    public RequestException(String message) {
        // No stack trace: this is a result, and a queue may be full of such requests.
        super(message, null, false, false);
    }
}
