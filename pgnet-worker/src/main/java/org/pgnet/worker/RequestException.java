package org.pgnet.worker;

/** A request cannot be sent, or not any further; the message is for the user who made it. */
final class RequestException extends Exception {
    private static final long serialVersionUID = 1L;

    RequestException(String message) {
        // No stack trace: this is a result, and a queue may be full of such requests.
        super(message, null, false, false);
    }
}
