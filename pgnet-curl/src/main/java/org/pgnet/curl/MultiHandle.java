package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
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

    /** struct pgnet_completion of calls.h. */
    private static final int COMPLETION_SIZE = 16;

    private static final int CODE_OFFSET = 8;
    private static final int MAX_COMPLETIONS = 256;

    /** So that names which hang keep no other waiting: the caller bounds how many are looked up. libcurl's own is 20. */
    private static final int MAX_LOOKUPS = 1 << 16;

    /** The completions that were noted, then how many there are. */
    private final Memory memory = new Memory(MAX_COMPLETIONS * COMPLETION_SIZE + Integer.BYTES);

    private final long completionsAddress = Pointer.nativeValue(memory);
    private final long countAddress = completionsAddress + MAX_COMPLETIONS * COMPLETION_SIZE;
    private final ByteBuffer completions = memory.getByteBuffer(0, memory.size());
    private int next;
    private int count;
    private final Object gate = new Object();
    private final long address;
    private boolean closed;

    /** @throws CurlException when there is no memory */
    MultiHandle() {
        address = ReturnCode.checkAllocated(LibCurl.curl_multi_init());
        // Of paused HTTP/2 streams on a connection that others read, libcurl would keep all that comes, megabytes each.
        set(LibCurl.CURLMOPT_PIPELINING, LibCurl.CURLPIPE_NOTHING);
        if (CurlLibrary.isAtLeast(CurlLibrary.RESOLVER_POOL_VERSION)) {
            set(LibCurl.CURLMOPT_QUICK_EXIT, 1);
            set(LibCurl.CURLMOPT_RESOLVE_THREADS_MAX, MAX_LOOKUPS);
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

    /**
     * Takes an easy handle out, whatever its transfer is at.
     *
     * @param figures the address of two int64, for its response code and its total time in microseconds
     */
    void remove(long easy, long figures) {
        ReturnCode.checkMulti(LibPgnet.pgnet_remove(LibCurl.FUNCTIONS, address, easy, figures));
    }

    /** Does what can be done without waiting, unless completions are left to be taken. */
    void perform() {
        if (next < count) {
            return;
        }
        next = 0;
        count = 0;
        ReturnCode.checkMulti(
                LibPgnet.pgnet_perform(LibCurl.FUNCTIONS, address, completionsAddress, MAX_COMPLETIONS, countAddress));
        count = completions.getInt(MAX_COMPLETIONS * COMPLETION_SIZE);
    }

    /** Waits until something can be done, {@link #wakeup()}, or for the given time at most. */
    void poll(int timeoutMillis) {
        ReturnCode.checkMulti(LibCurl.curl_multi_poll(address, 0, 0, timeoutMillis, 0));
    }

    /** Takes one completed transfer; its easy handle is still to be removed. */
    Optional<Completion> nextCompletion() {
        if (next == count) {
            return Optional.empty();
        }
        int entry = next * COMPLETION_SIZE;
        next++;
        return Optional.of(new Completion(completions.getLong(entry), (int) completions.getLong(entry + CODE_OFFSET)));
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
        memory.close();
    }
}
