package org.pgnet.worker.spi;

import java.time.Instant;
import java.util.Optional;

/**
 * A request's delivery options, and counts of its earlier attempts.
 *
 * @param policy the name of its policy, empty for none
 * @param created when it was made; whole microseconds count
 * @param expires after which no attempt may begin; empty for no limit
 * @param priority its priority among its owner's requests to the same origin
 * @param orderKey the store's name of its order key, empty for none: its owner's requests with the same key are sent one
 *     after the other
 * @param firstDue when its first attempt was due
 * @param attempts how many attempts have failed
 * @param counted how many of them count towards its policy's limit
 * @param isKept whether the store has a row for this beside the request
 * @param webhook the webhook that made it, empty for none
 */
public record Delivery(
        String policy,
        Instant created,
        Optional<Instant> expires,
        Priority priority,
        String orderKey,
        Instant firstDue,
        int attempts,
        int counted,
        boolean isKept,
        String webhook) {

    /** The policy of one attempt. */
    public static final String NO_POLICY = "none";

    /** Of a request that wants nothing and has not been sent. */
    public static final Delivery PLAIN = new Delivery("", Instant.EPOCH, Optional.empty(), Instant.EPOCH, 0, 0, false);

    /** Of a request that no webhook has made. */
    public Delivery(
            String policy,
            Instant created,
            Optional<Instant> expires,
            Priority priority,
            String orderKey,
            Instant firstDue,
            int attempts,
            int counted,
            boolean isKept) {
        this(policy, created, expires, priority, orderKey, firstDue, attempts, counted, isKept, "");
    }

    /** The same of one that has no priority and no order. */
    public Delivery(
            String policy,
            Instant created,
            Optional<Instant> expires,
            Instant firstDue,
            int attempts,
            int counted,
            boolean isKept) {
        this(policy, created, expires, Priority.NORMAL, "", firstDue, attempts, counted, isKept);
    }

    /** The policy that holds where these terms do: its own, or else the host's; empty for none. */
    public String policy(HostTerms terms) {
        return policy.isEmpty() ? terms.policy().orElse("") : policy;
    }

    /** Whether it may be sent more than once where these terms hold. */
    public boolean hasPolicy(HostTerms terms) {
        String name = policy(terms);
        return !name.isEmpty() && !name.equals(NO_POLICY);
    }

    /** Whether a webhook has made it. */
    public boolean isOfWebhook() {
        return !webhook.isEmpty();
    }

    /** Which attempt is the next one; the first is 1. */
    public int nextAttempt() {
        return attempts + 1;
    }

    /** Whether it is too late for it to be begun. */
    public boolean isExpired(Instant now) {
        return expires.isPresent() && now.isAfter(expires.get());
    }
}
