package org.pgnet.worker.spi;

import java.time.Instant;

/**
 * Totals of one owner's requests to one origin since the worker started, by the origin of the request's URL.
 *
 * @param started how often they were sent; the hops of a redirect count as one
 * @param failed of these, how often no response came
 * @param retried of these, how often the request was scheduled for another attempt
 * @param lastError why the last of those failed that got no response, or one of status 400 or more; empty for none
 * @param lastFailed when that was; {@link Instant#MIN} for never
 */
public record FlowTotals(long started, long failed, long retried, String lastError, Instant lastFailed) {

    /** None. */
    public static final FlowTotals NONE = new FlowTotals(0, 0, 0, "", Instant.MIN);

    /** With one more that got a response. */
    public FlowTotals plusAnswered() {
        return new FlowTotals(started + 1, failed, retried, lastError, lastFailed);
    }

    /** With one more that got no response, or one that tells of an error. */
    public FlowTotals plusFailed(boolean gotResponse, boolean isRetried, String error, Instant when) {
        return new FlowTotals(started + 1, failed + (gotResponse ? 0 : 1), retried + (isRetried ? 1 : 0), error, when);
    }
}
