package org.pgnet.worker.spi;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The terms that apply to requests to one origin. Each part comes from the most specific rule that has it.
 *
 * @param policy of requests that name none
 * @param timeoutMillis of requests that name none, 0 for no limit
 * @param connectTimeoutMillis the most milliseconds until a connection is established
 * @param maxInFlight the most requests in flight to the origin, at least 1
 * @param rate how often requests may start
 * @param breaker whether there is a breaker for endpoints that fail; empty if no rule says so
 * @param store what is stored of responses, for requests that do not say so
 * @param headersJson headers to add to requests without them, as the text of a JSON object; empty for none
 * @param rolesRule the rule that says which roles may call the origin; empty when all may
 * @param tls files for TLS
 * @param paused whether no request starts
 */
public record HostTerms(
        Optional<String> policy,
        OptionalInt timeoutMillis,
        OptionalInt connectTimeoutMillis,
        OptionalInt maxInFlight,
        Optional<RateLimit> rate,
        Optional<Boolean> breaker,
        Optional<String> store,
        String headersJson,
        String rolesRule,
        TlsFiles tls,
        boolean paused) {

    /** Of an origin that no rule is about. */
    public static final HostTerms NONE = new HostTerms(
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "",
            "",
            TlsFiles.NONE,
            false);

    /** Whether an endpoint that fails is left alone for a time: by default that of a webhook is. */
    public boolean hasBreaker(boolean isOfWebhook) {
        return breaker.orElse(isOfWebhook);
    }
}
