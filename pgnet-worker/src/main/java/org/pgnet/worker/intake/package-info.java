/**
 * What is read of the queue and when, as many requests as are worth holding in memory; the rest stays ranges of ids. Backend
 * thread. A database that refuses is waited out.
 */
package org.pgnet.worker.intake;
