package org.pgnet.jni.torture;

import java.util.Arrays;
import java.util.List;

/** What is done to the server, the worker, the tables and the network while requests are made. */
enum Fault {
    WORKER_TERMINATED(Resends.YES, ProcessFaults::terminateWorker),
    WORKER_KILLED(Resends.YES, ProcessFaults::killWorker),
    CALLBACKS_TERMINATED(Resends.NO, ProcessFaults::terminateCallbacks),
    CALLBACK_KILLED(Resends.YES, ProcessFaults::killCallback),
    BACKEND_KILLED(Resends.YES, ProcessFaults::killBackend),
    IMMEDIATE_STOP(Resends.YES, ProcessFaults::stopImmediately),
    POSTMASTER_KILLED(Resends.YES, ProcessFaults::killPostmaster),
    FAST_RESTART(Resends.YES, ProcessFaults::restartFast),
    WORKER_RESTART(Resends.YES, ProcessFaults::restartWorker),
    SIGHUP_STORM(Resends.NO, ProcessFaults::stormOfReloads),
    PREPARED_ACROSS_A_CRASH(Resends.YES, Bursts::prepareAndCrash),
    RING_OVERFLOW(Resends.NO, Bursts::overflowRing),
    LOW_ID_COMMITTED_LAST(Resends.NO, Bursts::commitLowIdWithRingFull),
    // libcurl sends a request again when a kept connection was closed without a byte of an answer.
    SERVER_AWAY(Resends.YES, NetworkFaults::serverAway),
    DISK_FULL(Resends.NO, DiskFull::fillAndFree),
    TRUNCATE(Resends.NO, TableFaults::truncate),
    TRUNCATE_RESTART_IDENTITY(Resends.NO, TableFaults::truncateAndRestartIdentity),
    VACUUM_FULL(Resends.NO, TableFaults::vacuumFull),
    XMIN_PINNED(Resends.NO, TableFaults::pinXmin),
    EXTENSION_DROPPED(Resends.NO, TableFaults::dropExtension),
    PROMOTION(Resends.YES, Promotion::promote);

    /** Does it, and undoes what can be undone. Requests go on meanwhile. */
    interface Injection {
        void into(Torture torture) throws Exception;
    }

    /** Whether what was in flight may be sent once more. */
    private enum Resends {
        YES,
        NO
    }

    private final Resends resends;
    private final Injection injection;

    Fault(Resends resends, Injection injection) {
        this.resends = resends;
        this.injection = injection;
    }

    /** Those that this machine and user can bring about. */
    static List<Fault> possible() {
        return Arrays.stream(values())
                .filter(fault -> fault != DISK_FULL || DiskFull.isPossible())
                .toList();
    }

    boolean resends() {
        return resends == Resends.YES;
    }

    void inject(Torture torture) throws Exception {
        injection.into(torture);
    }
}
