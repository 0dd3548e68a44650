package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Bytes that must not remain in memory: they are outside the Java heap, where copies stay behind, and are overwritten when
 * they move and when this is closed. One thread at a time.
 */
public final class SecretBytes implements AutoCloseable {
    private static final int LEAST_CAPACITY = 256;

    private Memory memory;
    private ByteBuffer bytes;

    /** None yet. */
    public SecretBytes() {
        use(new Memory(LEAST_CAPACITY));
    }

    /** A text in UTF-8: for what is no secret, or for tests. */
    public static SecretBytes of(String text) {
        SecretBytes bytes = new SecretBytes();
        bytes.put(text);
        return bytes;
    }

    /**
     * Takes bytes out of memory of malloc(3), which is overwritten and freed.
     *
     * @param address what malloc(3) returned
     */
    public static SecretBytes take(long address, int length) {
        SecretBytes taken = new SecretBytes();
        Pointer memory = new Pointer(address);
        taken.makeRoom(length);
        taken.bytes.put(memory.getByteBuffer(0, length));
        memory.setMemory(0, length, (byte) 0);
        Native.free(address);
        return taken;
    }

    /** How many there are. */
    public int length() {
        requireOpen();
        return bytes.position();
    }

    /** One of them. */
    public byte at(int index) {
        requireOpen();
        return bytes.get(index);
    }

    /** Adds one. */
    public void put(byte b) {
        makeRoom(1);
        bytes.put(b);
    }

    /** Adds a text in UTF-8. */
    public void put(String text) {
        put(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds bytes that are no secret. */
    public void put(byte[] open) {
        makeRoom(open.length);
        bytes.put(open);
    }

    /** Adds those of another one. */
    public void put(SecretBytes other) {
        makeRoom(other.length());
        bytes.put(other.bytes.duplicate().flip());
    }

    /** Takes the last ones away, so that so many are left. */
    public void truncate(int length) {
        for (int i = length; i < length(); i++) {
            bytes.put(i, (byte) 0);
        }
        bytes.position(length);
    }

    /**
     * Adds what a channel has, up to its end.
     *
     * @return whether that were not more than so many bytes; else some of them are there
     */
    public boolean readAll(ReadableByteChannel channel, int most) throws IOException {
        makeRoom(most + 1);
        int before = length();
        bytes.limit(before + most + 1);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // until nothing is left, or there is no room
        }
        bytes.limit(bytes.capacity());
        return length() - before <= most;
    }

    /** The bytes, as long as this is open and nothing is added. */
    public NativeBytes asBody() {
        return new NativeBytes(Pointer.nativeValue(memory), length(), address -> {});
    }

    /** A copy in the Java heap, which the caller overwrites. */
    public byte[] toByteArray() {
        byte[] copy = new byte[length()];
        bytes.duplicate().flip().get(copy);
        return copy;
    }

    /** The bytes with a zero byte behind them, as long as this is open and nothing is added. */
    long cString() {
        makeRoom(1);
        bytes.put(bytes.position(), (byte) 0);
        return Pointer.nativeValue(memory);
    }

    private void makeRoom(int more) {
        requireOpen();
        if (more <= bytes.remaining()) {
            return;
        }
        Memory old = memory;
        ByteBuffer kept = bytes.duplicate().flip();
        use(new Memory(Math.max(2L * old.size(), Math.addExact(kept.limit(), more))));
        bytes.put(kept);
        overwrite(old);
    }

    private void use(Memory other) {
        memory = other;
        bytes = other.getByteBuffer(0, other.size());
    }

    private void requireOpen() {
        if (memory == null) {
            throw new IllegalStateException("these bytes are closed");
        }
    }

    private static void overwrite(Memory memory) {
        memory.clear();
        memory.close();
    }

    /** Overwrites and frees them. A second call does nothing. */
    @Override
    public void close() {
        if (memory != null) {
            overwrite(memory);
            memory = null;
        }
    }
}
