package org.pgnet.server.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.util.Optional;
import java.util.Set;

/**
 * What is refused before any page sees it: other Host headers, other methods, and changes that do not come from a form of this
 * site. Each form carries a token, its session's or, before there is one, that of a cookie.
 */
final class Guard {
    private static final Set<String> READING = Set.of("GET", "HEAD");
    static final String TOKEN_FIELD = "csrf";

    private final HostCheck hosts;

    Guard(HostCheck hosts) {
        this.hosts = hosts;
    }

    /** Why this is refused, by what can be said before its body is read. */
    Optional<Answer> refusal(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        String host = Optional.ofNullable(headers.getFirst("Host")).orElse("");
        if (!hosts.allows(host, exchange.getLocalAddress().getAddress())) {
            return Optional.of(
                    Answer.text(421, "This is not the site that you asked for. If it is, start it with --name.\n"));
        }
        String method = exchange.getRequestMethod();
        if (!READING.contains(method) && !method.equals("POST")) {
            return Optional.of(Answer.text(405, "Method not allowed\n").with("Allow", "GET, HEAD, POST"));
        }
        if (method.equals("POST") && !isOfThisSite(headers, host)) {
            return Optional.of(Answer.text(403, "This form is not of this site.\n"));
        }
        return Optional.empty();
    }

    /** Whether a form has the token that it should. */
    static boolean hasToken(Query form, String token) {
        return !token.isEmpty() && Tokens.equal(form.exact(TOKEN_FIELD), token);
    }

    private static boolean isOfThisSite(Headers headers, String host) {
        String site = Optional.ofNullable(headers.getFirst("Sec-Fetch-Site")).orElse("same-origin");
        String origin = Optional.ofNullable(headers.getFirst("Origin")).orElse("http://" + host);
        return site.equals("same-origin")
                && origin.replaceFirst("^https?://", "").equals(host);
    }
}
