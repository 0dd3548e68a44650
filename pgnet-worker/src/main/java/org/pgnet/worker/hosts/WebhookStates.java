package org.pgnet.worker.hosts;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The webhooks whose requests are not sent: disabled ones, dropped ones, and those whose receivers answered 410 since. Any
 * thread.
 */
public final class WebhookStates {
    /** Nothing is known of any, and all are sent. */
    public static final WebhookStates NONE = new WebhookStates(List.of(), Set.of());

    /** What is queued for one that is dropped is taken out: few may be in memory. */
    private static final int MAX_REMEMBERED = 10_000;

    private static final String GONE = "the receiver answered 410 Gone";

    /**
     * One of them.
     *
     * @param owner as in {@link org.pgnet.worker.spi.DueRequest#owner}, if it is disabled
     * @param name its name
     * @param disabledBecause why it is disabled, for people; empty when it is not
     */
    public record Row(long owner, String name, Optional<String> disabledBecause) {}

    private record Webhook(long owner, String name) {}

    private final Set<String> names = new HashSet<>();
    private final Set<String> dropped;
    private final Map<Webhook, String> reasons = new ConcurrentHashMap<>();

    private WebhookStates(List<Row> rows, Set<String> dropped) {
        this.dropped = dropped;
        for (Row row : rows) {
            names.add(row.name());
            if (row.disabledBecause().isPresent()) {
                reasons.putIfAbsent(
                        new Webhook(row.owner(), row.name()),
                        row.disabledBecause().get());
            }
        }
    }

    /** Those that there are now. */
    WebhookStates followedBy(List<Row> rows) {
        Set<String> missing = new HashSet<>(dropped.size() < MAX_REMEMBERED ? dropped : Set.of());
        missing.addAll(names);
        for (Row row : rows) {
            missing.remove(row.name());
        }
        return new WebhookStates(rows, missing);
    }

    /** Why requests of a webhook are not sent; empty when they are. */
    Optional<String> refusalOf(long owner, String name) {
        if (dropped.contains(name)) {
            return Optional.of("webhook \"" + name + "\" was dropped");
        }
        return Optional.ofNullable(reasons.get(new Webhook(owner, name)))
                .map(reason -> "webhook \"" + name + "\" is disabled: " + reason);
    }

    void gone(long owner, String name) {
        reasons.putIfAbsent(new Webhook(owner, name), GONE);
    }
}
