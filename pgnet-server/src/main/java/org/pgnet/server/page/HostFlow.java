package org.pgnet.server.page;

import java.time.Instant;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** What the requests of a role to an origin do now, or those of a webhook that are held: a row of net.stat_host. */
public record HostFlow(
        String origin,
        String owner,
        Optional<String> endpoint,
        long waiting,
        long inFlight,
        Optional<Double> tokens,
        Optional<String> breaker,
        Optional<Instant> pausedUntil,
        Optional<String> reason,
        long started,
        long failed,
        long retried,
        Optional<String> p50,
        Optional<String> p99) {
    /** Columns that an older extension does not have are none. */
    public static final String QUERY = """
            select s.*, pg_get_userbyid(s.owner) as owner_name
            from net.stat_host s
            order by (s.breaker is distinct from 'closed' and s.breaker is not null) desc, s.waiting desc, s.failed desc, s.started desc
            limit 200
            """;

    public static HostFlow of(Row row) {
        return new HostFlow(
                row.textOrEmpty("origin"),
                row.textOrEmpty("owner_name"),
                row.text("endpoint"),
                row.numberOr("waiting", 0),
                row.numberOr("in_flight", 0),
                row.real("tokens"),
                row.text("breaker"),
                row.moment("paused_until"),
                row.text("reason"),
                row.numberOr("started", 0),
                row.numberOr("failed", 0),
                row.numberOr("retried", 0),
                Latency.of(row, "p50"),
                Latency.of(row, "p99"));
    }

    /** For the host of a pattern of net.hosts. */
    public String pattern() {
        return Place.of(origin).host();
    }

    /** Without a port, for the filter of requests. */
    public String name() {
        return Place.of(origin).name();
    }

    /** Whether its breaker holds requests back. */
    public boolean isLeftAlone() {
        return breaker.filter(state -> !state.equals("closed")).isPresent();
    }

    public Tone tone() {
        if (isLeftAlone()) {
            return Tone.LOSING;
        }
        if (pausedUntil.isPresent() || reason.isPresent()) {
            return Tone.DELAYED;
        }
        return (failed + retried) * 10 > started && started > 0 ? Tone.DELAYED : Tone.WELL;
    }

    /** Its state in words, and whose it is when it is not that of all requests to the origin. */
    public String state() {
        return endpoint.map(whose -> whose + ": ").orElse("") + does();
    }

    private String does() {
        if (breaker.filter("open"::equals).isPresent()) {
            return "breaker open";
        }
        if (breaker.filter("probing"::equals).isPresent()) {
            return "probing";
        }
        if (pausedUntil.isPresent()) {
            return "asked to wait";
        }
        if (waiting > 0 && reason.isPresent()) {
            return "held";
        }
        return tone() == Tone.WELL ? inFlight > 0 ? "sending" : "well" : "failing";
    }

    /** The share of requests that got no response, in percent. */
    public String failedShare() {
        return started == 0 ? "" : Format.decimal(100.0 * failed / started) + " %";
    }

    /** How bad it is, for the order of those in most pain. */
    long pain() {
        long troubled = tone() == Tone.LOSING ? 1_000_000 : tone() == Tone.DELAYED ? 1_000 : 0;
        return troubled + waiting + (started == 0 ? 0 : 1_000 * failed / started);
    }
}
