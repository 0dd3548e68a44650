package org.pgnet.worker.secrets;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.pgnet.curl.SecretBytes;
import org.pgnet.worker.spi.Clock;

/** The values that are in files, each looked at again after some seconds. One thread at a time. */
final class SecretFiles implements AutoCloseable {
    static final Duration KEPT = Duration.ofSeconds(5);

    /** As secret_names.h has it. */
    private static final int MAX_BYTES = 64 * 1024;

    /** A value, and when it was read. */
    private record Known(SecretBytes value, long readAtNanos) {}

    /** A file cannot be read; the message says why, and quotes nothing of it. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        UnreadableException(String reason) {
            super(reason, null, false, false);
        }
    }

    private final Clock clock;
    private final Map<String, Known> known = new HashMap<>();
    private String directory = "";

    SecretFiles(Clock clock) {
        this.clock = clock;
    }

    /** The directory that they are in, empty for none. */
    void directory(String path) {
        if (!path.equals(directory)) {
            directory = path;
            forget();
        }
    }

    /** Has each of them read again. */
    void forget() {
        known.values().forEach(each -> each.value().close());
        known.clear();
    }

    /** The value that a file holds, which stays this object's. */
    SecretBytes value(String file) throws UnreadableException {
        Known last = known.get(file);
        if (last != null && clock.nanoTime() - last.readAtNanos() < KEPT.toNanos()) {
            return last.value();
        }
        if (last != null) {
            known.remove(file).value().close();
        }
        SecretBytes value = read(file);
        known.put(file, new Known(value, clock.nanoTime()));
        return value;
    }

    private SecretBytes read(String file) throws UnreadableException {
        if (directory.isEmpty()) {
            throw new UnreadableException("pg_net.secrets_directory is empty");
        }
        SecretBytes value = new SecretBytes();
        try {
            Path path = Path.of(directory, file);
            // One that is none would never end, or block.
            require(!Files.exists(path) || Files.isRegularFile(path), file, "is not a regular file");
            try (FileChannel channel = FileChannel.open(path)) {
                require(value.readAll(channel, MAX_BYTES + 1), file, "is longer than " + MAX_BYTES + " bytes");
            }
            check(value, file);
        } catch (NoSuchFileException missing) {
            value.close();
            throw unreadable(file, "does not exist");
        } catch (AccessDeniedException denied) {
            value.close();
            throw unreadable(file, "may not be read by the server");
        } catch (IOException | InvalidPathException broken) {
            value.close();
            throw unreadable(file, "cannot be read");
        } catch (UnreadableException unfit) {
            value.close();
            throw unfit;
        }
        return value;
    }

    /** Drops the newline at its end, and refuses what no header could hold. */
    private static void check(SecretBytes value, String file) throws UnreadableException {
        int length = value.length();
        if (length > 0 && value.at(length - 1) == '\n') {
            value.truncate(length - 1);
        }
        require(value.length() > 0, file, "is empty");
        require(value.length() <= MAX_BYTES, file, "is longer than " + MAX_BYTES + " bytes");
        for (int i = 0; i < value.length(); i++) {
            byte b = value.at(i);
            require(b != '\r' && b != '\n' && b != 0, file, "contains a line break or a null character");
        }
    }

    private static void require(boolean right, String file, String problem) throws UnreadableException {
        if (!right) {
            throw unreadable(file, problem);
        }
    }

    private static UnreadableException unreadable(String file, String problem) {
        return new UnreadableException("file \"" + file + "\" of pg_net.secrets_directory " + problem);
    }

    @Override
    public void close() {
        forget();
    }
}
