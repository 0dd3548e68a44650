package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * Owner of a native table of options that are set in one call: the numbers and pointers, not the strings. One thread at a
 * time.
 */
final class OptionTable implements AutoCloseable {

    private static final int CAPACITY = 32;
    /** struct pgnet_option of options.h. */
    private static final int ENTRY_SIZE = 16;

    private final Memory memory = new Memory(CAPACITY * ENTRY_SIZE);
    private final ByteBuffer entries = memory.getByteBuffer(0, memory.size());

    /** Empties the table. */
    void clear() {
        entries.clear();
    }

    /** Adds an option with a number or an address; at most 32 before the next {@link #clear}. */
    void add(int option, long value) {
        entries.putLong(option).putLong(value);
    }

    /**
     * Resets an easy handle and sets the options in the order in which they were added.
     *
     * @throws CurlException when libcurl refuses one
     */
    void apply(long easy) {
        ReturnCode.checkEasy(LibPgnet.pgnet_set_options(
                easy,
                LibCurl.CURL_EASY_RESET,
                LibCurl.CURL_EASY_SETOPT,
                Pointer.nativeValue(memory),
                entries.position() / ENTRY_SIZE));
    }

    @Override
    public void close() {
        memory.close();
    }
}
