package org.pgnet.worker.spi;

/** What keeps requests that wait from starting: the first thing that would have to change. */
public enum Hindrance {
    /** Nothing, or the requests do not wait. */
    NOTHING,
    /** Their host is paused. */
    PAUSED,
    /** The breaker of their endpoint. */
    BREAKER,
    /** Their server has asked to be left alone. */
    ASKED_TO_WAIT,
    /** The rate of their host. */
    RATE,
    /** The most in flight that their host may have. */
    MAX_IN_FLIGHT,
    /** Others have their turn: the most in flight to any one origin. */
    CONNECTIONS,
    /** Others have their turn: the most in flight of all. */
    SLOTS
}
