package org.pgnet.server.page;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** Which changes of which tables go where. Left out, with a sentence, where the extension has no webhooks. */
public final class WebhooksPage implements Page {
    private static final String QUERY = "select w.* from net.webhooks w order by w.name limit 500";

    public record Model(boolean supported, List<Webhook> webhooks) {}

    /** A row of net.webhooks; what an older extension does not have is empty. */
    public record Webhook(
            String name,
            String table,
            Place place,
            String events,
            boolean enabled,
            Optional<String> disabledBecause,
            String policy,
            String format,
            String owner,
            boolean signed) {
        public static Webhook of(Row row) {
            return new Webhook(
                    row.textOrEmpty("name"),
                    row.text("table_name").or(() -> row.text("table")).orElse(""),
                    Place.of(row.textOrEmpty("url")),
                    row.textOrEmpty("events").replaceAll("[{}]", "").replace(",", ", "),
                    !row.has("enabled") || row.flag("enabled"),
                    row.text("disabled_because"),
                    row.textOrEmpty("policy"),
                    row.textOrEmpty("format"),
                    row.textOrEmpty("owner"),
                    row.flag("signed") || row.has("secret"));
        }
    }

    @Override
    public View view(Look look) throws SQLException {
        List<Webhook> webhooks = look.has().webhooks()
                ? look.rows(QUERY).stream().map(Webhook::of).toList()
                : List.of();
        return new View(
                "Webhooks",
                "webhooks.jte",
                new Model(look.has().webhooks(), webhooks),
                Map.of("webhooks", "part/webhooks.jte"));
    }
}
