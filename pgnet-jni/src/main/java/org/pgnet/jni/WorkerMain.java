package org.pgnet.jni;

import org.pgnet.curl.CurlLibrary;
import org.pgnet.worker.WorkerAgent;

/** The Java side's entry point, called by jvm.c on the background worker's main thread. */
final class WorkerMain {

    private WorkerMain() {}

    /**
     * Serves the database until the worker is asked to end. What it throws, jvm.c writes to the server's log; the worker
     * then ends and is started again.
     */
    static void run() {
        CurlLibrary.initialise();
        new WorkerAgent(new PostgresHost()).run();
    }
}
