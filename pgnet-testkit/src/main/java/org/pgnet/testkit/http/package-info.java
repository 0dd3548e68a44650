/**
 * Servers on loopback addresses that answer, fail, stall or say nothing, as a test wants.
 *
 * <p>Tests call from their own thread. Each server has daemon threads, one for a connection, and answers run there; it ends
 * with {@code close}. What a client does to a connection is no error of the server's.
 */
package org.pgnet.testkit.http;
