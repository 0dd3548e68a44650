package org.pgnet.worker.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the headers of a response as a JSON object in UTF-8 that jsonb accepts. By hand, since this runs for every
 * response: names and values are mostly plain ASCII and are copied as they are. One thread.
 */
final class HeadersJson {
    /** A buffer that one large response made is not kept for ever. */
    private static final int KEPT_BYTES = 64 * 1024;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    /** U+FFFD in UTF-8, in the place of the null character, which jsonb refuses. */
    private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

    private byte[] out = new byte[4096];
    private int length;

    /**
     * The object: names as received; a header that came more than once is an array, in the place of its first line.
     *
     * @param headers the lines; not altered
     */
    byte[] toJson(HeaderBlock headers) {
        if (out.length > KEPT_BYTES) {
            out = new byte[4096];
        }
        length = 0;
        put('{');
        for (int line = 0; line < headers.count(); line++) {
            if (!headers.repeats(line)) {
                putMember(headers, line);
            }
        }
        put('}');
        return Arrays.copyOf(out, length);
    }

    private void putMember(HeaderBlock headers, int line) {
        if (length > 1) {
            put(',');
        }
        putString(headers.bytes(), headers.nameStart(line), headers.nameEnd(line));
        put(':');
        if (headers.next(line) < 0) {
            putString(headers.bytes(), headers.valueStart(line), headers.valueEnd(line));
            return;
        }
        put('[');
        for (int each = line; each >= 0; each = headers.next(each)) {
            if (each != line) {
                put(',');
            }
            putString(headers.bytes(), headers.valueStart(each), headers.valueEnd(each));
        }
        put(']');
    }

    private void putString(byte[] bytes, int start, int end) {
        put('"');
        int plain = start;
        while (plain < end && isPlain(bytes[plain])) {
            plain++;
        }
        putAll(bytes, start, plain);
        if (plain < end) {
            putEscaped(bytes, plain, end, isUtf8(bytes, plain, end));
        }
        put('"');
    }

    private void putEscaped(byte[] bytes, int start, int end, boolean utf8) {
        for (int i = start; i < end; i++) {
            byte b = bytes[i];
            if (isPlain(b) || (b < 0 && utf8)) {
                put(b);
            } else if (b < 0) {
                // ISO-8859-1: the character's number is the byte's.
                put(0xC0 | (b & 0xFF) >> 6);
                put(0x80 | b & 0x3F);
            } else if (b == '"' || b == '\\') {
                put('\\');
                put(b);
            } else if (b == 0) {
                putAll(REPLACEMENT, 0, REPLACEMENT.length);
            } else {
                put('\\');
                put('u');
                put('0');
                put('0');
                put(HEX[b >> 4]);
                put(HEX[b & 0xF]);
            }
        }
    }

    private static boolean isPlain(byte b) {
        return b >= ' ' && b != '"' && b != '\\';
    }

    /** The decoder of the JDK refuses overlong forms and surrogates, as PostgreSQL does. */
    private static boolean isUtf8(byte[] bytes, int start, int end) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start));
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }

    private void put(int b) {
        if (length == out.length) {
            out = Arrays.copyOf(out, length * 2);
        }
        out[length++] = (byte) b;
    }

    private void putAll(byte[] bytes, int start, int end) {
        int size = end - start;
        if (size > out.length - length) {
            out = Arrays.copyOf(out, Math.max(out.length * 2, length + size));
        }
        System.arraycopy(bytes, start, out, length, size);
        length += size;
    }
}
