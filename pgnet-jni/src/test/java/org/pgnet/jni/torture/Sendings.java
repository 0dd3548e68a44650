package org.pgnet.jni.torture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Judges what the servers received: nothing that was not committed, everything that was answered, and a second time only
 * what a fault explains that came in between.
 */
final class Sendings {
    /**
     * The most requests that the worker holds between reading and recording them, for a batch_size up to 250: those in
     * flight, those that wait for their turn, and what one recording cycle holds. So it is the most that can be sent
     * again after one fault.
     */
    static final int MOST_HELD = 1_000;

    /** A server may read a request only when its sender has already ended. */
    private static final long LATE_READ_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A fault that may have the worker send again what it held; in {@link System#nanoTime}. */
    record Cause(String fault, long began, long ended) {}

    private final List<Cause> causes = new ArrayList<>();
    private final long start;

    /** @param start when the round began */
    Sendings(long start) {
        this.start = start;
    }

    /** Takes note of a fault; they come in the order of time. */
    void explainedBy(Cause cause) {
        causes.add(cause);
    }

    /** How often a request was sent again. */
    static long repeated(Map<String, long[]> arrivals) {
        return arrivals.values().stream().mapToLong(each -> each.length - 1).sum();
    }

    /** What must not be, a line for each kind. */
    List<String> judge(Map<String, long[]> arrivals, Account account) {
        List<String> wrong = new ArrayList<>();
        Set<String> uncommitted = new HashSet<>(arrivals.keySet());
        uncommitted.removeAll(account.committed());
        report(wrong, "sent though never committed", uncommitted);
        Set<String> unsent = new HashSet<>(account.responded());
        unsent.removeAll(arrivals.keySet());
        report(wrong, "answered though never sent", unsent);
        int[] repeatedBy = new int[causes.size()];
        Set<String> unexplained = new HashSet<>();
        arrivals.forEach((token, times) -> {
            for (int i = 1; i < times.length; i++) {
                int cause = causeBetween(times[i - 1], times[i]);
                if (cause < 0) {
                    unexplained.add(token + millis(times));
                } else {
                    repeatedBy[cause]++;
                }
            }
        });
        report(wrong, "sent twice with no fault in between", unexplained);
        for (int i = 0; i < repeatedBy.length; i++) {
            if (repeatedBy[i] > MOST_HELD) {
                wrong.add(repeatedBy[i] + " sent twice by " + causes.get(i).fault() + ", more than the worker holds");
            }
        }
        return wrong;
    }

    private String millis(long[] times) {
        return Arrays.stream(times)
                .mapToObj(time -> " at " + TimeUnit.NANOSECONDS.toMillis(time - start) + " ms")
                .collect(Collectors.joining());
    }

    private static void report(List<String> wrong, String what, Set<String> tokens) {
        if (!tokens.isEmpty()) {
            wrong.add(tokens.size() + " " + what + ": "
                    + tokens.stream().sorted().limit(20).toList());
        }
    }

    /** The last fault that was going on between two sendings of one request; -1 for none. */
    private int causeBetween(long earlier, long later) {
        for (int i = causes.size() - 1; i >= 0; i--) {
            Cause cause = causes.get(i);
            if (cause.began() <= later && cause.ended() + LATE_READ_NANOS >= earlier) {
                return i;
            }
        }
        return -1;
    }
}
