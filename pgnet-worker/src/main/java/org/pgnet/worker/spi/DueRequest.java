package org.pgnet.worker.spi;

/**
 * A committed request that may be sent now.
 *
 * @param key what identifies it
 * @param http what is to be sent
 */
public record DueRequest(RequestKey key, HttpRequest http) {}
