/**
 * What becomes of outcomes: they are recorded in batches, and deleted when they are old. Backend thread. A database that
 * refuses is waited out, one row that it refuses is found and replaced.
 */
package org.pgnet.worker.record;
