package org.pgnet.curl;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * Owner of the native table of a loop's open sockets, which says whose each is. The thread of the loop, on which libcurl
 * fills it.
 */
final class OpenSockets implements AutoCloseable {

    private final ByteBuffer struct;
    private long address = ReturnCode.checkAllocated(LibPgnet.pgnet_sockets_create());

    OpenSockets() {
        struct = new Pointer(address).getByteBuffer(0, Integer.BYTES);
    }

    /** For {@link ConnectionGuard}, and for CURLOPT_CLOSESOCKETDATA. */
    long address() {
        return address;
    }

    /** How many are open. */
    int count() {
        return struct.getInt(0);
    }

    /** How many of them are in this pool. Takes time in proportion to the number of open descriptors. */
    int count(ConnectionPool pool) {
        return LibPgnet.pgnet_sockets_count(address, pool.number());
    }

    /** libcurl's connections must be closed. A second call does nothing. */
    @Override
    public void close() {
        if (address != 0) {
            LibPgnet.pgnet_sockets_destroy(address);
            address = 0;
        }
    }
}
