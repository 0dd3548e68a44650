package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Owner of what the C sinks of one loop share: how many of them paused, and how much memory the bodies without a lease take.
 * The thread of the loop, but for {@link #freed}.
 */
final class SharedSinkState implements AutoCloseable {

    private final Memory memory = new Memory(LibPgnet.SINKS_SIZE);
    private final ByteBuffer struct = memory.getByteBuffer(0, memory.size());

    /** What was freed since the loop's thread last looked. */
    private final AtomicLong freedBytes = new AtomicLong();

    SharedSinkState() {
        memory.clear();
    }

    /** For {@link LibPgnet#pgnet_sink_create}. */
    long address() {
        return Pointer.nativeValue(memory);
    }

    /** How often a sink has paused its transfer. */
    long pauses() {
        return struct.getLong(LibPgnet.SINKS_PAUSES);
    }

    /** How many bytes bodies without a lease take, from their arrival on until they are freed. */
    long unleasedBytes() {
        subtractFreed();
        return struct.getLong(LibPgnet.SINKS_UNLEASED);
    }

    /** So much of a body that was taken from its sink is free again. Any thread, also when closed. */
    void freed(long bytes) {
        freedBytes.getAndAdd(bytes);
    }

    /** Lets the sinks know what was freed; nobody waits for it, since who finds no memory here waits for a lease. */
    void subtractFreed() {
        if (freedBytes.get() != 0) {
            long left = struct.getLong(LibPgnet.SINKS_UNLEASED) - freedBytes.getAndSet(0);
            struct.putLong(LibPgnet.SINKS_UNLEASED, left);
        }
    }

    /** Every sink must be gone. */
    @Override
    public void close() {
        memory.close();
    }
}
