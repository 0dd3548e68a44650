package org.pgnet.worker.spi;

import java.util.List;

/**
 * What one read of the queue brought.
 *
 * @param requests in the order of their ids; the reader owns their bodies
 * @param complete whether these are all that the range holds now
 */
public record Fetched(List<DueRequest> requests, boolean complete) {}
