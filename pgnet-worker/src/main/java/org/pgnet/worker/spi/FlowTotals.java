package org.pgnet.worker.spi;

/**
 * What became of the requests of one owner to one origin since the worker started, by the origin of the request's URL.
 *
 * @param started how often they were sent; the hops of a redirect count as one
 * @param failed of these, how often no response came
 * @param retried of these, how often the request was put off to be sent again
 */
public record FlowTotals(long started, long failed, long retried) {

    /** None. */
    public static final FlowTotals NONE = new FlowTotals(0, 0, 0);

    /** With one more. */
    public FlowTotals plus(boolean hasFailed, boolean isRetried) {
        return new FlowTotals(started + 1, failed + (hasFailed ? 1 : 0), retried + (isRetried ? 1 : 0));
    }
}
