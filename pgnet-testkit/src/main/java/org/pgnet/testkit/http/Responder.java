package org.pgnet.testkit.http;

import java.util.Optional;

/** What the server does with a request. Called by the thread of the connection, so it may take its time. */
@FunctionalInterface
public interface Responder {
    /** The reply, or nothing: the connection is closed then, without one. */
    Optional<Reply> answer(ReceivedRequest request) throws InterruptedException;
}
