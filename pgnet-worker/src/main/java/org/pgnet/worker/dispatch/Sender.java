package org.pgnet.worker.dispatch;

import java.util.Optional;
import org.pgnet.worker.exchange.Exchange;

/**
 * Whose an endpoint is that messages have for themselves, as the first of them tells.
 *
 * @param isWebhook whether a webhook sends them
 * @param words its name for people, by which no URL is told; empty for an endpoint of all requests to an origin
 */
record Sender(boolean isWebhook, String words) {
    static Sender of(Exchange exchange) {
        String webhook = exchange.request().delivery().webhook();
        Optional<String> key = exchange.request().http().secrets().signWith();
        if (!webhook.isEmpty()) {
            return new Sender(true, "webhook " + webhook);
        }
        return new Sender(false, key.map(name -> "signed with " + name).orElse(""));
    }
}
