package org.pgnet.jni.torture;

import java.util.Random;

/** Lets time pass where the time is itself what happens: how long a fault lasts, how fast a client goes. */
final class Pauses {
    private Pauses() {}

    /** Returns after a time of the random's choice, at most so many milliseconds. */
    static void upTo(int longestMillis, Random random) {
        try {
            Thread.sleep(random.nextInt(longestMillis + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
