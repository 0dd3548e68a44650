package org.pgnet.worker.hosts;

import java.util.Optional;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.RateLimit;
import org.pgnet.worker.spi.TlsFiles;

/**
 * A row of the table of hosts; nulls are empty. The parts are those of {@link HostTerms}.
 *
 * @param pattern which hosts it is about, by which it is known
 * @param roles the roles that may call its hosts, in whatever form {@link Membership} reads
 */
public record HostRow(
        String pattern,
        Optional<String> policy,
        Optional<Integer> timeoutMillis,
        Optional<Integer> connectTimeoutMillis,
        Optional<Integer> maxInFlight,
        Optional<RateLimit> rate,
        Optional<Boolean> breaker,
        Optional<String> store,
        Optional<String> headersJson,
        Optional<String> roles,
        Optional<TlsFiles> tls,
        Optional<Boolean> paused) {}
