package org.pgnet.worker.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The header lines of one response, split into names and values in place. Reused from response to response, so that
 * splitting allocates nothing in the common case. One thread.
 */
final class HeaderBlock {
    /** Up to this many lines, comparing each name with those before is faster than a map. */
    private static final int FEW = 64;

    private byte[] bytes = {};
    private int count;
    private int[] nameStart = new int[32];
    private int[] nameEnd = new int[32];
    private int[] valueStart = new int[32];
    private int[] valueEnd = new int[32];
    private int[] nameHash = new int[32];
    private int[] next = new int[32];
    private boolean[] repeats = new boolean[32];

    /**
     * Splits a block.
     *
     * @param block a status line and header lines, as received; altered here where a line is folded
     */
    void read(byte[] block) {
        bytes = block;
        count = 0;
        int lineStart = endOfLine(0) + 1;
        while (lineStart < bytes.length) {
            int lineEnd = endOfLine(lineStart);
            if (count > 0 && isBlank(bytes[lineStart])) {
                unfold(lineStart, lineEnd);
            } else {
                split(lineStart, lineEnd);
            }
            lineStart = lineEnd + 1;
        }
        if (count <= FEW) {
            linkFew();
        } else {
            linkMany();
        }
    }

    /** The number of header lines. */
    int count() {
        return count;
    }

    /** Whether an earlier line has the same name, in any case. */
    boolean repeats(int line) {
        return repeats[line];
    }

    /** The next line of the same name, or -1. */
    int next(int line) {
        return next[line];
    }

    byte[] bytes() {
        return bytes;
    }

    int nameStart(int line) {
        return nameStart[line];
    }

    int nameEnd(int line) {
        return nameEnd[line];
    }

    int valueStart(int line) {
        return valueStart[line];
    }

    int valueEnd(int line) {
        return valueEnd[line];
    }

    /** The first value that is not empty of the header of this name, given in lower case. */
    Optional<String> first(String name) {
        for (int line = 0; line < count; line++) {
            if (isNamed(line, name) && valueStart[line] < valueEnd[line]) {
                return Optional.of(text(valueStart[line], valueEnd[line]));
            }
        }
        return Optional.empty();
    }

    /** The last value that is not empty of the header of this name, given in lower case. */
    Optional<String> last(String name) {
        for (int line = count - 1; line >= 0; line--) {
            if (isNamed(line, name) && valueStart[line] < valueEnd[line]) {
                return Optional.of(text(valueStart[line], valueEnd[line]));
            }
        }
        return Optional.empty();
    }

    /** A piece of the block as text: UTF-8 where it is that, else ISO-8859-1, as old servers send. */
    String text(int start, int end) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, end - start))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
        }
    }

    private int endOfLine(int start) {
        int end = start;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return end;
    }

    private void split(int start, int end) {
        int colon = start;
        while (colon < end && bytes[colon] != ':') {
            colon++;
        }
        int endOfName = trimEnd(start, colon);
        if (colon == end || endOfName == start) {
            return;
        }
        if (count == nameStart.length) {
            grow();
        }
        nameStart[count] = start;
        nameEnd[count] = endOfName;
        valueStart[count] = trimStart(colon + 1, end);
        valueEnd[count] = trimEnd(valueStart[count], end);
        nameHash[count] = hash(start, endOfName);
        count++;
    }

    /** RFC 9112, section 5.2: the line goes on with the value before; the line break counts as blanks. */
    private void unfold(int start, int end) {
        int line = count - 1;
        Arrays.fill(bytes, valueEnd[line], trimStart(start, end), (byte) ' ');
        valueStart[line] = trimStart(valueStart[line], end);
        valueEnd[line] = trimEnd(valueStart[line], end);
    }

    private void linkFew() {
        for (int line = 0; line < count; line++) {
            next[line] = -1;
            repeats[line] = false;
            for (int earlier = line - 1; earlier >= 0; earlier--) {
                if (nameHash[earlier] == nameHash[line] && sameName(earlier, line)) {
                    next[earlier] = line;
                    repeats[line] = true;
                    break;
                }
            }
        }
    }

    /** A map of strings, because its speed cannot be spoilt by names chosen to collide. */
    private void linkMany() {
        Map<String, Integer> lastOfName = new HashMap<>();
        for (int line = 0; line < count; line++) {
            next[line] = -1;
            Integer earlier = lastOfName.put(lowerCaseName(line), line);
            repeats[line] = earlier != null;
            if (earlier != null) {
                next[earlier] = line;
            }
        }
    }

    private String lowerCaseName(int line) {
        byte[] name = Arrays.copyOfRange(bytes, nameStart[line], nameEnd[line]);
        for (int i = 0; i < name.length; i++) {
            name[i] = lowerCase(name[i]);
        }
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private boolean sameName(int one, int other) {
        int length = nameEnd[one] - nameStart[one];
        if (length != nameEnd[other] - nameStart[other]) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lowerCase(bytes[nameStart[one] + i]) != lowerCase(bytes[nameStart[other] + i])) {
                return false;
            }
        }
        return true;
    }

    private boolean isNamed(int line, String lowerCaseName) {
        int length = nameEnd[line] - nameStart[line];
        if (length != lowerCaseName.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lowerCase(bytes[nameStart[line] + i]) != lowerCaseName.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int hash(int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + lowerCase(bytes[i]);
        }
        return hash;
    }

    private static byte lowerCase(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
    }

    private int trimStart(int start, int end) {
        int i = start;
        while (i < end && isBlank(bytes[i])) {
            i++;
        }
        return i;
    }

    private int trimEnd(int start, int end) {
        int i = end;
        while (i > start && (isBlank(bytes[i - 1]) || bytes[i - 1] == '\r')) {
            i--;
        }
        return i;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private void grow() {
        int capacity = count * 2;
        nameStart = Arrays.copyOf(nameStart, capacity);
        nameEnd = Arrays.copyOf(nameEnd, capacity);
        valueStart = Arrays.copyOf(valueStart, capacity);
        valueEnd = Arrays.copyOf(valueEnd, capacity);
        nameHash = Arrays.copyOf(nameHash, capacity);
        next = Arrays.copyOf(next, capacity);
        repeats = Arrays.copyOf(repeats, capacity);
    }
}
