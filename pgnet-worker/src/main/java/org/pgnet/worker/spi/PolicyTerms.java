package org.pgnet.worker.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A policy as the store has it.
 *
 * @param delays before the second attempt, the third and so on; the last one repeats
 * @param maxAttempts the first one included; empty for no limit
 * @param maxAge from when the first attempt was due; empty for the standard one
 * @param jitter the fraction by which a delay may be shorter or longer
 * @param retryOn which outcomes lead to another attempt
 * @param keepDead whether requests that do not succeed are kept
 */
public record PolicyTerms(
        List<Duration> delays,
        OptionalInt maxAttempts,
        Optional<Duration> maxAge,
        double jitter,
        List<String> retryOn,
        boolean keepDead) {

    /** What leads to another attempt when a policy does not say. */
    public static final List<String> USUAL_RETRY_ON =
            List.of("network", "timeout", "408", "425", "429", "500", "502", "503", "504");
}
