package org.pgnet.worker;

import java.util.Optional;
import org.pgnet.curl.NativeBytes;

/** Reads what the engine needs out of the raw header lines of one response at a time. One thread. */
final class ResponseReader {
    private static final int MAX_CONTENT_TYPE_LENGTH = 4_096;

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

    /** The Content-Type; the last of several, as with libcurl. One that is absurdly long is left to the headers. */
    Optional<String> contentType() {
        return block.last("content-type").filter(value -> value.length() <= MAX_CONTENT_TYPE_LENGTH);
    }

    /** The headers as a JSON object in UTF-8, outside the Java heap: servers decide how long they are. */
    NativeBytes headersJson() {
        return NativeBytes.copyOf(json.toJson(block));
    }
}
