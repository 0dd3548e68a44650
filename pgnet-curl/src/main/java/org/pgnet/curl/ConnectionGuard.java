package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What libcurl asks, for one easy handle, before it connects a socket and before it sends a request over a connection. The
 * answers are C's (guard.c); here is what came of them. One thread at a time.
 */
final class ConnectionGuard implements AutoCloseable {

    private static final int NO_SOCKET = -1;

    private final Memory memory = new Memory(LibPgnet.GUARD_SIZE);
    private final ByteBuffer struct = memory.getByteBuffer(0, memory.size());
    private int sendingsBefore;

    /**
     * @param sockets the loop's
     * @param pool where the connections of this handle are kept
     */
    ConnectionGuard(OpenSockets sockets, ConnectionPool pool) {
        memory.clear();
        struct.putLong(LibPgnet.GUARD_SOCKETS, sockets.address());
        struct.putLong(LibPgnet.GUARD_LIBCURL, LibCurl.FUNCTIONS);
        struct.putLong(LibPgnet.GUARD_OWNER, pool.owner());
        struct.putLong(LibPgnet.GUARD_POOL, pool.number());
    }

    /** For CURLOPT_OPENSOCKETDATA and CURLOPT_PREREQDATA. */
    long address() {
        return Pointer.nativeValue(memory);
    }

    /**
     * Begins a transfer of this easy handle.
     *
     * @param denied the networks that it is kept from, which live as long as it
     * @param repeatable whether it may be sent again although an answer has begun
     */
    void reset(long easy, DeniedNetworks denied, long bodyBytes, boolean repeatable) {
        struct.putLong(LibPgnet.GUARD_EASY, easy);
        struct.putLong(LibPgnet.GUARD_DENIED, denied.address());
        struct.putLong(LibPgnet.GUARD_BODY_LENGTH, bodyBytes);
        struct.putLong(LibPgnet.GUARD_WATCH, 0);
        struct.putInt(LibPgnet.GUARD_REPEATABLE, repeatable ? 1 : 0);
        struct.putInt(LibPgnet.GUARD_ANSWERED, 0);
        struct.putInt(LibPgnet.GUARD_SENT, 0);
        beginSending(false);
    }

    /** The transfer begins again, on a connection of its own. */
    void resend(long easy) {
        struct.putLong(LibPgnet.GUARD_EASY, easy);
        beginSending(true);
    }

    private void beginSending(boolean fresh) {
        sendingsBefore = sendings();
        struct.putInt(LibPgnet.GUARD_FRESH, fresh ? 1 : 0);
        struct.putInt(LibPgnet.GUARD_OPENED, 0);
        struct.putInt(LibPgnet.GUARD_REFUSED, 0);
        struct.putInt(LibPgnet.GUARD_UNFIT, 0);
        struct.putInt(LibPgnet.GUARD_SOCKET, NO_SOCKET);
    }

    /** How often the request was sent, or its sending tried, on connections of this transfer. */
    int sendings() {
        return struct.getInt(LibPgnet.GUARD_SENT);
    }

    /** Whether the transfer, as it was last begun, has come so far that its request is sent. */
    boolean isConnected() {
        return sendings() > sendingsBefore;
    }

    /** Whether libcurl looked for the transfer's host, since no kept connection was enough. */
    boolean lookedForHost() {
        return struct.getInt(LibPgnet.GUARD_OPENED) > 0 || sendings() == 0;
    }

    /** Whether the transfer ended because it was not to be sent on the kept connection that libcurl chose. */
    boolean wasKeptFromAConnection() {
        return struct.getInt(LibPgnet.GUARD_UNFIT) != 0;
    }

    /** Whether the transfer ended because it was not to be sent again: a kept connection had closed amid an answer, or two closed. */
    boolean wasAnswered() {
        return struct.getInt(LibPgnet.GUARD_ANSWERED) != 0;
    }

    /** Why a transfer that failed did: every address that it could have had is denied. Empty when that is not why. */
    Optional<String> refusal() {
        if (struct.getInt(LibPgnet.GUARD_REFUSED) == 0 || struct.getInt(LibPgnet.GUARD_OPENED) > 0) {
            return Optional.empty();
        }
        return Optional.of("address " + memory.getString(LibPgnet.GUARD_ADDRESS)
                + " is denied by pg_net.denied_networks (" + memory.getString(LibPgnet.GUARD_NETWORK) + ")");
    }

    /** Frees what libcurl reads: the easy handle must be gone. */
    @Override
    public void close() {
        memory.close();
    }
}
