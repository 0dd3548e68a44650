package org.pgnet.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * The file of certificates to trust. libcurl keeps what it has read from a file for a day, and connections and TLS sessions
 * for as long as they are of use, each by the file's name. So a file that was replaced gets another name: the same path, with
 * {@code ./} in it once more. Main thread.
 */
final class CaBundle {
    /** A path may have 4,096 bytes; what was read by a name before is long forgotten when it comes again. */
    private static final int MOST_CHANGES = 500;

    /** What tells a file from another of its name, and from itself before it was written. */
    private record Identity(String path, Object file, FileTime modified, long bytes) {}

    private Identity known = new Identity("", "", FileTime.fromMillis(0), 0);
    private int changes;

    /** The name by which the file of this path is to be read, empty for none. */
    String name(String path) {
        if (path.isEmpty()) {
            return path;
        }
        Identity current = identity(path);
        if (!current.equals(known)) {
            changes = known.path().isEmpty() ? 0 : (changes + 1) % MOST_CHANGES;
            known = current;
        }
        String same = "./".repeat(changes);
        return path.startsWith("/") ? "/" + same + path.substring(1) : same + path;
    }

    /** Of a file that is not there or cannot be read, its path alone: libcurl says so when it is used. */
    private static Identity identity(String path) {
        try {
            BasicFileAttributes file = Files.readAttributes(Path.of(path), BasicFileAttributes.class);
            return new Identity(path, String.valueOf(file.fileKey()), file.lastModifiedTime(), file.size());
        } catch (IOException | IllegalArgumentException unreadable) {
            return new Identity(path, "", FileTime.fromMillis(0), 0);
        }
    }
}
