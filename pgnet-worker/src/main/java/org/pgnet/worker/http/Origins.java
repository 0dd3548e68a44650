package org.pgnet.worker.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.pgnet.curl.CurlException;
import org.pgnet.curl.CurlUrl;

/**
 * Tells the origin of a URL, {@code scheme://host:port}, by libcurl's own parser, and remembers it for each beginning of a
 * URL that it has seen. One thread; each thread has its own.
 */
public final class Origins {
    private static final int MAX_REMEMBERED = 4096;

    private final Map<String, String> byPrefix = new HashMap<>();

    /** The origin of {@code url}; of one that cannot be parsed, something that only URLs broken alike share. */
    public String of(String url) {
        int end = endOfAuthority(url);
        if (end < 0) {
            return parse(url);
        }
        String prefix = url.substring(0, end);
        String known = byPrefix.get(prefix);
        if (known != null) {
            return known;
        }
        String origin = parse(prefix);
        if (byPrefix.size() >= MAX_REMEMBERED) {
            byPrefix.clear();
        }
        byPrefix.put(prefix, origin);
        return origin;
    }

    private static String parse(String url) {
        try {
            return CurlUrl.origin(url);
        } catch (CurlException unparsable) {
            int end = endOfAuthority(url);
            return (end < 0 ? "" : url.substring(0, end)).toLowerCase(Locale.ROOT);
        }
    }

    /** Where path, query or fragment begin; -1 for a URL that does not plainly start with scheme://authority. */
    private static int endOfAuthority(String url) {
        int colon = url.indexOf(':');
        int start = colon + 3;
        if (colon < 1 || !url.startsWith("//", colon + 1) || url.length() <= start || url.charAt(start) == '/') {
            return -1;
        }
        int end = start;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        return end;
    }
}
