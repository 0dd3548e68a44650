package org.pgnet.worker.spi;

/**
 * What identifies one queued request. The id alone does not: after {@code TRUNCATE ... RESTART IDENTITY} or a new {@code
 * CREATE EXTENSION} another request has the same one.
 *
 * @param tableOid the OID of the queue table
 * @param id the request id
 * @param xmin the transaction that wrote the row, an unsigned 32-bit number
 */
public record RowVersion(int tableOid, long id, int xmin) {}
