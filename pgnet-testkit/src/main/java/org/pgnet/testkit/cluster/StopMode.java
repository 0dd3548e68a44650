package org.pgnet.testkit.cluster;

/** How a server is stopped: the modes of {@code pg_ctl stop}. */
public enum StopMode {
    /** Waits for sessions to end. */
    SMART,
    /** Ends sessions, writes a checkpoint. */
    FAST,
    /** A crash, as far as the data are concerned: recovery at the next start. */
    IMMEDIATE;

    String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
