package org.pgnet.curl;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * Owner of one C sink. Its fields are read through a buffer over the struct, which costs no call. One thread at a time.
 */
final class Sink implements AutoCloseable {

    private final ByteBuffer struct;
    private long address;

    Sink() {
        this.address = ReturnCode.checkAllocated(LibPgnet.pgnet_sink_create());
        this.struct = new Pointer(address).getByteBuffer(0, LibPgnet.SIZE);
    }

    /** For CURLOPT_WRITEDATA and CURLOPT_HEADERDATA. */
    long address() {
        return address;
    }

    /** Begins a transfer. */
    void reset(long maxBodyBytes) {
        LibPgnet.pgnet_sink_reset(address, maxBodyBytes);
    }

    /** Why the sink ended the transfer, one of PGNET_SINK_. */
    int failure() {
        return struct.getInt(LibPgnet.FAILURE);
    }

    /** Whether the headers of a response have begun, and not ended. */
    boolean isInHeaders() {
        return struct.getInt(LibPgnet.PHASE) == LibPgnet.PGNET_SINK_IN_HEADERS;
    }

    /** Hands over the lines of the last response. */
    NativeBytes takeHeaders() {
        return take(LibPgnet.HEADERS, struct.getLong(LibPgnet.HEADERS_LENGTH));
    }

    /** Hands over the body, in a block not much larger than it. */
    NativeBytes takeBody() {
        long length = struct.getLong(LibPgnet.BODY_LENGTH);
        if (struct.getLong(LibPgnet.BODY_CAPACITY) - length > length / 8 + 1024) {
            LibPgnet.pgnet_sink_shrink_body(address);
        }
        return take(LibPgnet.BODY, length);
    }

    private NativeBytes take(int field, long length) {
        long memory = struct.getLong(field);
        struct.putLong(field, 0);
        return memory == 0 ? NativeBytes.empty() : new NativeBytes(memory, length);
    }

    @Override
    public void close() {
        if (address != 0) {
            LibPgnet.pgnet_sink_destroy(address);
            address = 0;
        }
    }
}
