/**
 * Nothing committed is lost: requests of several sessions, faults injected at random moments by seed, and an account of
 * every request at the end.
 *
 * <p>{@link org.pgnet.jni.torture.TortureIT} is the entry. {@link org.pgnet.jni.torture.Torture} runs the clients and
 * injects one {@link org.pgnet.jni.torture.Fault} after the other, {@link org.pgnet.jni.torture.Receiver} counts what was
 * sent, and {@link org.pgnet.jni.torture.Ledger} compares. The clients have threads of their own; the faults and the
 * account are the test's thread.
 */
package org.pgnet.jni.torture;
