package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import org.pgnet.curl.CurlException;
import org.pgnet.curl.CurlLibrary;
import org.pgnet.worker.WorkerAgent;

/** The Java side's entry points, called by jvm.c on the background worker's main thread. */
final class WorkerMain {

    private WorkerMain() {}

    /**
     * Checks that the jars are of the library's version. A server that runs on over an installation has the library that
     * was there when it started, and its next worker the new jars.
     *
     * @throws IllegalStateException when they are not
     */
    static void requireVersion() {
        String library = System.getProperty("pgnet.version");
        String jars = WorkerMain.class.getPackage().getImplementationVersion();
        if (!library.equals(jars)) {
            throw new IllegalStateException("the server runs with pg_net.so of version " + library
                    + ", and the jars that are installed are of version " + jars);
        }
    }

    /**
     * Checks that Java and C fit together: layouts, names and settings.
     *
     * @throws IllegalStateException with the first that does not; the worker then cannot start
     */
    static void prepare() {
        loadLibcurl();
        Contract.open(new String(Postgres.contract(), StandardCharsets.US_ASCII));
        PostgresHost.readSettings();
    }

    /** Begins to load libcurl and JNA, a third of the work of a start, beside the rest of it, and does this thread's part of that. */
    static void loadLibcurl() {
        Thread loading = new Thread(
                () -> {
                    try {
                        CurlLibrary.initialise();
                    } catch (CurlException seenAgain) {
                        // By run(), whose caller tells it.
                    }
                },
                "pgnet-libcurl");
        loading.setDaemon(true);
        loading.start();
        CurlLibrary.helpInitialise();
    }

    /**
     * Serves the database until the worker is asked to end. What it throws, jvm.c writes to the server's log; the worker
     * then ends and is started again.
     */
    static void run() {
        new WorkerAgent(new PostgresHost()).run();
    }
}
