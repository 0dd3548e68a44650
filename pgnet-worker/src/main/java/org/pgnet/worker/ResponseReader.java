package org.pgnet.worker;

import java.util.Optional;

/** Reads what the engine needs out of the raw header lines of one response at a time. One thread. */
final class ResponseReader {
    private final HeaderBlock block = new HeaderBlock();
    private final ResponseHeaders json = new ResponseHeaders();

    /** @param headerBlock a status line and header lines, as received; altered here */
    void read(byte[] headerBlock) {
        block.read(headerBlock);
    }

    /** Where a redirect leads; the first of several, as with libcurl. */
    Optional<String> location() {
        return block.first("location");
    }

    /** The Content-Type; the last of several, as with libcurl. */
    Optional<String> contentType() {
        return block.last("content-type");
    }

    /** The headers as a JSON object in UTF-8. */
    byte[] headersJson() {
        return json.toJson(block);
    }
}
