package org.pgnet.worker.delivery;

import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgnet.worker.spi.FailureKind;

/** Which outcomes of an attempt lead to another one, by net.policies.retry_on. Immutable. */
public final class RetryOn {
    private static final Pattern STATUS = Pattern.compile("[1-5][0-9][0-9]");
    private static final Pattern STATUS_CLASS = Pattern.compile("([1-5])xx");
    private static final Pattern RANGE = Pattern.compile("([1-5][0-9][0-9])-([1-5][0-9][0-9])");

    private final boolean network;
    private final boolean timeout;
    private final BitSet statuses = new BitSet(600);

    private RetryOn(List<String> words) {
        network = words.contains("network");
        timeout = words.contains("timeout");
        words.stream()
                .filter(word -> !word.equals("network") && !word.equals("timeout"))
                .forEach(this::addStatuses);
    }

    /**
     * Reads the words.
     *
     * @param words each {@code network}, {@code timeout}, a status such as {@code 503}, a class such as {@code 5xx} or a
     *     range such as {@code 500-599}
     * @throws IllegalArgumentException for any other word
     */
    public static RetryOn of(List<String> words) {
        return new RetryOn(words);
    }

    private void addStatuses(String word) {
        Matcher statusClass = STATUS_CLASS.matcher(word);
        Matcher range = RANGE.matcher(word);
        if (STATUS.matcher(word).matches()) {
            statuses.set(Integer.parseInt(word));
        } else if (statusClass.matches()) {
            int first = 100 * Integer.parseInt(statusClass.group(1));
            statuses.set(first, first + 100);
        } else if (range.matches() && range.group(1).compareTo(range.group(2)) <= 0) {
            statuses.set(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)) + 1);
        } else {
            throw new IllegalArgumentException("not what an attempt can end with: " + word);
        }
    }

    /** Whether an attempt that ended so leads to another. */
    public boolean contains(Attempt.Result result) {
        return result.match(status -> containsStatus(status.code()), failure -> containsFailure(failure.kind()));
    }

    /** Whether a response of this status leads to another attempt. */
    public boolean containsStatus(int code) {
        return statuses.get(code);
    }

    /** Whether a failure of this kind does. That there was no memory for a response, or no secret, passes like a lost connection. */
    public boolean containsFailure(FailureKind kind) {
        return switch (kind) {
            case NETWORK, NO_MEMORY, SECRET -> network;
            case TIMEOUT -> timeout;
            case EXPIRED, REFUSED, CERTIFICATE, IMPOSSIBLE, TOO_LARGE, REDIRECT, GONE, NOT_STORED, OTHER -> false;
        };
    }
}
