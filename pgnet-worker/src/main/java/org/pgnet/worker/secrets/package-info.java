/**
 * Secrets: where a name in braces stands for one, what is known of each, and signatures. The table is filled by the backend
 * thread and asked by the transfer thread; the rest is the transfer thread's. Values are in native memory that is overwritten,
 * and in no message.
 */
package org.pgnet.worker.secrets;
