package org.pgnet.server.change;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;

/** The changes that there are. Their arguments are whatever a form sends: each is checked or quoted here. */
public final class Changes {
    /** A page of the list and a bit more. */
    public static final int MOST_REQUESTS = 1_000;

    private static final int SHOWN_ROWS = 5;

    private Changes() {}

    public static Change retry(List<Long> ids) {
        String what = requests(ids);
        return new Change(
                "Retry " + what + "?",
                "Each is attempted as soon as this commits, with the same id and Idempotency-Key. Receivers may have"
                        + " forgotten a key after 24 hours.",
                each("net.retry", ids),
                "Retry",
                rows -> succeeded(rows) + " of " + ids.size() + " will be sent again"
                        + (succeeded(rows) < ids.size()
                                ? "; the others neither wait for an attempt nor are dead."
                                : "."));
    }

    public static Change cancel(List<Long> ids) {
        String what = requests(ids);
        return new Change(
                "Cancel " + what + "?",
                "What waits is not sent; what is in flight leaves no response; a dead letter is discarded.",
                each("net.cancel", ids),
                "Cancel " + (ids.size() == 1 ? "it" : "them"),
                rows -> succeeded(rows) + " of " + ids.size() + " cancelled"
                        + (succeeded(rows) < ids.size() ? "; of the others there is nothing left to cancel." : "."));
    }

    /**
     * @param since the begin of the outage, as SQL reads a moment
     * @param pace how many a second; empty for as many as the rules of the host allow
     */
    public static Change retryHost(String host, String since, long most, Optional<BigDecimal> pace) {
        String howFast = pace.map(perSecond ->
                        ", " + perSecond.toPlainString() + " a second, so within " + seconds(most, perSecond) + " s")
                .orElse(", as fast as the rules of the host allow");
        return new Change(
                "Retry what failed at " + host + "?",
                "Up to " + most + " requests, the oldest first" + howFast
                        + ". Receivers may have forgotten an Idempotency-Key after 24 hours.",
                "select host, reason, requests, oldest\nfrom net.retry_all(" + Sql.literal(host) + ", since => "
                        + Sql.literal(since) + ",\n    max_requests => " + most
                        + pace.map(perSecond -> ", per_second => " + perSecond.toPlainString())
                                .orElse("")
                        + ", dry_run => false)",
                "Retry",
                rows -> again(rows));
    }

    private static String seconds(long requests, BigDecimal perSecond) {
        return BigDecimal.valueOf(requests)
                .divide(perSecond, 0, RoundingMode.CEILING)
                .toPlainString();
    }

    public static Change pause(String pattern, boolean paused) {
        return new Change(
                (paused ? "Pause " : "Resume ") + pattern + "?",
                paused
                        ? "No request to it starts until it is resumed. They wait, and no timeout of theirs begins."
                        : "Requests to it start again, within its other rules.",
                "insert into net.hosts (pattern, paused) values (" + Sql.literal(pattern) + ", " + paused + ")\n"
                        + "on conflict (pattern) do update set paused = excluded.paused",
                paused ? "Pause" : "Resume",
                rows -> pattern + (paused ? " is paused." : " is resumed."));
    }

    public static Change probe(String pattern) {
        return new Change(
                "Probe " + pattern + " now?",
                "One request of each role that waits there is sent at once. Two successes close the breaker, and the"
                        + " rest follows. If it fails, the next one tries after 20 s.",
                "select net.probe(" + Sql.literal(pattern) + ") as breakers",
                "Probe now",
                rows -> rows.stream().anyMatch(row -> row.numberOr("breakers", 0) > 0)
                        ? pattern + " is probed."
                        : "No breaker is open for " + pattern + " any more.");
    }

    /** @param per an interval like 1 s or 1 min */
    public static Change rate(String pattern, Optional<BigDecimal> rate, String per) {
        String values = rate.map(number -> number.toPlainString() + ", " + Sql.literal(per))
                .orElse("null, null");
        return new Change(
                rate.map(number -> "Limit " + pattern + " to " + number.toPlainString() + " per " + per + "?")
                        .orElse("Lift the rate limit of " + pattern + "?"),
                "It holds for the next request that starts, queued ones included.",
                "insert into net.hosts (pattern, rate, per) values (" + Sql.literal(pattern) + ", " + values + ")\n"
                        + "on conflict (pattern) do update set rate = excluded.rate, per = excluded.per, burst = null",
                rate.isPresent() ? "Set the rate" : "Lift the limit",
                rows -> rate.map(number -> pattern + " is limited to " + number.toPlainString() + " per " + per + ".")
                        .orElse(pattern + " has no rate limit of its own."));
    }

