package org.pgnet.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a worker takes at one moment.
 *
 * @param requests how many it has done so far
 * @param heapMegabytes what was alive in the Java heap after the last garbage collection
 */
record WorkerSample(
        long requests, long pssKilobytes, long rssKilobytes, long heapMegabytes, long descriptors, long threads) {
    private static final Pattern COLLECTION = Pattern.compile("->(\\d+)M\\(");

    static WorkerSample take(long pid, long requests, Path garbageLog) throws IOException {
        return new WorkerSample(
                requests,
                WorkerMemory.proportionalKilobytes(pid),
                WorkerMemory.residentKilobytes(pid),
                lastHeap(garbageLog),
                WorkerMemory.descriptors(pid),
                WorkerMemory.threads(pid));
    }

    private static long lastHeap(Path garbageLog) throws IOException {
        return COLLECTION
                .matcher(Files.readString(garbageLog))
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .reduce(0, (first, last) -> last);
    }
}
