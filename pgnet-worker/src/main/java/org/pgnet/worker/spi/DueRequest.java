package org.pgnet.worker.spi;

/**
 * A committed request that may be sent now.
 *
 * @param key what identifies it
 * @param owner whose it is, a number of the store's: what a connection or a TLS session keeps serves one owner only
 * @param http what is to be sent
 */
public record DueRequest(RequestKey key, long owner, HttpRequest http) {}
