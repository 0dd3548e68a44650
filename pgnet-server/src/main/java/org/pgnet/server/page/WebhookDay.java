package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgnet.server.database.Row;

/**
 * How the last day of a webhook went, an hour a dot, the last one this hour. A response does not say whose event it answers, so those
 * to the same URL count; of each hour the newest are looked at, and so are the newest dead letters.
 */
public record WebhookDay(List<Hour> hours) {
    private static final int HOURS = 24;
    private static final int NEWEST = 100;
    private static final int NEWEST_LETTERS = 5_000;
    private static final String ANSWERED = """
            select u.url, h.hour, count(*) as answered,
                count(*) filter (where coalesce(u.status_code >= 300, true)) as failed
            from (select date_trunc('hour', now()) - n * interval '1 hour' as hour from generate_series(0, %d) n) h,
                lateral (
                    select r.id, r.status_code from net._http_response r
                    where r.created >= h.hour and r.created < h.hour + interval '1 hour'
                    order by r.created desc limit %d) w,
                lateral (select r.url, r.status_code from net.responses r where r.id = w.id offset 0) u
            where u.url in (select w.url from net.webhooks w)
            group by 1, 2
            """.formatted(HOURS - 1, NEWEST);
    /** The same where row-level security may hide any number of responses: of the newest requests. */
    private static final String ANSWERED_OF_A_ROLE =
            """
            select d.url, date_trunc('hour', r.created) as hour, count(*) as answered,
                count(*) filter (where coalesce(r.status_code >= 300, true)) as failed
            from (select id, url from net._details where %s order by id desc limit 5000) d
                join net._http_response r on r.id = d.id
            where r.created >= date_trunc('hour', now()) - interval '%d hours'
                and d.url in (select w.url from net.webhooks w)
            group by 1, 2
            """.formatted(VisibleRows.areNewest("id", VisibleRows.END), HOURS - 1);

    private static final String DIED = """
            select l.webhook, date_trunc('hour', l.died) as hour, count(*) as died
            from %s l
            where l.webhook is not null
            group by 1, 2
            """;
    private static final String DAY_BEGAN = "date_trunc('hour', now()) - interval '%d hours'".formatted(HOURS - 1);

    /** @param failed of those that were answered the ones without success */
    public record Hour(Instant begin, long answered, long failed, long died) {
        public Tone tone() {
            if (died > 0) {
                return Tone.STOPPED;
            }
            return failed > 0 ? Tone.LOSING : answered > 0 ? Tone.WELL : Tone.QUIET;
        }

        public String title() {
            String counts = Format.count(answered, "response")
                    + (failed > 0 ? ", " + Format.number(failed) + " without success" : "")
                    + (died > 0 ? ", " + Format.number(died) + " given up" : "");
            String span = Format.clock(begin).substring(0, 5) + " to "
                    + Format.clock(begin.plus(Duration.ofHours(1))).substring(0, 5) + " UTC: ";
            return span + (answered + died == 0 ? "none among the newest responses" : counts);
        }
    }

    /** How it goes now: as the newest hour in which there was something. */
    Tone now() {
        for (int i = hours.size() - 1; i >= 0; i--) {
            if (hours.get(i).tone() != Tone.QUIET) {
                return hours.get(i).tone() == Tone.WELL ? Tone.WELL : Tone.DELAYED;
            }
        }
        return Tone.WELL;
    }

    /** Those of all webhooks: responses by URL and hour, dead letters by webhook and hour. */
    record Days(Instant end, Map<String, Map<Instant, Row>> answered, Map<String, Map<Instant, Row>> died) {
        static final Days NONE = new Days(Instant.EPOCH, Map.of(), Map.of());

        WebhookDay of(String webhook, String url) {
            Map<Instant, Row> responses = answered.getOrDefault(url, Map.of());
            Map<Instant, Row> letters = died.getOrDefault(webhook, Map.of());
            Row none = new Row(Map.of());
            List<Hour> hours = new ArrayList<>();
            for (int i = HOURS - 1; i >= 0; i--) {
                Instant hour = end.minus(Duration.ofHours(i));
                Row row = responses.getOrDefault(hour, none);
                hours.add(new Hour(
                        hour,
                        row.numberOr("answered", 0),
                        row.numberOr("failed", 0),
                        letters.getOrDefault(hour, none).numberOr("died", 0)));
            }
            return new WebhookDay(hours);
        }
    }

    static Days read(Look look) throws SQLException {
        return new Days(
                Instant.now().truncatedTo(ChronoUnit.HOURS),
                byHour(look.calmRows(look.has().rowsMayBeHidden() ? ANSWERED_OF_A_ROLE : ANSWERED), "url"),
                byHour(
                        look.calmRows(DIED.formatted(
                                VisibleRows.deadLetters(look.has(), DAY_BEGAN, "'infinity'", NEWEST_LETTERS))),
                        "webhook"));
    }

    private static Map<String, Map<Instant, Row>> byHour(List<Row> rows, String of) {
        Map<String, Map<Instant, Row>> all = new HashMap<>();
        for (Row row : rows) {
            row.moment("hour")
                    .ifPresent(hour -> all.computeIfAbsent(row.textOrEmpty(of), ignored -> new HashMap<>())
                            .put(hour, row));
        }
        return all;
    }
}
