package org.pgnet.worker.exchange;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.pgnet.curl.CurlException;
import org.pgnet.curl.CurlUrl;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.spi.FailureKind;

/** The rules of redirects, as libcurl has them with CURLOPT_FOLLOWLOCATION. Pure functions; any thread. */
final class Redirects {
    /** libcurl's default since 8.3 (CURLOPT_MAXREDIRS(3)). */
    static final int MAX = 30;

    /** libcurl's text for CURLE_TOO_MANY_REDIRECTS. */
    static final String TOO_MANY = "Number of redirects hit maximum amount";
    /** libcurl's text for CURLE_UNSUPPORTED_PROTOCOL. */
    static final String UNSUPPORTED = "Unsupported protocol";
    /** libcurl's text for CURLE_URL_MALFORMAT. */
    static final String MALFORMED = "URL using bad/illegal format or missing URL";

    /** The longest URL that a redirect may lead to, in bytes as it is sent: what the call takes too. */
    static final int MAX_URL_BYTES = 64 * 1024;

    static final String TOO_LONG = "redirect to a URL of more than " + MAX_URL_BYTES + " bytes";

    /** Parts of the names of headers that carry secrets to the origin that they were meant for. */
    private static final List<String> SECRET_NAMES = List.of(
            "authorization",
            "x-auth",
            "cookie",
            "token",
            "secret",
            "password",
            "credential",
            "signature",
            "session",
            "jwt",
            "apikey",
            "api-key",
            "access-key",
            "subscription-key");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Redirects() {}

    /** Whether a response of this status sends the client on, if it has a Location. */
    static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    /** The method of the next hop; another than {@code method} also means that the body is dropped. */
    static String method(int status, String method) {
        boolean rewritten =
                switch (status) {
                    case 301, 302 -> method.equals("POST");
                    case 303 -> !method.equals("GET") && !method.equals("HEAD");
                    default -> false;
                };
        return rewritten ? "GET" : method;
    }

    /**
     * The absolute URL that a Location header leads to.
     *
     * @throws RequestException when it is no http or https URL, or too long
     */
    static String target(String base, String location) throws RequestException {
        requireShort(location);
        String scheme = scheme(location);
        if (location.startsWith("://", scheme.length()) && !isHttp(scheme)) {
            throw new RequestException(FailureKind.REDIRECT, UNSUPPORTED);
        }
        String target;
        try {
            target = CurlUrl.resolve(base, percentEncoded(location));
        } catch (CurlException unparsable) {
            throw new RequestException(
                    FailureKind.REDIRECT, scheme.isEmpty() || isHttp(scheme) ? MALFORMED : UNSUPPORTED);
        }
        if (!isHttp(scheme(target))) {
            throw new RequestException(FailureKind.REDIRECT, UNSUPPORTED);
        }
        requireShort(target);
        return target;
    }

    /**
     * The target with the user and the password of the URL that redirected to it, if it names none itself. For a target of
     * the same origin only.
     *
     * @throws RequestException when it is too long
     */
    static String withCredentials(String target, String from) throws RequestException {
        if (from.indexOf('@') < 0) {
            return target;
        }
        String whole;
        try {
            whole = CurlUrl.withCredentialsOf(target, from);
        } catch (CurlException unparsable) {
            throw new RequestException(FailureKind.REDIRECT, MALFORMED);
        }
        requireShort(whole);
        return whole;
    }

    /** Encoded, a text is never shorter than it is. */
    private static void requireShort(String url) throws RequestException {
        if (url.length() > MAX_URL_BYTES) {
            throw new RequestException(FailureKind.REDIRECT, TOO_LONG);
        }
    }

    /** Takes out the lines that describe a body that is not sent any more. */
    static void dropBodyHeaders(List<String> lines) {
        lines.removeIf(line -> {
            String name = name(line);
            return name.startsWith("content-") || name.equals("transfer-encoding") || name.equals("expect");
        });
    }

    /** Takes out the lines that another origin must not see, and the Host of the old one. */
    static void dropOriginHeaders(List<String> lines) {
        lines.removeIf(line -> {
            String name = name(line).replace('_', '-');
            return name.equals("host")
                    || (name.startsWith("x-") && name.contains("key"))
                    || SECRET_NAMES.stream().anyMatch(name::contains);
        });
    }

    private static boolean isHttp(String scheme) {
        return scheme.equals("http") || scheme.equals("https");
    }

    private static String name(String line) {
        return line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
    }

    /** RFC 3986, section 3.1, in lower case; empty for a relative reference. */
    private static String scheme(String reference) {
        for (int i = 0; i < reference.length(); i++) {
            char c = reference.charAt(i);
            if (c == ':') {
                return reference.substring(0, i).toLowerCase(Locale.ROOT);
            }
            if (!(Character.isLetterOrDigit(c) && c < 0x80) && c != '+' && c != '-' && c != '.') {
                return "";
            }
        }
        return "";
    }

    /** A server's text in which nothing is taken for the name of a secret. */
    static String withoutBraces(String location) {
        return location.replace("{", "%7B").replace("}", "%7D");
    }

    /** What servers should have encoded themselves (RFC 9110, section 10.2.2) and often did not. */
    private static String percentEncoded(String location) {
        StringBuilder encoded = new StringBuilder(location.length());
        for (byte b : location.getBytes(StandardCharsets.UTF_8)) {
            if (b < 0 || b == ' ') {
                encoded.append('%').append(HEX.toHexDigits(b));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }
}
