package org.pgnet.worker.spi;

/**
 * What requests of one owner can find broken or busy together.
 *
 * @param owner as in {@link DueRequest#owner}
 * @param name the origin, as {@link org.pgnet.worker.http.Origins} gives it
 */
public record Endpoint(long owner, String name) {}
