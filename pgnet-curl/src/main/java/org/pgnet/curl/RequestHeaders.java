package org.pgnet.curl;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The header lines of a request as libcurl is to get them.
 *
 * <ul>
 *   <li>{@code Expect: 100-continue}, which libcurl adds to large bodies, is suppressed unless the caller asks for it: many
 *       servers do not answer it, and each such request would wait a second.
 *   <li>{@code Content-Type: application/x-www-form-urlencoded}, which libcurl adds to every body and even to a POST without
 *       one, is suppressed: what the caller sends is no form.
 *   <li>{@code Accept-Encoding} is sent as it is, and not given to CURLOPT_ACCEPT_ENCODING: of a body that is not in its
 *       coding, or in one that was not asked for, libcurl would fail the transfer, and nobody would learn of the status. The
 *       sink decodes the body when all codings that the line names can be undone.
 * </ul>
 *
 * @param lines the lines for CURLOPT_HTTPHEADER
 * @param decodes whether the body is to be decoded; else it is left as it arrives
 * @param mayMisleadAboutItsEnd whether the server may take this request to end elsewhere than libcurl does: because its
 *     headers say where, or one's name is no token, which servers read differently. What is left on the connection would
 *     then be taken for the beginning of the next request, which may be somebody else's
 */
record RequestHeaders(List<String> lines, boolean decodes, boolean mayMisleadAboutItsEnd) {

    /** None at all. */
    static final RequestHeaders NONE = new RequestHeaders(List.of(), false, false);

    private static final String ACCEPT_ENCODING = "accept-encoding:";
    private static final String SUPPRESS_EXPECT = "Expect:";
    private static final String SUPPRESS_CONTENT_TYPE = "Content-Type:";

    /** What says where a request ends, or what the connection is from then on (RFC 9112, 6 and 9). */
    private static final List<String> FRAMING = List.of("content-length", "transfer-encoding", "upgrade");

    /** MAX_HTTP_RESP_HEADER_SIZE of libcurl's http.h, by which some releases measure the lines of requests too. */
    private static final int LONG_LINE_BYTES = 300 * 1024;

    /**
     * @param secretLines lines beside these, of which only the names are looked at
     * @param posts whether libcurl is told of a body, which may be empty
     * @throws CurlException CURLE_BAD_FUNCTION_ARGUMENT for a line with CR, LF or NUL, or one that libcurl would leave out
     */
    static RequestHeaders of(List<String> headerLines, List<SecretParts.Line> secretLines, boolean posts) {
        List<String> names = new ArrayList<>(headerLines.size() + secretLines.size());
        for (String line : headerLines) {
            requireOneLine(line);
            requireThatItIsSent(line);
            names.add(name(line));
        }
        for (SecretParts.Line line : secretLines) {
            requireThatItIsSent(line.line().length());
            names.add(name(line.name()));
        }
        List<String> lines = new ArrayList<>(headerLines);
        if (posts && !names.contains("expect")) {
            lines.add(SUPPRESS_EXPECT);
        }
        if (posts && !names.contains("content-type")) {
            lines.add(SUPPRESS_CONTENT_TYPE);
        }
        boolean misleading = false;
        for (String name : names) {
            misleading |= FRAMING.contains(name) || !HttpToken.isToken(name);
        }
        return new RequestHeaders(List.copyOf(lines), asksForCodings(headerLines), misleading);
    }

    private static String name(String line) {
        int end = 0;
        while (end < line.length() && line.charAt(end) != ':' && line.charAt(end) != ';') {
            end++;
        }
        return line.substring(0, end).toLowerCase(Locale.ROOT);
    }

    private static void requireOneLine(String line) {
        if (line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0 || !CString.isPossible(line)) {
            throw new CurlException(
                    LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "a request header must not contain CR, LF or NUL");
        }
    }

    private static void requireThatItIsSent(String line) {
        if (line.length() > LONG_LINE_BYTES / 4) {
            requireThatItIsSent(line.getBytes(StandardCharsets.UTF_8).length);
        }
    }

    private static void requireThatItIsSent(int bytes) {
        if (bytes > LONG_LINE_BYTES && CurlLibrary.leavesOutLongHeaders()) {
            throw new CurlException(
                    LibCurl.CURLE_BAD_FUNCTION_ARGUMENT,
                    "a request header is longer than 300 kB, and libcurl " + CurlLibrary.version()
                            + " sends none so long");
        }
    }

    /** Whether there are codings asked for, and all of them can be undone. */
    private static boolean asksForCodings(List<String> headerLines) {
        boolean asks = false;
        for (String line : headerLines) {
            if (!startsWith(line, ACCEPT_ENCODING)) {
                continue;
            }
            for (String part : line.substring(ACCEPT_ENCODING.length()).split(",")) {
                String coding = withoutWeight(part);
                if (!coding.isEmpty() && !isDecodable(coding)) {
                    return false;
                }
                asks |= !coding.isEmpty() && !coding.equals("identity");
            }
        }
        return asks;
    }

    private static String withoutWeight(String coding) {
        return coding.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private static boolean isDecodable(String coding) {
        return switch (coding) {
            case "identity" -> true;
            case "gzip", "x-gzip", "deflate" -> CurlLibrary.has(LibCurl.CURL_VERSION_LIBZ);
            case "br" -> CurlLibrary.has(LibCurl.CURL_VERSION_BROTLI);
            case "zstd" -> CurlLibrary.has(LibCurl.CURL_VERSION_ZSTD);
            default -> false;
        };
    }

    private static boolean startsWith(String line, String lowerCaseName) {
        return line.regionMatches(true, 0, lowerCaseName, 0, lowerCaseName.length());
    }
}
