package org.pgnet.curl;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * How many name resolutions go on whose transfers are over. libcurl resolves each name in a thread, and leaves it
 * alone when the transfer times out (CURLOPT_QUICK_EXIT): it ends when the system's resolver gives up, many seconds later.
 * Until then it holds a descriptor or two. One thread, that of the loop.
 */
final class AbandonedLookups {

    private static final long COUNT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Path THREADS = Path.of("/proc/self/task");

    private int count;
    private long countedNanos;

    /** Takes note of a transfer that ended. */
    void ended(TransferResult result) {
        if (result.timedOut() && result.timings().nameLookupMicros() == 0) {
            if (count == 0) {
                // No time of a lookup is also what a transfer on a kept connection has: look at once.
                countedNanos = System.nanoTime() - COUNT_NANOS;
            }
            count++;
        }
    }

    /** How many there are at most; looks anew five times a second while there are any. */
    int count() {
        if (count > 0 && System.nanoTime() - countedNanos >= COUNT_NANOS) {
            count = Math.min(count, threadsOfThisName() - 1);
            countedNanos = System.nanoTime();
        }
        return count;
    }

    /** Threads that C makes have the name of the thread that made them; their number is the most that can be lookups. */
    private static int threadsOfThisName() {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            String name = Files.readString(Path.of("/proc/thread-self/comm"));
            int same = 0;
            for (Path thread : threads) {
                same += nameOf(thread).equals(name) ? 1 : 0;
            }
            return Math.max(1, same);
        } catch (IOException noProc) {
            return Integer.MAX_VALUE;
        }
    }

    private static String nameOf(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (IOException ended) {
            return "";
        }
    }
}
