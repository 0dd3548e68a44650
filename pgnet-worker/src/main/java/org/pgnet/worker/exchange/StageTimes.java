package org.pgnet.worker.exchange;

import org.pgnet.curl.Timings;
import org.pgnet.curl.TransferResult;
import org.pgnet.worker.spi.Stages;

/** Adds up the stages of a request's hops. One thread. */
final class StageTimes {
    private boolean known;
    private boolean complete = true;
    private long nameLookupMicros;
    private long connectMicros;
    private long tlsMicros;
    private long firstByteMicros;

    /** Adds a hop. */
    void add(TransferResult result) {
        add(result.timings(), result.failed(), result.connected() || !result.failed());
    }

    /** @param connected whether it had its connection, and was being sent or waited for when it ended */
    void add(Timings timings, boolean failed, boolean connected) {
        known = true;
        complete &= failed || timings.firstByteMicros() > 0;
        add(timings, connected);
    }

    /** Unknown when there was no hop, or one that was not measured. */
    Stages stages() {
        return known && complete
                ? new Stages(nameLookupMicros, connectMicros, tlsMicros, firstByteMicros)
                : Stages.UNKNOWN;
    }

    /** All marks count from the hop's start. The time behind the last one belongs to the stage that did not end. */
    private void add(Timings timings, boolean connected) {
        long total = Math.max(0, timings.totalMicros());
        long lookedUp = reached(timings.nameLookupMicros(), 0, total, connected);
        boolean isOpen = timings.connectMicros() > 0 || connected;
        long open = reached(timings.connectMicros(), lookedUp, total, connected);
        long shaken = isOpen ? reached(timings.appConnectMicros(), open, total, connected) : open;
        long begun = connected ? reached(timings.firstByteMicros(), shaken, total, false) : shaken;
        nameLookupMicros += lookedUp;
        connectMicros += open - lookedUp;
        tlsMicros += shaken - open;
        firstByteMicros += begun - shaken;
    }

    /** A mark that is zero was not needed, or the stage did not end. */
    private static long reached(long mark, long from, long total, boolean notNeeded) {
        if (mark <= 0) {
            return notNeeded ? from : total;
        }
        return Math.max(from, Math.min(mark, total));
    }
}
