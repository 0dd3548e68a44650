package org.pgnet.curl;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Owner of one C sink. Its fields are read through a buffer over the struct, which costs no call. One thread at a time.
 */
final class Sink implements AutoCloseable {

    private final SharedSinkState shared;
    private final ByteBuffer struct;
    private long address;
    private boolean decodes;

    /**
     * @param shared outlives the sink
     * @param guard that of the same easy handle, which outlives the sink too
     */
    Sink(SharedSinkState shared, ConnectionGuard guard) {
        this.shared = shared;
        this.address = ReturnCode.checkAllocated(LibPgnet.pgnet_sink_create(shared.address(), guard.address()));
        this.struct = new Pointer(address).getByteBuffer(0, LibPgnet.SIZE);
    }

    /** For CURLOPT_WRITEDATA and CURLOPT_HEADERDATA. */
    long address() {
        return address;
    }

    /** Begins a transfer. */
    void reset(long maxBodyBytes) {
        decodes = false;
        LibPgnet.pgnet_sink_reset(address, maxBodyBytes);
    }

    /** The body of the transfer that begins is to be decoded, if it can be. */
    void decode() {
        decodes = true;
        LibPgnet.pgnet_sink_decode(address);
    }

    /**
     * The transfer has ended. Bytes that turn out not to be in the coding that they were said to be in are the body.
     *
     * @param whole whether all of them came
     */
    void end(boolean whole) {
        if (decodes) {
            LibPgnet.pgnet_sink_end(address, whole ? 1 : 0);
        }
    }

    /** Why the sink ended the transfer, one of PGNET_SINK_. */
    int failure() {
        return struct.getInt(LibPgnet.FAILURE);
    }

    /** Whether the headers of a response have begun, and not ended. */
    boolean isInHeaders() {
        return struct.getInt(LibPgnet.PHASE) == LibPgnet.PGNET_SINK_IN_HEADERS;
    }

    /** The count of pauses when this transfer paused for a lease; 0 when it is not paused. */
    long pauseNumber() {
        return struct.getLong(LibPgnet.PAUSE_NUMBER);
    }

    /** For how many bytes the paused transfer needs a lease to go on. */
    long leaseWanted() {
        return struct.getLong(LibPgnet.LEASE_WANTED);
    }

    /** How many bytes its body may have in all. */
    long leaseTotal() {
        return struct.getLong(LibPgnet.LEASE_TOTAL);
    }

    /** Accepts so many bytes from now on. */
    void leaseGranted(long bytes) {
        struct.putLong(LibPgnet.LEASED, bytes);
        struct.putLong(LibPgnet.PAUSE_NUMBER, 0);
    }

    /** How many bytes of header lines the transfer had so far, of which libcurl keeps copies. */
    long headerBytes() {
        return struct.getLong(LibPgnet.LINE_BYTES);
    }

    /** Hands over the lines of the last response. */
    NativeBytes takeHeaders() {
        long memory = take(LibPgnet.HEADERS);
        return memory == 0 ? NativeBytes.empty() : new NativeBytes(memory, struct.getLong(LibPgnet.HEADERS_LENGTH));
    }

    /**
     * Hands over the body, in a block not much larger than it, and with it the lease, cut to that block, or its part of
     * what needs none.
     */
    NativeBytes takeBody(Optional<MemoryBudget.Lease> lease) {
        long length = struct.getLong(LibPgnet.BODY_LENGTH);
        if (struct.getLong(LibPgnet.BODY_CAPACITY) - length > length / 8 + 1024) {
            LibPgnet.pgnet_sink_shrink_body(address);
        }
        if (lease.isPresent()) {
            lease.get().settleAt(struct.getLong(LibPgnet.BODY_CAPACITY));
        }
        long counted = struct.getLong(LibPgnet.COUNTED);
        struct.putLong(LibPgnet.COUNTED, 0);
        long memory = take(LibPgnet.BODY);
        if (memory == 0) {
            return NativeBytes.empty();
        }
        return new NativeBytes(memory + LibPgnet.PGNET_SINK_ROOM, length, new ReleaseOfBody(lease, counted, shared));
    }

    private record ReleaseOfBody(Optional<MemoryBudget.Lease> lease, long counted, SharedSinkState shared)
            implements NativeBytes.Release {
        @Override
        public void release(long address) {
            long memory = address - LibPgnet.PGNET_SINK_ROOM;
            if (lease.isPresent()) {
                LibPgnet.pgnet_block_keep(memory);
                lease.get().close();
            } else {
                Native.free(memory);
            }
            // Also with a lease, when no byte came after it was granted.
            shared.freed(counted);
        }
    }

    /** The address of a block that is not the sink's any more, 0 for none. */
    private long take(int field) {
        long memory = struct.getLong(field);
        struct.putLong(field, 0);
        return memory;
    }

    @Override
    public void close() {
        if (address != 0) {
            LibPgnet.pgnet_sink_destroy(address);
            address = 0;
        }
    }
}
