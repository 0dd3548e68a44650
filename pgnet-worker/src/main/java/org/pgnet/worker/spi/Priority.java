package org.pgnet.worker.spi;

/** Which of the requests of one owner to one origin start first. */
public enum Priority {
    /** Before all others. */
    URGENT,
    /** What a request has that says nothing. */
    NORMAL,
    /** After all others, but not never: it has a small share of the starts while others wait. */
    BULK
}
