/**
 * What a host of the engine implements, and the values that cross between the two: the server's own background worker is
 * one host, a process outside could be another. Called by the backend thread only, but for what says "any thread". A database
 * that refuses is a {@link org.pgnet.worker.spi.StoreException}; anything else that a host throws ends the worker.
 */
package org.pgnet.worker.spi;
