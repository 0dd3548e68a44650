package org.pgnet.jni;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process may write and nobody else maps, as Linux shows it. */
record ProcessMemory(long pid) {
    private static final int PART = 4 << 20;
    private static final int PAGE = 4 << 10;
    /** Of a part. Guards of the JVM's stacks are far smaller; beyond it the search would have missed something. */
    private static final int MOST_GUARDED = 1 << 20;

    /** What is searched for is shorter, and may be where two parts meet. */
    private static final int OVERLAP = 256;

    /** Takes a part of the memory. */
    interface Reader {
        /** @param text a character for each byte */
        void read(long address, String text) throws IOException;
    }

    /** Whether it may be read here: the rights of root, or of the same user where ptrace is allowed. */
    boolean isReadable() {
        try (RandomAccessFile memory = open()) {
            return memory.length() >= 0;
        } catch (IOException refused) {
            return false;
        }
    }

    void eachWritable(Reader reader) throws IOException {
        try (RandomAccessFile memory = open()) {
            for (String mapping : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                String[] words = mapping.split("[ -]", 3);
                if (words[2].startsWith("rw-p")) {
                    read(memory, Long.parseUnsignedLong(words[0], 16), Long.parseUnsignedLong(words[1], 16), reader);
                }
            }
        }
    }

    private RandomAccessFile open() throws IOException {
        return new RandomAccessFile("/proc/" + pid + "/mem", "r");
    }

    private static void read(RandomAccessFile memory, long from, long to, Reader reader) throws IOException {
        for (long at = from; at < to; at += PART) {
            byte[] bytes = new byte[(int) Math.min(PART + OVERLAP, to - at)];
            readPart(memory, at, bytes);
            reader.read(at, new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    private static void readPart(RandomAccessFile memory, long at, byte[] bytes) throws IOException {
        try {
            memory.seek(at);
            memory.readFully(bytes);
        } catch (IOException guarded) {
            readPages(memory, at, bytes);
        }
    }

    /** Guard pages of a stack that glibc 2.42 installs in the middle of a mapping can be read by nobody, and hold nothing. */
    private static void readPages(RandomAccessFile memory, long at, byte[] bytes) throws IOException {
        int unread = 0;
        for (int page = 0; page < bytes.length; page += PAGE) {
            try {
                memory.seek(at + page);
                memory.readFully(bytes, page, Math.min(PAGE, bytes.length - page));
            } catch (IOException guard) {
                unread++;
            }
        }
        if (unread * PAGE > MOST_GUARDED) {
            throw new IOException(unread + " pages from " + Long.toHexString(at) + " on cannot be read");
        }
    }
}
