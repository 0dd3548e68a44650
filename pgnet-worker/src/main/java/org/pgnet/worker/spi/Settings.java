package org.pgnet.worker.spi;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * The settings that can change while the worker runs.
 *
 * @param maxInFlight the most requests in flight at once, 0 to send nothing (pg_net.batch_size, and what the process's
 *     descriptors allow)
 * @param maxPerHost the most requests in flight to one host and port, at least 1 (pg_net.max_connections_per_host)
 * @param ttl how long responses are kept (pg_net.ttl)
 * @param attemptTtl how long the history of attempts is kept (pg_net.attempt_ttl)
 * @param deadLetterTtl how long requests that did not succeed are kept (pg_net.dead_letter_ttl)
 * @param maxResponseBytes the largest response body accepted, in bytes (pg_net.max_response_size)
 * @param maxResponseMemoryBytes how much memory the response bodies of more than 1 MB may take together, in bytes, at least
 *     1; the others wait (pg_net.max_response_memory)
 * @param userAgentLine the header line of requests that name no User-Agent
 * @param caBundle a file of CA certificates in PEM format, empty for the system's (pg_net.ca_bundle)
 * @param egress where requests may go
 * @param hosts how they are sent there
 */
public record Settings(
        int maxInFlight,
        int maxPerHost,
        Duration ttl,
        Duration attemptTtl,
        Duration deadLetterTtl,
        long maxResponseBytes,
        long maxResponseMemoryBytes,
        String userAgentLine,
        String caBundle,
        EgressSettings egress,
        HostRules hosts) {

    /** The values of settings, by the names that users know. Each throws {@link IllegalStateException} for another name. */
    public interface Values {
        /** A number, in bytes or microseconds when it has a unit. */
        long number(String name);

        /** A text, as it was set. */
        String text(String name);
    }

    /** Reads all of them. */
    public static Settings of(Values values, String userAgent) {
        return new Settings(
                (int) values.number("pg_net.batch_size"),
                (int) values.number("pg_net.max_connections_per_host"),
                Duration.of(values.number("pg_net.ttl"), ChronoUnit.MICROS),
                Duration.of(values.number("pg_net.attempt_ttl"), ChronoUnit.MICROS),
                Duration.of(values.number("pg_net.dead_letter_ttl"), ChronoUnit.MICROS),
                values.number("pg_net.max_response_size"),
                values.number("pg_net.max_response_memory"),
                "User-Agent: " + userAgent,
                values.text("pg_net.ca_bundle"),
                new EgressSettings(
                        values.text("pg_net.allowed_hosts"),
                        values.text("pg_net.denied_networks"),
                        values.text("pg_net.proxy")),
                HostRules.NONE);
    }

    /** The same, but that at most so many requests are in flight. */
    public Settings atMost(int inFlight) {
        return inFlight >= maxInFlight ? this : with(inFlight, caBundle, hosts);
    }

    /** The same, but with the CA certificates of this file. */
    public Settings trusting(String otherCaBundle) {
        return with(maxInFlight, otherCaBundle, hosts);
    }

    /** The same, but with these rules for hosts. */
    public Settings with(HostRules otherHosts) {
        return with(maxInFlight, caBundle, otherHosts);
    }

    /** The same, but that nothing is sent. */
    public Settings sendingNothing() {
        return atMost(0);
    }

    private Settings with(int inFlight, String otherCaBundle, HostRules otherHosts) {
        return new Settings(
                inFlight,
                maxPerHost,
                ttl,
                attemptTtl,
                deadLetterTtl,
                maxResponseBytes,
                maxResponseMemoryBytes,
                userAgentLine,
                otherCaBundle,
                egress,
                otherHosts);
    }
}
