package org.pgnet.worker.http;

import java.util.Optional;

/**
 * Reads the raw header lines of one response at a time. One thread; each thread has its own.
 *
 * <p>The transfer thread reads only redirects. The store reads the headers to be recorded, since the transfer thread has
 * less time than the backend thread.
 */
public final class ResponseReader {
    private static final int MAX_CONTENT_TYPE_LENGTH = 4_096;

    private final HeaderBlock block = new HeaderBlock();
    private final HeadersJson json = new HeadersJson();

    /** @param headerBlock a status line and header lines, as received; altered here */
    public void read(byte[] headerBlock) {
        block.read(headerBlock);
    }

    /** Where a redirect leads; the first of several, as with libcurl. */
    public Optional<String> location() {
        return block.first("location");
    }

    /** How long the server asks to be left alone; the first of several. */
    public Optional<String> retryAfter() {
        return block.first("retry-after");
    }

    /** The Content-Type; the last of several, as with libcurl. One that is absurdly long is left to the headers. */
    public Optional<String> contentType() {
        return block.last("content-type").filter(value -> value.length() <= MAX_CONTENT_TYPE_LENGTH);
    }

    /** The headers as a JSON object in UTF-8; a header that came more than once is an array, in order. */
    public byte[] headersJson() {
        return json.toJson(block);
    }
}
