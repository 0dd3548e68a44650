package org.pgnet.worker;

import java.util.Locale;
import org.pgnet.worker.delivery.IdempotencyKey;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.Identity;

/**
 * The header by which a server knows a request that may come again: of those whose methods do not say that a repetition does
 * no harm, and that have a policy. Backend thread.
 */
final class IdempotencyHeader {
    private static final String NAME = "Idempotency-Key";

    private final Identity identity;

    IdempotencyHeader(Identity identity) {
        this.identity = identity;
    }

    /** Gives a request the header, if it is of those where these terms hold. */
    void addTo(Exchange exchange, HostTerms terms) {
        DueRequest request = exchange.request();
        Delivery delivery = request.delivery();
        if (!mayBeRepeated(delivery, terms) || !isUnsafe(request)) {
            return;
        }
        exchange.defaultHeader(NAME, keyOf(request));
    }

    /**
     * The key of a request, the same for each attempt and each time that it is brought back. It is the id of a signed message,
     * too: a receiver that goes by either header knows the request again.
     */
    String keyOf(DueRequest request) {
        return IdempotencyKey.of(
                        identity.systemIdentifier(),
                        identity.database(),
                        request.key().id(),
                        request.delivery().created(),
                        request.owner())
                .toString();
    }

    /** One that was sent before had a policy then. */
    private static boolean mayBeRepeated(Delivery delivery, HostTerms terms) {
        return delivery.attempts() > 0 || delivery.hasPolicy(terms);
    }

    private static boolean isUnsafe(DueRequest request) {
        String method = request.http().method().toUpperCase(Locale.ROOT);
        return method.equals("POST") || method.equals("PATCH");
    }
}
