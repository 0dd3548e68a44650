package org.pgnet.worker.spi;

/** The process that the engine runs in. Backend thread. */
public interface WorkerProcess {
    /** Whether the process was asked to end. */
    boolean endRequested();

    /** Shows whether requests are queued or in flight. Cheap when nothing changed. */
    void reportActivity(boolean active);
}
