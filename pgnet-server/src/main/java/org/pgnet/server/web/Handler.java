package org.pgnet.server.web;

/** Answers calls that have passed the guard: with the right Host, and with the session's token when they change something. */
@FunctionalInterface
public interface Handler {
    Answer answer(Call call) throws Exception;
}
