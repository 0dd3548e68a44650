package org.pgnet.worker.spi;

/**
 * The key of requests that are sent one after the other.
 *
 * @param owner whose requests they are
 * @param name as in {@link Delivery#orderKey}
 */
public record OrderKey(long owner, String name) {}
