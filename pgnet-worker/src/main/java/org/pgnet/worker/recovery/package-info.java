/**
 * What is known after a process of the worker ended abnormally: which requests were in flight, and what becomes of them.
 * Only for a host whose memory outlives a crash. Backend thread, but for the one method of {@link
 * org.pgnet.worker.recovery.Journal} that the transfer thread calls. Throws nothing.
 */
package org.pgnet.worker.recovery;
