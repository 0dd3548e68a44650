package org.pgnet.worker.spi;

import java.util.List;

/**
 * What one read of the queue brought.
 *
 * @param requests in the order of their ids; the reader owns their bodies
 * @param complete whether these are all that the range holds now; false too when there are as many as were asked for, since
 *     more may follow
 */
public record Fetched(List<DueRequest> requests, boolean complete) {}
