package org.pgnet.testkit.machine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Waits for what is to come soon, instead of sleeping for as long as it might take. */
public final class Eventually {
    private static final long PAUSE_MILLIS = 5;

    private Eventually() {}

    /**
     * Asks again every 5 ms until the condition holds.
     *
     * @throws AssertionError when it does not within the time given
     */
    public static void until(String what, Duration within, Callable<Boolean> condition) {
        get(what, within, () -> condition.call() ? Optional.of(true) : Optional.empty());
    }

    /**
     * Asks again every 5 ms until there is an answer, and returns it.
     *
     * @throws AssertionError when there is none within the time given
     */
    public static <T> T get(String what, Duration within, Callable<Optional<T>> question) {
        long deadline = System.nanoTime() + within.toNanos();
        while (true) {
            Optional<T> answer = ask(what, question);
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + within + ": " + what);
            }
            pause(what);
        }
    }

    private static <T> Optional<T> ask(String what, Callable<Optional<T>> question) {
        try {
            return question.call();
        } catch (Exception e) {
            throw new AssertionError("while waiting for " + what, e);
        }
    }

    private static void pause(String what) {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }
}
