package org.pgnet.curl;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * Bytes allocated by malloc(3), with one owner: the holder of this object closes it, unless it has handed it on. Any one
 * thread at a time.
 */
public final class NativeBytes implements AutoCloseable {

    private static final Release FREE = Native::free;
    private static final NativeBytes EMPTY = new NativeBytes(0, 0);

    /** Gives memory back. */
    interface Release {
        /** On the thread that closes the bytes, with their address. */
        void release(long address);
    }

    private final long length;
    private final Release release;
    private long address;
    private boolean closed;

    /**
     * Adopts memory: from now on this object frees it.
     *
     * @param address what malloc(3) returned, or 0 for no memory
     * @param length how many bytes are in use; 0 when there is no memory
     * @throws IllegalArgumentException when the length is negative, or not 0 without memory
     */
    public NativeBytes(long address, long length) {
        this(address, length, FREE);
    }

    /**
     * The same for memory that is freed otherwise, or that begins before the bytes do.
     *
     * @param release frees it
     */
    NativeBytes(long address, long length, Release release) {
        if (length < 0 || (address == 0 && length != 0)) {
            throw new IllegalArgumentException(length + " bytes at address " + address);
        }
        this.address = address;
        this.length = length;
        this.release = release;
    }

    /** No bytes and no memory; closing it changes nothing. */
    public static NativeBytes empty() {
        return EMPTY;
    }

    /**
     * Copies bytes into new memory.
     *
     * @throws OutOfMemoryError when malloc(3) has none
     */
    public static NativeBytes copyOf(byte[] bytes) {
        if (bytes.length == 0) {
            return empty();
        }
        long address = Native.malloc(bytes.length);
        if (address == 0) {
            throw new OutOfMemoryError("malloc of " + bytes.length + " bytes");
        }
        new Pointer(address).write(0, bytes, 0, bytes.length);
        return new NativeBytes(address, bytes.length);
    }

    /**
     * Where the bytes are, 0 when there is no memory.
     *
     * @throws IllegalStateException when closed
     */
    public long address() {
        requireOpen();
        return address;
    }

    /** How many bytes there are; also when closed. */
    public long length() {
        return length;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return length == 0;
    }

    /**
     * Copies the bytes into the Java heap.
     *
     * @throws IllegalStateException when closed
     * @throws ArithmeticException when there are more than an array holds
     */
    public byte[] toByteArray() {
        requireOpen();
        return length == 0 ? new byte[0] : new Pointer(address).getByteArray(0, Math.toIntExact(length));
    }

    /**
     * The bytes where they are, to be read while this is open.
     *
     * @throws IllegalStateException when closed
     * @throws ArithmeticException when there are more than a buffer holds
     */
    public ByteBuffer asBuffer() {
        requireOpen();
        return length == 0
                ? ByteBuffer.allocate(0)
                : new Pointer(address).getByteBuffer(0, Math.toIntExact(length)).asReadOnlyBuffer();
    }

    /** Frees the memory. A second call does nothing. */
    @Override
    public void close() {
        if (address != 0) {
            long memory = address;
            address = 0;
            closed = true;
            release.release(memory);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("these bytes are closed");
        }
    }
}
