package org.pgnet.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.pgnet.worker.delivery.RetryOn;
import org.pgnet.worker.delivery.RetryPolicy;
import org.pgnet.worker.spi.PolicySource;
import org.pgnet.worker.spi.PolicyTerms;

/**
 * The policies by their names. Each is asked for once until {@link #forget}, so that one that was changed holds for the next
 * decision. Backend thread.
 */
final class Policies {
    private final PolicySource source;
    private final Map<String, Known> known = new HashMap<>();

    /** What is known of a policy. */
    private record Known(RetryPolicy schedule, boolean keepsDead) {
        static final RetryPolicy ONE_ATTEMPT =
                new RetryPolicy(List.of(), OptionalInt.of(1), RetryPolicy.STANDARD_MAX_AGE, 0, RetryOn.of(List.of()));

        static final Known NOTHING = new Known(ONE_ATTEMPT, false);
    }

    Policies(PolicySource source) {
        this.source = source;
    }

    /** Asks anew from now on. */
    void forget() {
        known.clear();
    }

    /**
     * The policy of this name.
     *
     * @throws org.pgnet.worker.spi.StoreException when the database refuses
     */
    RetryPolicy named(String name) {
        return known(name).schedule();
    }

    /**
     * Whether a request under the policy of this name is kept when it does not succeed.
     *
     * @throws org.pgnet.worker.spi.StoreException when the database refuses
     */
    boolean keepsDead(String name) {
        return known(name).keepsDead();
    }

    private Known known(String name) {
        Known policy = known.get(name);
        if (policy == null) {
            policy = source.policy(name).map(Policies::of).orElse(Known.NOTHING);
            known.put(name, policy);
        }
        return policy;
    }

    private static Known of(PolicyTerms terms) {
        return new Known(schedule(terms), terms.keepDead());
    }

    /** One that the table should have refused is none. */
    private static RetryPolicy schedule(PolicyTerms terms) {
        Duration maxAge = terms.maxAge().orElse(RetryPolicy.STANDARD_MAX_AGE);
        try {
            return new RetryPolicy(
                    terms.delays(), terms.maxAttempts(), maxAge, terms.jitter(), RetryOn.of(terms.retryOn()));
        } catch (IllegalArgumentException unchecked) {
            return Known.ONE_ATTEMPT;
        }
    }
}
