/**
 * Where Java and PostgreSQL meet: the natives of the extension's C library and the worker's interfaces on top of them.
 *
 * <p>{@link org.pgnet.jni.WorkerMain} is called by the background worker on its main thread, the one thread that may call
 * PostgreSQL: every method here runs on it, but for those that say otherwise and call no PostgreSQL. An error of PostgreSQL
 * comes as a {@link org.pgnet.worker.spi.StoreException}, its transaction rolled back; a call from another thread is an {@link
 * java.lang.IllegalStateException}.
 */
package org.pgnet.jni;