    public static Change restartWorker() {
        return new Change(
                "Restart the worker of this database?",
                "Requests in flight are sent again if no response of theirs has been committed.",
                "select net.worker_restart()",
                "Restart",
                rows -> "The worker restarts.");
    }

    public static Change webhook(String name, boolean enabled) {
        return new Change(
                (enabled ? "Enable" : "Disable") + " webhook " + name + "?",
                enabled
                        ? "Changes of its table are sent again from now on. What died meanwhile is among the dead"
                                + " letters."
                        : "Changes of its table are not sent, nor kept, until it is enabled.",
                "update net.webhooks set enabled = " + enabled + " where name = " + Sql.literal(name),
                enabled ? "Enable" : "Disable",
                rows -> "Webhook " + name + " is " + (enabled ? "enabled." : "disabled."));
    }

    /** @param since since when its dead letters are kept, as SQL reads a moment */
    public static Change enableAndRetry(String name, String since) {
        return new Change(
                "Enable webhook " + name + ", and send what was kept?",
                "Changes of its table are sent again from now on. So are up to " + MOST_REQUESTS
                        + " of its dead letters, the oldest first, each with its webhook-id, by which the receiver"
                        + " knows what it has seen.",
                "with enabled as (update net.webhooks set enabled = true where name = " + Sql.literal(name)
                        + " returning name)\n"
                        + "select count(*) filter (where net.retry(kept.id)) as requests\n"
                        + "from enabled, (select id from net.dead_letters\n"
                        + "    where webhook = " + Sql.literal(name)
                        + " and died >= " + Sql.literal(since) + " order by died limit " + MOST_REQUESTS + ") kept",
                "Enable and retry",
                rows -> "Webhook " + name + " is enabled; " + again(rows));
    }

    public static Change testWebhook(String name) {
        return new Change(
                "Send a test to webhook " + name + "?",
                "A request without a row, of the event test, goes to its URL, signed as an event is.",
                "select net.test_webhook(" + Sql.literal(name) + ") as request_id",
                "Send the test",
                rows -> "Sent as request " + rows.get(0).textOrEmpty("request_id") + ".",
                (rows, back) -> back + (back.contains("?") ? "&" : "?") + "test="
                        + rows.get(0).textOrEmpty("request_id"));
    }

    public static Change rotateWebhookSecret(String name) {
        return new Change(
                "Rotate the key of webhook " + name + "?",
                "The new key is shown once, after this. For 24 hours events are signed with both.",
                "select net.rotate_webhook_secret(" + Sql.literal(name) + ") as secret",
                "Rotate",
                rows -> "The new key, shown only now: " + rows.get(0).textOrEmpty("secret"));
    }

    /** A statement of net.doctor(). */
    public static Change advised(String finding, String sql) {
        return new Change("Run what net.doctor() advises?", finding, sql, "Run", Changes::inWords);
    }

    /** What a statement returned, as far as it fits a sentence. */
    private static String inWords(List<Row> rows) {
        String shown = rows.stream()
                .limit(SHOWN_ROWS)
                .map(row -> row.columns().entrySet().stream()
                        .map(column -> column.getKey() + " " + column.getValue())
                        .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; "));
        return shown.isEmpty() ? "Done." : "Done: " + shown + (rows.size() > SHOWN_ROWS ? "; and so on." : ".");
    }

    private static String each(String function, List<Long> ids) {
        if (ids.isEmpty() || ids.size() > MOST_REQUESTS) {
            throw new IllegalArgumentException("not 1 to " + MOST_REQUESTS + " requests");
        }
        if (ids.size() == 1) {
            return "select " + ids.get(0) + " as id, " + function + "(" + ids.get(0) + ") as done";
        }
        String list = ids.stream().map(String::valueOf).collect(Collectors.joining(","));
        return "select id, " + function + "(id) as done\nfrom unnest('{" + list + "}'::bigint[]) as id";
    }

    private static String requests(List<Long> ids) {
        return ids.size() == 1 ? "request " + ids.get(0) : ids.size() + " requests";
    }

    private static long succeeded(List<Row> rows) {
        return rows.stream().filter(row -> row.flag("done")).count();
    }

    private static String again(List<Row> rows) {
        long requests = sum(rows, "requests");
        return requests + (requests == 1 ? " request" : " requests") + " will be sent again.";
    }

    private static long sum(List<Row> rows, String column) {
        return rows.stream().mapToLong(row -> row.numberOr(column, 0)).sum();
    }
}
