package org.pgnet.worker.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.pgnet.curl.CurlException;
import org.pgnet.curl.CurlUrl;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;

/**
 * Finds the origin of a URL, {@code scheme://host:port}, by libcurl's own parser, and remembers it for each beginning of a
 * URL. One thread; each thread has its own.
 *
 * <p>Servers choose the URLs that they redirect to, so nothing here grows with their length: a long beginning of a URL is
 * not remembered, and a long origin is identified by its digest.
 */
public final class Origins {
    /** So many characters of a URL {@link #path} looks at. */
    public static final int LONGEST_READ = 2048;

    private static final int MAX_REMEMBERED = 2048;

    /** In characters. A name that can be resolved has at most 253; what is longer is a user, or no name. */
    private static final int LONGEST_KEPT = 300;

    private final Map<String, String> byPrefix = new HashMap<>();
    /** The one that was asked for last, since the next URL is often of the same origin. */
    private String lastPrefix = "";

    private String lastOrigin = "";
    /** The URL of which that was asked, if it is short; empty for none. */
    private String lastUrl = "";

    /**
     * The origin of {@code url}, at most some hundred characters; of one that cannot be parsed, something that only URLs
     * broken alike share.
     */
    public String of(String url) {
        if (lastUrl.isEmpty() || !url.equals(lastUrl)) {
            return ofAnother(url);
        }
        lastUrl = url; // the next question is likely to be for the same object, which is the same at first sight
        return lastOrigin;
    }

    private String ofAnother(String url) {
        int end = endOfAuthority(url);
        if (end < 0) {
            return parse(url);
        }
        if (end > LONGEST_KEPT) {
            return parse(url.substring(0, end));
        }
        if (end != lastPrefix.length() || !url.startsWith(lastPrefix)) {
            lastPrefix = url.substring(0, end);
            lastOrigin = ofPrefix(lastPrefix);
        }
        lastUrl = url.length() <= LONGEST_KEPT ? url : "";
        return lastOrigin;
    }

    private String ofPrefix(String prefix) {
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

    /** Where a request goes that leads to this origin. */
    public static Endpoint endpoint(DueRequest request, String origin) {
        return request.isMessage()
                ? new Endpoint(request.owner(), origin, path(request.http().url()))
                : new Endpoint(request.owner(), origin);
    }

    /** What is between origin and query of a URL, of which the first {@link #LONGEST_READ} characters count; never empty. */
    public static String path(String url) {
        int begin = Math.max(0, endOfAuthority(url));
        int end = begin;
        while (end < Math.min(url.length(), LONGEST_READ) && "?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        return begin >= end ? "/" : url.substring(begin, end);
    }

    /** How many beginnings of URLs are remembered. */
    int remembered() {
        return byPrefix.size();
    }

    private static String parse(String url) {
        String origin = parseWhole(url);
        return origin.length() > LONGEST_KEPT ? digest(origin) : origin;
    }

    private static String digest(String origin) {
        try {
            byte[] bytes = origin.getBytes(StandardCharsets.UTF_8);
            return "sha-256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    private static String parseWhole(String url) {
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
        while (end < url.length() && !endsAuthority(url.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean endsAuthority(char c) {
        return c == '/' || c == '?' || c == '#';
    }
}
