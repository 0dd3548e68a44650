package org.pgnet.curl;

import java.util.concurrent.TimeUnit;

/**
 * How a transfer ended.
 *
 * @param curlCode the CURLcode, 0 for success
 * @param text what it means, for the user; empty for success
 * @param detail what libcurl or this package adds to that, often empty
 */
record Ending(int curlCode, String text, String detail) {

    static final Ending SUCCESS = new Ending(LibCurl.CURLE_OK, "", "");

    /** libcurl ended it. */
    static Ending of(int curlCode, String detail) {
        return new Ending(curlCode, ReturnCode.easyText(curlCode), detail);
    }

    /** The sink ended it, which libcurl reports as CURLE_WRITE_ERROR. */
    static Ending ofSink(int failure, long maxBodyBytes, int status) {
        return switch (failure) {
            case LibPgnet.PGNET_SINK_BODY_TOO_LARGE ->
                new Ending(
                        LibCurl.CURLE_FILESIZE_EXCEEDED,
                        "Response body is larger than the limit of " + maxBodyBytes + " bytes",
                        "");
            case LibPgnet.PGNET_SINK_HEADERS_TOO_LARGE ->
                new Ending(
                        LibCurl.CURLE_FILESIZE_EXCEEDED,
                        "Response headers are more than the limit of 5000 lines or 1048576 bytes",
                        "");
            case LibPgnet.PGNET_SINK_NOT_IN_ITS_CODING ->
                new Ending(
                        LibCurl.CURLE_BAD_CONTENT_ENCODING,
                        "Response of status " + status
                                + " has a body that is not in its Content-Encoding, and too large to be kept as it came",
                        "");
            default -> of(LibCurl.CURLE_OUT_OF_MEMORY, "no memory for the response");
        };
    }

    /** It waited too long for memory. */
    static Ending ofWait(long nanos) {
        return new Ending(
                LibCurl.CURLE_OUT_OF_MEMORY,
                "Response waited " + TimeUnit.NANOSECONDS.toSeconds(nanos)
                        + " s for memory, which other responses hold (pg_net.max_response_memory)",
                "");
    }
}
