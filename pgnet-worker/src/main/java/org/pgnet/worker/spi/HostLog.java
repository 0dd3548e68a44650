package org.pgnet.worker.spi;

/** The log of the server, or of the process. Backend thread. */
public interface HostLog {
    /** Writes one line that tells of the ordinary. */
    void log(String message);

    /** Writes one line that somebody should see to. */
    void warn(String message);
}
