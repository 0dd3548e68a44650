package org.pgnet.curl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The header lines of a request as libcurl is to get them.
 *
 * <ul>
 *   <li>{@code Expect: 100-continue}, which libcurl adds to large bodies, is suppressed unless the caller asks for it: many
 *       servers do not answer it, and each such request would wait a second.
 *   <li>{@code Content-Type: application/x-www-form-urlencoded}, which libcurl adds to every body and even to a POST without
 *       one, is suppressed: what the caller sends is no form.
 *   <li>{@code Accept-Encoding} is taken out and given to CURLOPT_ACCEPT_ENCODING, so that the body arrives decoded, when
 *       libcurl can decode all codings that it names. If it cannot, the line is sent as it is and the body arrives as the
 *       server sends it. A server that answers with a coding that was not asked for fails the transfer when decoding is on.
 * </ul>
 *
 * @param lines the lines for CURLOPT_HTTPHEADER
 * @param acceptEncoding the value for CURLOPT_ACCEPT_ENCODING, empty to leave bodies as they arrive
 * @param mayMisleadAboutItsEnd whether the server may take this request to end elsewhere than libcurl does: because its
 *     headers say where, or one's name is no token, which servers read differently. What is left on the connection would
 *     then be taken for the beginning of the next request, which may be somebody else's
 */
record RequestHeaders(List<String> lines, String acceptEncoding, boolean mayMisleadAboutItsEnd) {

    /** None at all. */
    static final RequestHeaders NONE = new RequestHeaders(List.of(), "", false);

    private static final String ACCEPT_ENCODING = "accept-encoding:";
    private static final String SUPPRESS_EXPECT = "Expect:";
    private static final String SUPPRESS_CONTENT_TYPE = "Content-Type:";

    /** What says where a request ends, or what the connection is from then on (RFC 9112, 6 and 9). */
    private static final List<String> FRAMING = List.of("content-length", "transfer-encoding", "upgrade");

    /**
     * @param posts whether libcurl is told of a body, which may be empty
     * @throws CurlException CURLE_BAD_FUNCTION_ARGUMENT for a line with CR, LF or NUL
     */
    static RequestHeaders of(List<String> headerLines, boolean posts) {
        headerLines.forEach(RequestHeaders::requireOneLine);
        List<String> lines = new ArrayList<>(headerLines);
        String acceptEncoding = acceptEncoding(headerLines);
        if (!acceptEncoding.isEmpty()) {
            lines.removeIf(RequestHeaders::isAcceptEncoding);
        }
        if (posts && headerLines.stream().noneMatch(line -> startsWith(line, "expect:"))) {
            lines.add(SUPPRESS_EXPECT);
        }
        if (posts && headerLines.stream().noneMatch(line -> startsWith(line, "content-type:"))) {
            lines.add(SUPPRESS_CONTENT_TYPE);
        }
        boolean misleading = lines.stream()
                .map(RequestHeaders::name)
                .anyMatch(name -> FRAMING.contains(name) || !HttpToken.isToken(name));
        return new RequestHeaders(List.copyOf(lines), acceptEncoding, misleading);
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

    /** The codings asked for, when libcurl decodes them all; else empty. */
    private static String acceptEncoding(List<String> headerLines) {
        String value = headerLines.stream()
                .filter(RequestHeaders::isAcceptEncoding)
                .map(line -> line.substring(ACCEPT_ENCODING.length()).strip())
                .filter(codings -> !codings.isEmpty())
                .collect(Collectors.joining(", "));
        List<String> codings = Arrays.stream(value.split(","))
                .map(RequestHeaders::withoutWeight)
                .toList();
        boolean decodes = codings.stream().allMatch(RequestHeaders::isDecodable)
                && codings.stream().anyMatch(coding -> !coding.equals("identity"));
        return decodes ? value : "";
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

    private static boolean isAcceptEncoding(String line) {
        return startsWith(line, ACCEPT_ENCODING);
    }

    private static boolean startsWith(String line, String lowerCaseName) {
        return line.regionMatches(true, 0, lowerCaseName, 0, lowerCaseName.length());
    }
}
