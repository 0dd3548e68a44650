package org.pgnet.worker.spi;

import java.util.List;

/**
 * The contents of a part of the queue, without reading the requests.
 *
 * @param runs in the order of their ids
 * @param complete whether these are all requests of the range
 * @param last the last id that was searched; meaningless if complete
 * @param rows how many rows were read
 */
public record Survey(List<Run> runs, boolean complete, long last, int rows) {
    /** In the place of an origin that only reading the request can tell. */
    public static final long UNKNOWN_ORIGIN = 0;

    /**
     * Requests that may be sent now and that follow each other in the queue. What is not due, or waits for another of its
     * order key, belongs to none.
     *
     * @param origin {@link org.pgnet.worker.http.OriginNumber} of the endpoint that they go to, or {@link #UNKNOWN_ORIGIN}
     * @param count how many there are
     */
    public record Run(IdRange ids, long owner, long origin, Priority priority, int count) {}
}
