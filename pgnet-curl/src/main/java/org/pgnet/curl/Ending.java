package org.pgnet.curl;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How a transfer ended.
 *
 * @param curlCode the CURLcode, 0 for success
 * @param failure the same for whoever would try again, empty for success
 * @param text what it means, for the user; empty for success
 * @param detail what libcurl or this package adds to that, often empty
 */
record Ending(int curlCode, Optional<TransferFailure> failure, String text, String detail) {

    static final Ending SUCCESS = new Ending(LibCurl.CURLE_OK, Optional.empty(), "", "");

    private Ending(int curlCode, TransferFailure failure, String text, String detail) {
        this(curlCode, Optional.of(failure), text, detail);
    }

    /**
     * libcurl ended it.
     *
     * @param connected whether the request had its connection
     */
    static Ending of(int curlCode, boolean connected, String detail) {
        return new Ending(curlCode, TransferFailure.of(curlCode, connected), ReturnCode.easyText(curlCode), detail);
    }

    /** The same, with what it is about, in words; empty for nothing. */
    Ending about(String what) {
        return what.isEmpty() ? this : new Ending(curlCode, failure, text + ": " + what, detail);
    }

    /** It did not begin. */
    static Ending ofRefusal(CurlException reason) {
        return new Ending(reason.code(), TransferFailure.of(reason.code(), false), reason.getMessage(), "");
    }

    /** It was kept from every address that its host has. */
    static Ending ofGuard(int curlCode, String refusal, String detail) {
        return new Ending(curlCode, TransferFailure.DENIED, refusal, detail);
    }

    /** The sink ended it, which libcurl reports as CURLE_WRITE_ERROR. */
    static Ending ofSink(int failure, long maxBodyBytes, int status) {
        return switch (failure) {
            case LibPgnet.PGNET_SINK_BODY_TOO_LARGE ->
                new Ending(
                        LibCurl.CURLE_FILESIZE_EXCEEDED,
                        TransferFailure.TOO_LARGE,
                        "Response body is larger than the limit of " + maxBodyBytes + " bytes",
                        "");
            case LibPgnet.PGNET_SINK_HEADERS_TOO_LARGE ->
                new Ending(
                        LibCurl.CURLE_FILESIZE_EXCEEDED,
                        TransferFailure.TOO_LARGE,
                        "Response headers are more than the limit of 5000 lines or 1048576 bytes",
                        "");
            case LibPgnet.PGNET_SINK_NOT_IN_ITS_CODING ->
                new Ending(
                        LibCurl.CURLE_BAD_CONTENT_ENCODING,
                        TransferFailure.TOO_LARGE,
                        "Response of status " + status
                                + " has a body that is not in its Content-Encoding, and too large to be kept as it came",
                        "");
            // What libcurl says of it, where that is not the end of the process.
            case LibPgnet.PGNET_SINK_FIRST_HEADER_FOLDED -> of(LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, true, "");
            default -> of(LibCurl.CURLE_OUT_OF_MEMORY, true, "no memory for the response");
        };
    }

    /** It waited too long for memory. */
    static Ending ofWait(long nanos) {
        return new Ending(
                LibCurl.CURLE_OUT_OF_MEMORY,
                TransferFailure.NO_MEMORY,
                "Response waited " + TimeUnit.NANOSECONDS.toSeconds(nanos)
                        + " s for memory, which other responses hold (pg_net.max_response_memory)",
                "");
    }
}
