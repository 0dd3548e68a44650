package org.pgnet.jni;

/** What is counted of a worker, as in counters.h. */
enum Counter {
    /** Requests that were begun and are not recorded. */
    IN_FLIGHT,
    /** Requests that got a response, whatever its status. */
    DONE,
    /** Requests that got none. */
    FAILED,
    /** Those of the failed whose own timeout ended them. */
    TIMED_OUT,
    /** Bytes of response bodies. */
    BYTES_IN,
    /** Bytes of request bodies. */
    BYTES_OUT,
    /** Outcomes that wait because their rows are locked or refused, while others are recorded. */
    SET_ASIDE,
    /** How often requests were sent. */
    ATTEMPTS
}
