package org.pgnet.worker.spi;

import java.util.List;

/**
 * Requests that wait for another attempt because the last one did not reach their endpoint.
 *
 * @param requests in the order of their ids
 * @param reached the highest id that was searched; the next search continues after it
 * @param complete whether nothing follows it
 */
public record FailedRequests(List<Attempted> requests, long reached, boolean complete) {

    /**
     * One of them.
     *
     * @param url its URL; what is behind the first {@link org.pgnet.worker.http.Origins#LONGEST_READ} characters may be missing
     * @param isMessage whether it is of a webhook or signed
     */
    public record Attempted(long id, String url, boolean isMessage) {}
}
