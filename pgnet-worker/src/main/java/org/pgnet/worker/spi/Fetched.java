package org.pgnet.worker.spi;

import java.util.List;

/**
 * The result of one read of the queue.
 *
 * @param requests in the order of their ids; the reader owns their bodies
 * @param complete whether these are all due requests of the range; also false if there are as many as were asked for, since
 *     more may follow
 * @param last the last id that was searched; meaningless if complete
 */
public record Fetched(List<DueRequest> requests, boolean complete, long last) {

    /** What has no meaning does not differ. */
    public Fetched {
        last = complete ? Long.MAX_VALUE : last;
    }

    /** All that a range holds. */
    public static Fetched all(List<DueRequest> requests) {
        return new Fetched(requests, true, Long.MAX_VALUE);
    }

    /** The first ones of a range, at least one. */
    public static Fetched first(List<DueRequest> requests) {
        return new Fetched(
                requests, false, requests.get(requests.size() - 1).key().id());
    }
}
