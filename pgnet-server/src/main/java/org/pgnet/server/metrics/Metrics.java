package org.pgnet.server.metrics;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pgnet.server.database.Row;

/** The figures, by their names. Hosts beyond the hundred with most requests are one, named other. */
final class Metrics {
    static final int MOST_HOSTS = 100;
    static final String OTHER = "other";
    private static final String DURATION = "http_client_request_duration_seconds";

    private Metrics() {}

    /** What the database was found to be like. */
    record Reading(Row stats, List<Row> hosts, List<Row> findings) {}

    static void write(Reading reading, Exposition text) {
        stats(reading.stats(), text);
        hosts(reading.hosts(), text);
        findings(reading.findings(), text);
    }

    /** When it cannot be asked. */
    static void writeDown(Exposition text) {
        text.gauge("pgnet_up", "Whether the database answered.", Map.of(), 0);
    }

    private static void stats(Row stats, Exposition text) {
        Map<String, String> none = Map.of();
        boolean runs = stats.text("worker_state")
                .filter(state -> state.equals("running") || state.equals("resting"))
                .isPresent();
        text.gauge("pgnet_up", "Whether the database answered.", none, 1);
        text.gauge("pgnet_worker_up", "Whether a worker sends the requests of this database.", none, runs ? 1 : 0);
        gauge(
                text,
                stats,
                "queued",
                "pgnet_queued_requests",
                "Requests without a response, including those in flight.");
        gauge(text, stats, "in_flight", "pgnet_in_flight_requests", "Requests in flight.");
        gauge(text, stats, "scheduled", "pgnet_scheduled_requests", "Requests that wait for their delay to pass.");
        gauge(text, stats, "retrying", "pgnet_retrying_requests", "Requests that wait for their next attempt.");
        gauge(text, stats, "dead", "pgnet_dead_letters", "Requests that did not succeed and are kept.");
        gauge(text, stats, "callbacks", "pgnet_waiting_callbacks", "Pending calls of on_response functions.");
        text.gauge(
                "pgnet_oldest_request_seconds",
                "Age of the oldest queued request.",
                none,
                stats.real("oldest_seconds").orElse(0.0));
        counter(text, stats, "attempts", "pgnet_attempts", "Attempts that were made.");
        counter(text, stats, "bytes_in", "pgnet_received_bytes", "Bytes of the bodies received.");
        counter(text, stats, "bytes_out", "pgnet_sent_bytes", "Bytes of the bodies sent.");
        long timedOut = stats.numberOr("timed_out", 0);
        outcome(text, "response", stats.numberOr("done", 0));
        outcome(text, "timeout", timedOut);
        outcome(text, "no_response", Math.max(0, stats.numberOr("failed", 0) - timedOut));
    }

    private static void outcome(Exposition text, String outcome, long count) {
        text.counter("pgnet_requests", "Requests that ended, by what came of them.", Map.of("outcome", outcome), count);
    }

    private static void hosts(List<Row> rows, Exposition text) {
        Map<String, Host> hosts = new TreeMap<>();
        List<Row> byTraffic = rows.stream()
                .sorted(Comparator.comparingLong((Row row) -> row.numberOr("started", 0))
                        .reversed())
                .toList();
        for (Row row : byTraffic) {
            String origin = row.textOrEmpty("origin");
            String name = hosts.containsKey(origin) || hosts.size() < MOST_HOSTS ? origin : OTHER;
            hosts.computeIfAbsent(name, ignored -> new Host()).add(row);
        }
        hosts.forEach((origin, host) -> host.write(text, Map.of("host", origin)));
    }

    private static void findings(List<Row> findings, Exposition text) {
        Map<String, Long> counts = new TreeMap<>(Map.of("advice", 0L, "delayed", 0L, "losing", 0L, "stopped", 0L));
        findings.forEach(finding -> counts.merge(finding.textOrEmpty("severity"), 1L, Long::sum));
        counts.forEach((severity, count) -> text.gauge(
                "pgnet_findings", "What net.doctor() finds, by severity.", Map.of("severity", severity), count));
    }

    private static void gauge(Exposition text, Row row, String column, String name, String help) {
        row.real(column).ifPresent(value -> text.gauge(name, help, Map.of(), value));
    }

    private static void counter(Exposition text, Row row, String column, String name, String help) {
        row.real(column).ifPresent(value -> text.counter(name, help, Map.of(), value));
    }

    /** The sum over the roles that call a host; of percentiles the highest. */
    private static final class Host {
        private final Map<String, Double> sums = new HashMap<>();
        private final Map<String, Double> percentiles = new TreeMap<>();
        private boolean open;

        void add(Row row) {
            for (String column : List.of("waiting", "in_flight", "started", "failed", "retried")) {
                sums.merge(column, row.real(column).orElse(0.0), Double::sum);
            }
            open |= row.text("breaker").filter(state -> !state.equals("closed")).isPresent();
            for (String quantile : List.of("p50", "p90", "p99")) {
                row.real(quantile + "_seconds").ifPresent(value -> percentiles.merge(quantile, value, Math::max));
            }
        }

        void write(Exposition text, Map<String, String> labels) {
            text.gauge(
                    "pgnet_host_waiting_requests",
                    "Requests to a host that may be sent and are not in flight.",
                    labels,
                    sums.get("waiting"));
            text.gauge("pgnet_host_in_flight_requests", "Requests to a host in flight.", labels, sums.get("in_flight"));
            text.counter("pgnet_host_started", "How often requests to a host were sent.", labels, sums.get("started"));
            text.counter("pgnet_host_failed", "Those that got no response.", labels, sums.get("failed"));
            text.counter(
                    "pgnet_host_retried", "Those that were put off to be sent again.", labels, sums.get("retried"));
            text.gauge(
                    "pgnet_host_breaker_open",
                    "Whether the breaker of a host is open, or probes it.",
                    labels,
                    open ? 1 : 0);
            percentiles.forEach((quantile, value) -> text.quantile(
                    DURATION,
                    "How long requests to a host take.",
                    labels,
                    "0." + quantile.substring(1).replaceFirst("0$", ""),
                    value));
        }
    }
}
