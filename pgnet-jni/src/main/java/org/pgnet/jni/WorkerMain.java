package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import org.pgnet.curl.CurlLibrary;
import org.pgnet.worker.WorkerAgent;

/** The Java side's entry points, called by jvm.c on the background worker's main thread. */
final class WorkerMain {

    private WorkerMain() {}

    /**
     * Checks that Java and C fit together: layouts, names and settings.
     *
     * @throws IllegalStateException with the first that does not; the worker then cannot start
     */
    static void prepare() {
        Contract.open(new String(Postgres.contract(), StandardCharsets.US_ASCII));
        PostgresHost.readSettings();
    }

    /**
     * Serves the database until the worker is asked to end. What it throws, jvm.c writes to the server's log; the worker
     * then ends and is started again.
     */
    static void run() {
        CurlLibrary.initialise();
        new WorkerAgent(new PostgresHost()).run();
    }
}
