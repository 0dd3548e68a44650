package org.pgnet.worker.spi;

import java.util.Optional;

/**
 * A committed request that is due, or that cannot be sent.
 *
 * @param key what identifies it
 * @param owner its owner, a number of the store's: a connection or TLS session serves one owner only
 * @param http the request to send
 * @param delivery its delivery options, and counts of its earlier attempts
 * @param contextBytes the bytes beside the body that the store copies when the request is settled
 * @param refusal why it cannot be read, for its user; {@code http} is then {@link HttpRequest#NONE}
 */
public record DueRequest(
        RequestKey key, long owner, HttpRequest http, Delivery delivery, long contextBytes, Optional<String> refusal) {

    /** One that can be sent and wants nothing of its delivery. */
    public DueRequest(RequestKey key, long owner, HttpRequest http) {
        this(key, owner, http, Delivery.PLAIN);
    }

    /** One that can be sent. */
    public DueRequest(RequestKey key, long owner, HttpRequest http, Delivery delivery) {
        this(key, owner, http, delivery, 0);
    }

    /** The same of one with a context. */
    public DueRequest(RequestKey key, long owner, HttpRequest http, Delivery delivery, long contextBytes) {
        this(key, owner, http, delivery, contextBytes, Optional.empty());
    }

    /** Whether it is one as Standard Webhooks has it: of a webhook, or signed. */
    public boolean isMessage() {
        return delivery.isOfWebhook() || http.secrets().signWith().isPresent();
    }

    /** One that cannot be read, to be settled as a failure for this reason. */
    public static DueRequest refused(RequestKey key, long owner, String reason) {
        return refused(key, owner, Delivery.PLAIN, reason);
    }

    /** The same of one of whose delivery something is known. */
    public static DueRequest refused(RequestKey key, long owner, Delivery delivery, String reason) {
        return new DueRequest(key, owner, HttpRequest.NONE, delivery, 0, Optional.of(reason));
    }
}
