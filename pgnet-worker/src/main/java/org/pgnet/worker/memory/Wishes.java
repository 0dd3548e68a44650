package org.pgnet.worker.memory;

import java.time.Instant;
import java.util.Optional;

/**
 * What a request of the store in memory wants of its delivery.
 *
 * @param policy the name of its policy, empty for none
 * @param created when it was made
 * @param notBefore it is not sent before that
 * @param expires it is not begun after that
 */
public record Wishes(String policy, Instant created, Optional<Instant> notBefore, Optional<Instant> expires) {
    /** Nothing. */
    public static Wishes none(Instant created) {
        return new Wishes("", created, Optional.empty(), Optional.empty());
    }

    /** The same under a policy. */
    public Wishes policy(String name) {
        return new Wishes(name, created, notBefore, expires);
    }

    /** The same, but not sent before that. */
    public Wishes notBefore(Instant moment) {
        return new Wishes(policy, created, Optional.of(moment), expires);
    }

    /** The same, but not begun after that. */
    public Wishes expires(Instant moment) {
        return new Wishes(policy, created, notBefore, Optional.of(moment));
    }
}
