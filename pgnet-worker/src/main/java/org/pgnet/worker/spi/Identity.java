package org.pgnet.worker.spi;

/**
 * Identifies the database that a worker serves, across clusters.
 *
 * @param systemIdentifier the cluster's
 * @param database its number in the cluster
 */
public record Identity(long systemIdentifier, long database) {}
