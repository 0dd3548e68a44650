package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Owner of a native table of options that are set in one call. One thread at a time. */
final class OptionTable implements AutoCloseable {

    private static final int CAPACITY = 48;
    /** struct pgnet_option of calls.h. */
    private static final int ENTRY_SIZE = 16;
    /** For the texts of most requests; longer ones have memory of their own. */
    private static final int TEXT_SIZE = 512;

    private final Memory memory = new Memory(CAPACITY * ENTRY_SIZE + TEXT_SIZE);
    private final long address = Pointer.nativeValue(memory);
    private final ByteBuffer entries = memory.getByteBuffer(0, CAPACITY * ENTRY_SIZE);
    private final ByteBuffer texts = memory.getByteBuffer(CAPACITY * ENTRY_SIZE, TEXT_SIZE);
    private final List<Memory> longTexts = new ArrayList<>();
    /** How much of each is kept. */
    private int keptEntries;

    private int keptTexts;
    private int keptLongTexts;

    /** Empties the table. */
    void clear() {
        keptEntries = 0;
        keptTexts = 0;
        keptLongTexts = 0;
        clearRest();
    }

    /** Keeps what is in the table until it is emptied. */
    void keep() {
        keptEntries = entries.position();
        keptTexts = texts.position();
        keptLongTexts = longTexts.size();
    }

    /** Whether something is kept. */
    boolean keepsSome() {
        return keptEntries > 0;
    }

    /** Takes out all but what is kept. */
    void clearRest() {
        entries.position(keptEntries);
        texts.position(keptTexts);
        if (longTexts.size() > keptLongTexts) {
            List<Memory> rest = longTexts.subList(keptLongTexts, longTexts.size());
            rest.forEach(Memory::close);
            rest.clear();
        }
    }

    /** The same, and nothing is left of the texts. */
    void overwrite() {
        memory.clear();
        longTexts.forEach(Memory::clear);
        clear();
    }

    /** Adds an option with a number or an address; at most 48 options before the next {@link #clear}. */
    void add(int option, long value) {
        entries.putLong(option).putLong(value);
    }

    /** Adds an option with a text without NUL, which libcurl copies. */
    void add(int option, String text) {
        byte[] bytes = CString.of(text);
        if (bytes.length <= texts.remaining()) {
            add(option, address + CAPACITY * ENTRY_SIZE + texts.position());
            texts.put(bytes);
        } else {
            Memory own = new Memory(bytes.length);
            own.write(0, bytes, 0, bytes.length);
            longTexts.add(own);
            add(option, Pointer.nativeValue(own));
        }
    }

    /**
     * Sets the options of an easy handle in the order in which they were added.
     *
     * @param anew whether to reset the handle first, and to set those that are kept, too
     * @throws CurlException when libcurl refuses one
     */
    void apply(long easy, boolean anew) {
        int from = anew ? 0 : keptEntries;
        ReturnCode.checkEasy(LibPgnet.pgnet_set_options(
                LibCurl.FUNCTIONS, easy, anew ? 1 : 0, address + from, (entries.position() - from) / ENTRY_SIZE));
    }

    @Override
    public void close() {
        clear();
        memory.close();
    }
}
