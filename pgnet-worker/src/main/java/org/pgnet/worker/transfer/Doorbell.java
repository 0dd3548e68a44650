package org.pgnet.worker.transfer;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Wakes the one thread that sleeps on a queue, and costs a system call only when that thread may be asleep.
 *
 * <p>No wake-up is lost. The sleeper says that it is asleep and then looks at its queue; the other side adds to the queue
 * and then looks whether the sleeper is asleep. All four are volatile accesses, so they have one order that both sides see
 * (JLS 17.4.4): whichever of the two looks last sees what the other did before. Either the sleeper finds the work and stays
 * awake, or the other side finds it asleep and wakes it. The wake itself must be remembered when it comes before the sleep,
 * as curl_multi_wakeup and an eventfd do. A wake that was not needed ends the next sleep early, which is harmless.
 */
final class Doorbell {
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final Runnable wake;

    /** @param wake ends the sleep, or the next one; called by the ringing thread */
    Doorbell(Runnable wake) {
        this.wake = wake;
    }

    /** The sleeper, before it sleeps: whether it may. {@code idle} reads whatever is published before {@link #ring}. */
    boolean maySleep(BooleanSupplier idle) {
        asleep.set(true);
        if (idle.getAsBoolean()) {
            return true;
        }
        asleep.set(false);
        return false;
    }

    /** The sleeper, when it is back. */
    void awake() {
        asleep.set(false);
    }

    /** The other side, after it has published work. Any thread. */
    void ring() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            wake.run();
        }
    }
}
