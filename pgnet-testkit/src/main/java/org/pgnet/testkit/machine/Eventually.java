package org.pgnet.testkit.machine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Waits for what is to come soon, instead of sleeping for as long as it might take. */
public final class Eventually {
    private static final long SHORTEST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 50;

    /** A wait takes at most this part longer than it must, and leaves the processors to what it waits for. */
    private static final int PAUSES_PER_WAIT = 20;

    private Eventually() {}

    /**
     * Asks again until the condition holds: every 5 ms at first, and after a second every 50 ms.
     *
     * @throws AssertionError when it does not within the time given
     */
    public static void until(String what, Duration within, Callable<Boolean> condition) {
        get(what, within, () -> condition.call() ? Optional.of(true) : Optional.empty());
    }

    /**
     * Asks again, as often, until there is an answer, and returns it.
     *
     * @throws AssertionError when there is none within the time given
     */
    public static <T> T get(String what, Duration within, Callable<Optional<T>> question) {
        long start = System.nanoTime();
        while (true) {
            Optional<T> answer = ask(what, question);
            if (answer.isPresent()) {
                return answer.get();
            }
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            if (waited.compareTo(within) > 0) {
                throw new AssertionError("not within " + within + ": " + what);
            }
            pause(what, waited);
        }
    }

    private static <T> Optional<T> ask(String what, Callable<Optional<T>> question) {
        try {
            return question.call();
        } catch (Exception e) {
            throw new AssertionError("while waiting for " + what, e);
        }
    }

    private static void pause(String what, Duration waited) {
        long pause = Math.max(SHORTEST_PAUSE_MILLIS, waited.toMillis() / PAUSES_PER_WAIT);
        try {
            Thread.sleep(Math.min(pause, LONGEST_PAUSE_MILLIS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }
}
