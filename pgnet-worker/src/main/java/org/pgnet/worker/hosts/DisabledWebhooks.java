package org.pgnet.worker.hosts;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The webhooks whose requests are not sent, and those whose receivers have gone since they were read. Any thread. */
public final class DisabledWebhooks {
    private static final String GONE = "the receiver answered 410 Gone";

    /**
     * One of them.
     *
     * @param owner as in {@link org.pgnet.worker.spi.DueRequest#owner}
     * @param name its name
     * @param reason why it is disabled, for people
     */
    public record Row(long owner, String name, String reason) {}

    private record Webhook(long owner, String name) {}

    private final Map<Webhook, String> reasons;

    /** Those that were read. */
    public DisabledWebhooks(List<Row> rows) {
        this.reasons = new ConcurrentHashMap<>(rows.stream()
                .collect(Collectors.toMap(
                        row -> new Webhook(row.owner(), row.name()), Row::reason, (one, other) -> one)));
    }

    /** Why requests of a webhook are not sent; empty when they are. */
    Optional<String> refusalOf(long owner, String name) {
        return Optional.ofNullable(reasons.get(new Webhook(owner, name)))
                .map(reason -> "webhook \"" + name + "\" is disabled: " + reason);
    }

    void gone(long owner, String name) {
        reasons.putIfAbsent(new Webhook(owner, name), GONE);
    }
}
