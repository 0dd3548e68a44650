package org.pgnet.worker.spi;

/** The process that the engine runs in. Backend thread. */
public interface WorkerProcess {
    /** Whether the process was asked to end. */
    boolean endRequested();

    /** Shows whether requests are queued or in flight. Cheap when nothing changed. */
    void reportActivity(boolean active);

    /**
     * Shows that the engine has begun, and why it sends nothing. Cheap when nothing changed.
     *
     * @param reason words for everybody, so nothing of a request; empty while requests are sent
     */
    void reportHalt(String reason);
}
