package org.pgnet.worker.dispatch;

import java.util.PriorityQueue;

/** Moments at which something is to be looked at again. One thread. */
final class Timers {
    private record Entry(Timer timer, long atNanos) {}

    /** Moments of {@link System#nanoTime} are compared by their difference. */
    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>((one, other) -> Long.signum(one.atNanos - other.atNanos));

    /** What is to be looked at. */
    abstract static class Timer {
        private boolean isSet;
        private long atNanos;

        /** Its moment has come; sets itself anew when that was too early. */
        abstract void ring(long nowNanos);
    }

    /** Looks at it no later than then. An earlier moment stands, so that one that moves away leaves nothing behind. */
    void set(Timer timer, long atNanos) {
        if (!timer.isSet || timer.atNanos - atNanos > 0) {
            timer.isSet = true;
            timer.atNanos = atNanos;
            entries.add(new Entry(timer, atNanos));
        }
    }

    /** Looks at all whose moment has come. */
    void ring(long nowNanos) {
        while (!entries.isEmpty() && entries.element().atNanos - nowNanos <= 0) {
            Entry entry = entries.remove();
            Timer timer = entry.timer();
            if (timer.isSet && timer.atNanos == entry.atNanos()) {
                timer.isSet = false;
                timer.ring(nowNanos);
            }
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** The nanoseconds until the first of them; {@link Long#MAX_VALUE} when there is none. */
    long nanosUntilDue(long nowNanos) {
        return entries.isEmpty() ? Long.MAX_VALUE : Math.max(0, entries.element().atNanos - nowNanos);
    }
}
