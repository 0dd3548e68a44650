package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.pgnet.server.database.History;
import org.pgnet.server.database.Row;

/** How it is: one sentence, three curves on one axis, what is wrong, and the hosts in most pain. */
public final class OverviewPage implements Page {
    private static final int HOSTS = 5;

    private static final int FINDINGS = 5;
    /** What the curves show of the time before somebody looked: the newest responses, by minutes. */
    private static final String PAST = """
            select date_trunc('minute', created) as minute, count(*) as started,
                count(*) filter (where coalesce(status_code >= 400, true)) as failed
            from (select created, status_code from net._http_response
                where created >= now() - interval '1 hour' order by created desc limit 5000) newest
            group by 1 order by 1
            """;

    /** @param figuresAreOfAll whether the figures count requests that the role does not see */
    public record Model(
            Tone tone,
            String sentence,
            List<Finding> findings,
            boolean hasDoctor,
            List<Figure> figures,
            boolean figuresAreOfAll,
            List<HostFlow> hosts,
            String curves,
            String curvesInWords) {
        /** Those that are shown at once. */
        public List<Finding> worst() {
            return findings.subList(0, Math.min(findings.size(), FINDINGS));
        }

        /** Whether another row is of the same origin, so that it has to be said whose this one is. */
        public boolean isShared(HostFlow host) {
            return hosts.stream()
                            .filter(other -> other.origin().equals(host.origin()))
                            .count()
                    > 1;
        }

        public List<Finding> others() {
            return findings.subList(Math.min(findings.size(), FINDINGS), findings.size());
        }
    }

    public record Figure(String label, String value, String note) {}

    @Override
    public View view(Look look) throws SQLException {
        Row stats = look.stats();
        History history = look.database().history();
        History.Sample now = new History.Sample(
                Instant.now(), stats.numberOr("attempts", 0), stats.numberOr("failed", 0), stats.numberOr("queued", 0));
        history.add(now);

        List<Finding> findings = Finding.all(look);
        Rates rates = Rates.of(history.minuteAgo(), now);
        List<HostFlow> hosts = look.rows(HostFlow.QUERY).stream()
                .map(HostFlow::of)
                .sorted(Comparator.comparingLong(HostFlow::pain).reversed())
                .limit(HOSTS)
                .toList();
        Curves curves = Curves.of(past(look), history.steps(), now.at());
        Model model = new Model(
                tone(findings, stats),
                sentence(findings, stats, rates, look.has().rowsMayBeHidden()),
                findings,
                look.has().doctor(),
                figures(stats, rates),
                look.has().rowsMayBeHidden(),
                hosts,
                curves.json(),
                curves.inWords());
        return new View(
                "Overview",
                "overview.jte",
                model,
                Map.of(
                        "headline",
                        "part/headline.jte",
                        "figures",
                        "part/figures.jte",
                        "curves",
                        "part/curves.jte",
                        "findings",
                        "part/findings.jte",
                        "pain",
                        "part/pain.jte"));
    }

    /** Figures are of all roles. The responses that one role sees would make another curve. */
    private static List<Row> past(Look look) throws SQLException {
        return look.has().rowsMayBeHidden() ? List.of() : look.oldRows(PAST);
    }

    private static Tone tone(List<Finding> findings, Row stats) {
        if (!runs(stats)) {
            return Tone.STOPPED;
        }
        return findings.stream()
                .map(Finding::tone)
                .max(Comparator.naturalOrder())
                .orElse(Tone.WELL);
    }

    private static boolean runs(Row stats) {
        return stats.text("worker_state")
                .filter(state -> state.equals("running") || state.equals("resting"))
                .isPresent();
    }

    private static String sentence(List<Finding> findings, Row stats, Rates rates, boolean isOfAll) {
        Optional<Finding> worst = findings.stream()
                .filter(finding -> finding.tone() != Tone.ADVICE)
                .findFirst();
        if (worst.isPresent()) {
            return worst.get().finding();
        }
        if (!runs(stats)) {
            return stats.text("worker_failure")
                    .orElse("The worker of this database is "
                            + stats.text("worker_state").orElse("not there") + ".");
        }
        StringJoiner words =
                new StringJoiner(", ", isOfAll ? "All well with your requests. Of all roles: " : "All well: ", ".");
        words.add(rates.startedPerMinute()
                .map(Format::number)
                .map(text -> text + " a minute")
                .orElse("the worker runs"));
        Latency.of(stats, "p99").ifPresent(p99 -> words.add("p99 " + p99));
        long waiting = stats.numberOr("queued", 0) - stats.numberOr("in_flight", 0);
        words.add(waiting <= 0 ? "nothing waits" : Format.number(waiting) + (waiting == 1 ? " waits" : " wait"));
        return words.toString();
    }

    private static List<Figure> figures(Row stats, Rates rates) {
        return List.of(
                new Figure(
                        "Started", rates.startedPerMinute().map(Format::number).orElse("–"), "a minute"),
                new Figure(
                        "Failed",
                        rates.failedPerMinute().map(Format::number).orElse("–"),
                        "a minute, without a response"),
                new Figure("Waiting", number(stats, "queued"), waitingNote(stats)),
                new Figure("In flight", Format.number(stats.numberOr("in_flight", 0)), "now"),
                new Figure("p50", Latency.of(stats, "p50").orElse("–"), "of all responses"),
                new Figure("p99", Latency.of(stats, "p99").orElse("–"), "of all responses"),
                new Figure("Retrying", number(stats, "retrying"), "wait for their next attempt"),
                new Figure("Dead", number(stats, "dead"), "kept to be retried"));
    }

    private static String number(Row stats, String column) {
        return Format.number(stats.numberOr(column, 0));
    }

    private static String waitingNote(Row stats) {
        long scheduled = stats.numberOr("scheduled", 0);
        return scheduled > 0 ? "of them " + number(stats, "scheduled") + " scheduled" : "without a response yet";
    }

    /** What the counters say of the last minute that somebody looked. */
    record Rates(Optional<Long> startedPerMinute, Optional<Long> failedPerMinute) {
        static Rates of(History.Sample first, History.Sample last) {
            double seconds = Duration.between(first.at(), last.at()).toMillis() / 1000.0;
            if (seconds < 1 || last.started() < first.started()) {
                return new Rates(Optional.empty(), Optional.empty());
            }
            return new Rates(
                    Optional.of(Math.round((last.started() - first.started()) * 60 / seconds)),
                    Optional.of(Math.round((last.failed() - first.failed()) * 60 / seconds)));
        }
    }
}
