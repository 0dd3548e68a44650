package org.pgnet.worker.spi;

import java.util.List;

/**
 * Requests that wait for another attempt, since their endpoint was not there for the last one.
 *
 * @param requests in the order of their ids
 * @param reached the highest id that was looked at; the next look goes on behind it
 * @param complete whether there is nothing behind it
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
