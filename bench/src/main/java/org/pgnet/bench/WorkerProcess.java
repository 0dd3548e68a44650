package org.pgnet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pgnet.testkit.machine.Command;

/** What the kernel says of pg_net's worker: Linux's proc(5). */
record WorkerProcess(long pid) {
    /** USER_HZ, which Linux shows to programs on every architecture that PostgreSQL runs on here. */
    private static final double TICKS_PER_SECOND = 100;

    private static final String FIRST = "0";
    private static final String REST = "1-" + Math.max(1, Runtime.getRuntime().availableProcessors() - 1);

    /**
     * Seconds of CPU that were used so far.
     *
     * @param main by the main thread, which alone calls PostgreSQL
     * @param transfer by the thread that runs libcurl
     * @param all by all threads
     */
    record Cpu(double main, double transfer, double all) {
        Cpu since(Cpu earlier) {
            return new Cpu(main - earlier.main, transfer - earlier.transfer, all - earlier.all);
        }
    }

    Cpu cpu() {
        double main = 0;
        double transfer = 0;
        for (Path thread : threads()) {
            if (thread.getFileName().toString().equals("" + pid)) {
                main += seconds(thread);
            } else if (read(thread.resolve("comm")).contains("transfer")) {
                transfer += seconds(thread);
            }
        }
        return new Cpu(main, transfer, seconds(directory()));
    }

    /** Proportional set size now, in bytes: its own memory, and its part of what it shares with other processes. */
    long pss() {
        return read(directory().resolve("smaps_rollup"))
                        .lines()
                        .filter(line -> line.startsWith("Pss:"))
                        .map(line -> line.replaceAll("[^0-9]", ""))
                        .mapToLong(Long::parseLong)
                        .sum()
                * 1024;
    }

    /** Has the main thread alone run on the first processor; the other threads and those processes share the rest. */
    void giveMainThreadOneProcessor(List<Long> others) {
        for (Path thread : threads()) {
            taskset(thread.getFileName().toString(), REST);
        }
        taskset("" + pid, FIRST);
        others.forEach(process -> taskset("" + process, REST));
    }

    private static void taskset(String task, String processors) {
        Command.run(Path.of("/"), Map.of(), List.of("taskset", "-cp", processors, task));
    }

    /** User and system time are fields 14 and 15 of stat; the name of the command, field 2, may hold spaces. */
    private static double seconds(Path process) {
        String stat = read(process.resolve("stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        String[] fieldsFrom3 = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fieldsFrom3[11]) + Long.parseLong(fieldsFrom3[12])) / TICKS_PER_SECOND;
    }

    private List<Path> threads() {
        try (Stream<Path> threads = Files.list(directory().resolve("task"))) {
            return threads.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path directory() {
        return Path.of("/proc/" + pid);
    }

    /** Empty when the thread has ended. */
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
