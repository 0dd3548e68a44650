package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.Optional;

/** Owner of one libcurl multi handle. One thread, but for {@link #wakeup()}. */
final class MultiHandle implements AutoCloseable {

    /**
     * A transfer that is complete.
     *
     * @param easy the address of its easy handle
     * @param curlCode how it ended, a CURLcode
     */
    record Completion(long easy, int curlCode) {}

    // struct CURLMsg: CURLMSG msg, CURL *easy_handle, union { void *whatever; CURLcode result; }
    private static final int MESSAGE_EASY = 8;
    private static final int MESSAGE_RESULT = 16;

    /** For the counts that libcurl writes and nobody needs. */
    private final Memory count = new Memory(Integer.BYTES);

    private final long countAddress = Pointer.nativeValue(count);
    private final Object gate = new Object();
    private final long address;
    private boolean closed;

    /** @throws CurlException when there is no memory */
    MultiHandle() {
        address = ReturnCode.checkAllocated(LibCurl.curl_multi_init());
        // Of paused HTTP/2 streams on a connection that others read, libcurl would keep all that comes, megabytes each.
        set(LibCurl.CURLMOPT_PIPELINING, LibCurl.CURLPIPE_NOTHING);
        if (CurlLibrary.isAtLeast(CurlLibrary.MULTI_QUICK_EXIT_VERSION)) {
            set(LibCurl.CURLMOPT_QUICK_EXIT, 1);
        }
    }

    /** How many idle connections are kept, at least 1: libcurl takes 0 for a default of its own. */
    void maxConnections(int connections) {
        set(LibCurl.CURLMOPT_MAXCONNECTS, Math.max(1, connections));
    }

    /** Begins the transfer of an easy handle. */
    void add(long easy) {
        ReturnCode.checkMulti(LibCurl.curl_multi_add_handle(address, easy));
    }

    /** Takes an easy handle out, whatever its transfer is at. */
    void remove(long easy) {
        ReturnCode.checkMulti(LibCurl.curl_multi_remove_handle(address, easy));
    }

    /** Does what can be done without waiting. */
    void perform() {
        long previous = LibPgnet.pgnet_utf8_begin();
        try {
            ReturnCode.checkMulti(LibCurl.curl_multi_perform(address, countAddress));
        } finally {
            LibPgnet.pgnet_utf8_end(previous);
        }
    }

    /** Waits until something can be done, {@link #wakeup()}, or for the given time at most. */
    void poll(int timeoutMillis) {
        ReturnCode.checkMulti(LibCurl.curl_multi_poll(address, 0, 0, timeoutMillis, 0));
    }

    /** Takes one completed transfer; its easy handle is still to be removed. */
    Optional<Completion> nextCompletion() {
        long message = LibCurl.curl_multi_info_read(address, countAddress);
        if (message == 0) {
            return Optional.empty();
        }
        // CURLMSG_DONE is the only kind of message there is.
        Pointer fields = new Pointer(message);
        return Optional.of(new Completion(fields.getLong(MESSAGE_EASY), fields.getInt(MESSAGE_RESULT)));
    }

    /** Ends {@link #poll} now, or at its next call. Any thread, also when closed. */
    void wakeup() {
        synchronized (gate) {
            if (!closed) {
                ReturnCode.checkMulti(LibCurl.curl_multi_wakeup(address));
            }
        }
    }

    private void set(int option, long value) {
        ReturnCode.checkMulti(LibCurl.curl_multi_setopt(address, option, value));
    }

    /** Closes all connections. Every easy handle must be out. A second call does nothing. */
    @Override
    public void close() {
        synchronized (gate) {
            if (closed) {
                return;
            }
            closed = true;
        }
        LibCurl.curl_multi_cleanup(address);
        count.close();
    }
}
