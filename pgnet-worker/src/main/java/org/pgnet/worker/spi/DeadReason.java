package org.pgnet.worker.spi;

/** Why a failed request is not retried. */
public enum DeadReason {
    /** The attempts, or the time for them, are used up. */
    EXHAUSTED,
    /** Its policy does not retry this outcome. */
    REJECTED,
    /** What stands in the way does not go away by itself: a refused host or address, a certificate, the request. */
    REFUSED,
    /** Another attempt would begin after the time that its caller gave it. */
    EXPIRED,
    /** Its webhook is disabled, since its receiver has said that nothing more is wanted, or by a person. */
    GONE
}
