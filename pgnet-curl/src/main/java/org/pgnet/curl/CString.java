package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text as C has it: UTF-8 whatever the platform's encoding is, ended by a zero byte. */
final class CString {

    private static final String UTF_8 = StandardCharsets.UTF_8.name();

    private CString() {}

    /** Encodes text that holds no NUL; the caller checks that, because C would silently see less. */
    static byte[] of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    /** Native memory with the text, for a constant: it is freed when the object is collected. */
    static Memory constant(String text) {
        byte[] bytes = of(text);
        Memory memory = new Memory(bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    /** Decodes a C string that stays valid during the call; empty for the null pointer. */
    static String read(Pointer text) {
        return text == null ? "" : text.getString(0, UTF_8);
    }

    /** Whether the text can be a C string. */
    static boolean isPossible(String text) {
        return text.indexOf('\0') < 0;
    }
}
