package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What libcurl asks, for one easy handle, before it connects a socket and before it sends a request over a connection. The
 * answers are C's (guard.c); here is why a transfer was kept from an address. One thread at a time.
 */
final class AddressGuard implements AutoCloseable {

    private final Memory memory = new Memory(LibPgnet.GUARD_SIZE);
    private final ByteBuffer struct = memory.getByteBuffer(0, memory.size());

    /** For CURLOPT_OPENSOCKETDATA and CURLOPT_PREREQDATA. */
    long address() {
        return Pointer.nativeValue(memory);
    }

    /** Begins a transfer that is kept from these networks, which live as long as it. */
    void reset(DeniedNetworks denied) {
        struct.putLong(LibPgnet.GUARD_DENIED, denied.address());
        struct.putInt(LibPgnet.GUARD_OPENED, 0);
        struct.putInt(LibPgnet.GUARD_REFUSED, 0);
        struct.putInt(LibPgnet.GUARD_ASKED, 0);
    }

    /** How often the transfer had a connection, one that had died included. */
    int connections() {
        return struct.getInt(LibPgnet.GUARD_ASKED);
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
