package org.pgnet.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel says of a process, proc(5). */
final class WorkerMemory {
    private WorkerMemory() {}

    /** VmHWM: the largest resident set so far. */
    static long mostKilobytes(long pid) throws IOException {
        return field(pid, "status", "VmHWM");
    }

    /**
     * The same of the process's own memory: without files, of which libjvm and its class archives are 30 to 40 MB that differ
     * from release to release, and without shared buffers. Both only grow, so that this is what it was then, or less.
     */
    static long mostOwnKilobytes(long pid) throws IOException {
        return mostKilobytes(pid) - field(pid, "status", "RssFile") - field(pid, "status", "RssShmem");
    }

    /** Pss: resident memory, of pages that several processes have the share. */
    static long proportionalKilobytes(long pid) throws IOException {
        return field(pid, "smaps_rollup", "Pss");
    }

    /** VmRSS: what is resident now. */
    static long residentKilobytes(long pid) throws IOException {
        return field(pid, "status", "VmRSS");
    }

    static long threads(long pid) throws IOException {
        return field(pid, "status", "Threads");
    }

    static long descriptors(long pid) throws IOException {
        try (var files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.count();
        }
    }

    private static long field(long pid, String file, String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/" + file)).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
