package org.pgnet.curl;

import java.util.Locale;
import java.util.Optional;

/**
 * libcurl's own URL parser (libcurl-url(3)), which also parses a transfer's URL. Any thread.
 *
 * <p>All methods throw {@link CurlException} with the CURLUcode and the text of curl_url_strerror(3) when a URL does not
 * parse, is not absolute where it must be, or has a scheme that libcurl does not know.
 */
public final class CurlUrl {

    private CurlUrl() {}

    /**
     * The absolute URL that a reference, such as the value of a Location header, means in a document of the base URL.
     * Spaces and characters over 127 in the reference are percent-encoded, as libcurl does when it follows a redirect.
     */
    public static String resolve(String base, String reference) {
        CurlLibrary.initialise();
        try (UrlHandle url = new UrlHandle()) {
            url.setUrl(base, 0);
            url.setUrl(reference, LibCurl.CURLU_URLENCODE | LibCurl.CURLU_ALLOW_SPACE);
            return url.get(LibCurl.CURLUPART_URL, 0);
        }
    }

    /**
     * An absolute URL with the user and the password of another one, as that one writes them; as it is when it names a user
     * or a password itself, or the other one neither.
     */
    public static String withCredentialsOf(String absoluteUrl, String other) {
        CurlLibrary.initialise();
        try (UrlHandle url = new UrlHandle();
                UrlHandle source = new UrlHandle()) {
            url.setUrl(absoluteUrl, 0);
            source.setUrl(other, 0);
            Optional<String> user = source.find(LibCurl.CURLUPART_USER);
            Optional<String> password = source.find(LibCurl.CURLUPART_PASSWORD);
            if (url.find(LibCurl.CURLUPART_USER).isPresent()
                    || url.find(LibCurl.CURLUPART_PASSWORD).isPresent()
                    || (user.isEmpty() && password.isEmpty())) {
                return absoluteUrl;
            }
            user.ifPresent(text -> url.set(LibCurl.CURLUPART_USER, text, 0));
            password.ifPresent(text -> url.set(LibCurl.CURLUPART_PASSWORD, text, 0));
            return url.get(LibCurl.CURLUPART_URL, 0);
        }
    }

    /**
     * A URL as it is sent: with characters of other than ASCII in path, query and fragment percent-encoded as UTF-8. Those of
     * the host are left to libcurl.
     */
    public static String wire(String url) {
        return WireUrl.of(url);
    }

    /**
     * The host of an absolute URL: a non-ASCII name in Punycode, an IPv4 address in dotted decimal form
     * whichever form the URL has, an IPv6 address in brackets and without its zone.
     */
    public static String host(String absoluteUrl) {
        CurlLibrary.initialise();
        try (UrlHandle url = new UrlHandle()) {
            url.setUrl(absoluteUrl, 0);
            return host(url);
        }
    }

    /**
     * The origin of an absolute URL, {@code scheme://host:port}: scheme and host in lower case, a host of other than ASCII
     * characters in Punycode, an IPv6 address in brackets, and always the port. Equal for equal origins.
     */
    public static String origin(String absoluteUrl) {
        CurlLibrary.initialise();
        try (UrlHandle url = new UrlHandle()) {
            url.setUrl(absoluteUrl, 0);
            String scheme = url.get(LibCurl.CURLUPART_SCHEME, 0);
            String host = host(url);
            String port = url.get(LibCurl.CURLUPART_PORT, LibCurl.CURLU_DEFAULT_PORT);
            return (scheme + "://" + host).toLowerCase(Locale.ROOT) + ":" + port;
        }
    }

    private static String host(UrlHandle url) {
        long previous = LibPgnet.pgnet_utf8_begin();
        try {
            return url.get(LibCurl.CURLUPART_HOST, LibCurl.CURLU_PUNYCODE);
        } finally {
            LibPgnet.pgnet_utf8_end(previous);
        }
    }
}
