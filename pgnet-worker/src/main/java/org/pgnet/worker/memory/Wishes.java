package org.pgnet.worker.memory;

import java.time.Instant;
import java.util.Optional;
import org.pgnet.worker.spi.Priority;

/**
 * The delivery options of a request in the memory store.
 *
 * @param policy the name of its policy, empty for none
 * @param created when it was made
 * @param notBefore no attempt begins before
 * @param expires no attempt begins after
 * @param store what is stored of its response
 * @param priority its priority
 * @param orderKey its order key, empty for none
 */
public record Wishes(
        String policy,
        Instant created,
        Optional<Instant> notBefore,
        Optional<Instant> expires,
        Store store,
        Priority priority,
        String orderKey) {
    /** What is stored of a response. */
    public enum Store {
        /** All of it. */
        ALL,
        /** All but its headers and content. */
        STATUS,
        /** Nothing of one with a 2xx status. */
        FAILURES
    }

    /** Nothing. */
    public static Wishes none(Instant created) {
        return new Wishes("", created, Optional.empty(), Optional.empty(), Store.ALL, Priority.NORMAL, "");
    }

    /** The same under a policy. */
    public Wishes policy(String name) {
        return new Wishes(name, created, notBefore, expires, store, priority, orderKey);
    }

    /** The same, but not sent before that. */
    public Wishes notBefore(Instant moment) {
        return new Wishes(policy, created, Optional.of(moment), expires, store, priority, orderKey);
    }

    /** The same, but not begun after that. */
    public Wishes expires(Instant moment) {
        return new Wishes(policy, created, notBefore, Optional.of(moment), store, priority, orderKey);
    }

    /** The same, but that so much of its response is stored. */
    public Wishes store(Store wanted) {
        return new Wishes(policy, created, notBefore, expires, wanted, priority, orderKey);
    }

    /** The same of another priority. */
    public Wishes priority(Priority other) {
        return new Wishes(policy, created, notBefore, expires, store, other, orderKey);
    }

    /** The same with an order key. */
    public Wishes orderKey(String key) {
        return new Wishes(policy, created, notBefore, expires, store, priority, key);
    }
}
