package org.pgnet.worker.spi;

/**
 * Which database a worker serves, among those of any cluster.
 *
 * @param systemIdentifier the cluster's
 * @param database its number in the cluster
 */
public record Identity(long systemIdentifier, long database) {}
