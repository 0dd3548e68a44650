package org.pgnet.curl;

import java.util.Optional;

/**
 * How one transfer ended, and what arrived. Owns the native memory of the response: close it, on any one thread at a time.
 */
public final class TransferResult implements AutoCloseable {

    private final Transfer transfer;
    private final Ending ending;
    private final int status;
    private final Timings timings;
    private final long memoryWaitNanos;
    private final int sendings;
    private final boolean connected;
    private NativeBytes headers;
    private NativeBytes body;

    TransferResult(
            Transfer transfer,
            Ending ending,
            int status,
            Timings timings,
            long memoryWaitNanos,
            int sendings,
            boolean connected,
            NativeBytes headers,
            NativeBytes body) {
        this.transfer = transfer;
        this.ending = ending;
        this.status = status;
        this.timings = timings;
        this.memoryWaitNanos = memoryWaitNanos;
        this.sendings = sendings;
        this.connected = connected;
        this.headers = headers;
        this.body = body;
    }

    /** Of a transfer that was not sent. */
    static TransferResult refused(Transfer transfer, CurlException reason) {
        return new TransferResult(
                transfer,
                Ending.ofRefusal(reason),
                0,
                Timings.NONE,
                0,
                0,
                false,
                NativeBytes.empty(),
                NativeBytes.empty());
    }

    /** The transfer as it was started. */
    public Transfer transfer() {
        return transfer;
    }

    /** Whether there is no complete response. A response is complete whatever its status code. */
    public boolean failed() {
        return ending.curlCode() != LibCurl.CURLE_OK;
    }

    /**
     * The CURLcode of libcurl-errors(3), 0 for success. CURLE_FILESIZE_EXCEEDED (63) when the body is over the transfer's
     * limit, CURLE_OUT_OF_MEMORY (27) when there was no memory for it.
     */
    public int curlCode() {
        return ending.curlCode();
    }

    /** Why there is no complete response; empty when there is one. */
    public Optional<TransferFailure> failure() {
        return ending.failure();
    }

    /** What the code means, in the same words with every libcurl, or our own text about a limit; empty for success. */
    public String errorText() {
        return ending.text();
    }

    /** What happened in this case (CURLOPT_ERRORBUFFER(3)); often empty. */
    public String errorDetail() {
        return ending.detail();
    }

    /** Whether the transfer's own timeout ended it. */
    public boolean timedOut() {
        return ending.curlCode() == LibCurl.CURLE_OPERATION_TIMEDOUT;
    }

    /** The status code of the last response, 0 when none came. */
    public int status() {
        return status;
    }

    /**
     * The status line and the header lines of the last response, each with its line end, as the server sent them; without
     * 1xx responses and trailers. When the body was decoded they still tell its coding and length before. Empty when
     * nothing came, and when they were taken.
     *
     * @throws IllegalStateException when closed
     */
    public byte[] headerBlock() {
        return headers.toByteArray();
    }

    /** Hands over what {@link #headerBlock()} copies; the caller closes it. A second call gives none. */
    public NativeBytes takeHeaderBlock() {
        NativeBytes taken = headers;
        headers = NativeBytes.empty();
        return taken;
    }

    /**
     * Hands over the body as far as it came; the caller closes it. The 16 bytes before its address are the caller's to write,
     * for a header that his use of it wants there. A second call gives none.
     */
    public NativeBytes takeBody() {
        NativeBytes taken = body;
        body = NativeBytes.empty();
        return taken;
    }

    /** How long it took, time spent waiting for memory included. */
    public Timings timings() {
        return timings;
    }

    /** The nanoseconds that it waited for memory, which did not count towards its time limit. */
    public long memoryWaitNanos() {
        return memoryWaitNanos;
    }

    /**
     * How often the request was sent: 0 when there was no connection for it, 2 when the server closed a kept connection
     * without a byte of an answer.
     */
    public int sendings() {
        return sendings;
    }

    /**
     * Whether the request had its connection, new or kept, and was being sent or waited for when it ended: what tells a
     * timeout of connecting from one of the exchange.
     */
    public boolean connected() {
        return connected;
    }

    /** Frees headers and body, unless they were taken. A second call does nothing. */
    @Override
    public void close() {
        headers.close();
        body.close();
        body = NativeBytes.empty();
    }
}
