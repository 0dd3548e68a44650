package org.pgnet.curl;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A URL as it is sent. People write characters of other than ASCII in it, browsers percent-encode them as UTF-8, and libcurl
 * sends what it gets: many servers refuse a request line with such bytes.
 */
final class WireUrl {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private WireUrl() {}

    /**
     * The URL with characters over 127 in path, query and fragment percent-encoded as UTF-8. The host is libcurl's to
     * convert, and so are user and password, which are sent as they are.
     */
    static String of(String url) {
        return isAscii(url) ? url : encoded(url);
    }

    /** Every other character takes more bytes of UTF-8 than the one or two of its own. */
    private static boolean isAscii(String url) {
        return url.getBytes(StandardCharsets.UTF_8).length == url.length();
    }

    private static String encoded(String url) {
        int start = endOfAuthority(url);
        StringBuilder encoded = new StringBuilder(url.length() + 16).append(url, 0, start);
        for (byte b : url.substring(start).getBytes(StandardCharsets.UTF_8)) {
            if (b < 0) {
                encoded.append('%').append(HEX.toHexDigits(b));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }

    /** The index of the slash, question mark or hash behind the host: libcurl takes one to three slashes before it. */
    private static int endOfAuthority(String url) {
        int i = url.indexOf(':') + 1;
        while (i < url.length() && url.charAt(i) == '/') {
            i++;
        }
        while (i < url.length() && "/?#".indexOf(url.charAt(i)) < 0) {
            i++;
        }
        return i;
    }
}
