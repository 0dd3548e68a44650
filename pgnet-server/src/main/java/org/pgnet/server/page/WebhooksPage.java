package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Capabilities;
import org.pgnet.server.database.Row;

/** Which tables go where, and how it goes. Left out, with a sentence, where the extension has no webhooks. */
public final class WebhooksPage implements Page {
    /**
     * Of each the newest dead letter, and how many are kept.
     */
    private static final String QUERY = """
            %s select w.name, w.table_name, w.owner, w.url, array_to_string(w.events, ', ') as events, w.enabled, w.disabled_because, w.policy,
                w.format, w.condition, w.secret, w.created, s.changed as signed_since, d.kept, d.first_died, d.last_died, d.last_error
            from (
                    select *, lower(substring(url, '^[^:/?#]+://(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[^:/?#]*)') collate "C") collate "default" as host
                    from net.webhooks) w
                left join net.secrets s on s.name = w.secret
                left join lateral (
                    select count(*) as kept, min(l.died) as first_died, max(l.died) as last_died,
                        (array_agg(coalesce('status ' || l.status_code, left(l.error_msg, 300), l.reason) order by l.died desc))[1] as last_error
                    from %s l
                    where l.webhook = w.name) d on true
            order by w.enabled, w.name limit 200
            """;

    private static final int NEWEST = 1_000;

    /**
     * The newest dead letters of its host. That is compared together with the moment, so that no plan looks for a rare host among
     * all letters; in the collation of the column, or no index has them.
     */
    private static final String OF_ITS_HOST = """
            (select n.webhook, n.died, n.status_code, n.error_msg, n.reason from net.dead_letters n
            where (n.host, n.died) >= (w.host, '-infinity') and (n.host, n.died) <= (w.host, 'infinity')
            order by n.host desc, n.died desc limit %d)\
            """.formatted(NEWEST);

    private static final String ANSWER = """
            select r.id, r.state, r.reason, r.method, r.url, r.status_code, left(r.error_msg, 1000) as error_msg, r.attempts,
                extract(epoch from r.duration) as seconds,
                (select left(a.content, 4000) from net.responses a where a.id = r.id) as content
            from net.requests r where r.id = ?
            """;

    /** @param chosen the webhook that is shown in full */
    public record Model(boolean supported, List<Webhook> webhooks, Optional<Chosen> chosen) {}

    /**
     * @param signedBy the name of the secret whose signatures its requests have
     * @param signedSince when that got its value; only who may use the secret is told
     * @param kept its dead letters, up to a thousand
     */
    public record Webhook(
            String name,
            String table,
            Place place,
            String events,
            boolean enabled,
            Optional<String> disabledBecause,
            String policy,
            String format,
            String condition,
            String owner,
            Optional<String> signedBy,
            Optional<Instant> signedSince,
            Optional<Instant> created,
            long kept,
            Optional<Instant> firstDied,
            Optional<Instant> lastDied,
            Optional<String> lastError,
            WebhookDay day) {
        public static Webhook of(Row row, WebhookDay day) {
            return new Webhook(
                    row.textOrEmpty("name"),
                    row.textOrEmpty("table_name"),
                    Place.of(row.textOrEmpty("url")),
                    row.textOrEmpty("events"),
                    row.flag("enabled"),
                    row.text("disabled_because"),
                    row.textOrEmpty("policy"),
                    row.textOrEmpty("format"),
                    row.textOrEmpty("condition"),
                    row.textOrEmpty("owner"),
                    row.text("secret"),
                    row.moment("signed_since"),
                    row.moment("created"),
                    row.numberOr("kept", 0),
                    row.moment("first_died"),
                    row.moment("last_died"),
                    row.text("last_error"),
                    day);
        }

        public Tone tone() {
            return !enabled || disabledBecause.isPresent() ? Tone.STOPPED : day.now();
        }

        public String state() {
            return enabled ? disabledBecause.isPresent() ? "idle" : "enabled" : "disabled";
        }
    }

    /**
     * What a receiver needs.
     *
     * @param sample the body of an event
     * @param keyVariable the environment variable in which the receivers' code finds the key
     * @param answer what became of a test
     */
    public record Chosen(
            Webhook webhook,
            Optional<String> sample,
            List<Receivers.Receiver> receivers,
            String keyVariable,
            Optional<Answer> answer) {}

    public record Answer(RequestRow request, Optional<Body> body) {}

    @Override
    public View view(Look look) throws SQLException {
        Model model = look.has().webhooks() ? model(look) : new Model(false, List.of(), Optional.empty());
        return new View(
                "Webhooks",
                "webhooks.jte",
                model,
                model.chosen().isPresent()
                        ? Map.of("webhooks", "part/webhooks.jte", "answer", "part/answer.jte")
                        : Map.of("webhooks", "part/webhooks.jte"));
    }

    private static Model model(Look look) throws SQLException {
        List<Row> rows = look.rows(query(look.has()));
        WebhookDay.Days days = rows.isEmpty() ? WebhookDay.Days.NONE : WebhookDay.read(look);
        List<Webhook> webhooks = rows.stream()
                .map(row -> Webhook.of(row, days.of(row.textOrEmpty("name"), row.textOrEmpty("url"))))
                .toList();
        String name = look.query().exact("name");
        Optional<Webhook> found =
                webhooks.stream().filter(hook -> hook.name().equals(name)).findFirst();
        return new Model(true, webhooks, found.isPresent() ? Optional.of(chosen(look, found.get())) : Optional.empty());
    }

    /** Where row-level security hides rows, the newest dead letters that are seen stand for those of each host. */
    private static String query(Capabilities has) {
        return has.rowsMayBeHidden()
                ? QUERY.formatted("with newest as materialized " + VisibleRows.deadLetters(has, NEWEST), "newest")
                : QUERY.formatted("", OF_ITS_HOST);
    }

    private static Chosen chosen(Look look, Webhook webhook) throws SQLException {
        String variable = Receivers.variable(webhook.name());
        return new Chosen(
                webhook,
                WebhookSample.of(look, webhook),
                webhook.signedBy().isPresent() ? Receivers.all(variable) : List.of(),
                variable,
                answer(look));
    }

    private static Optional<Answer> answer(Look look) throws SQLException {
        Optional<Long> id = look.query().number("test");
        if (id.isEmpty()) {
            return Optional.empty();
        }
        return look.rows(ANSWER, id.get()).stream()
                .findFirst()
                .map(row -> new Answer(
                        RequestRow.of(row), row.text("content").map(text -> Body.ofText(text, text.length()))));
    }
}
