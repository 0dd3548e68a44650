package org.pgnet.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.spi.IdRange;

/**
 * A measurement, not a test: how many requests a second the engine gets through with its tables in memory. Arguments: URL,
 * requests, in flight, runs. To be compared with the measurement of the same name in pgnet-curl.
 */
final class Throughput {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Set<String> NAMES = Set.of("backend", "pgnet-transfer");

    private Throughput() {}

    public static void main(String[] arguments) {
        String url = arguments[0];
        int requests = Integer.parseInt(arguments[1]);
        int inFlight = Integer.parseInt(arguments[2]);
        int runs = Integer.parseInt(arguments[3]);
        MemoryStore store = new MemoryStore();
        try (RunningWorker worker = new RunningWorker(
                store, MemorySettings.of("pg_net.batch_size", inFlight, "pg_net.max_connections_per_host", inFlight))) {
            for (int run = 0; run < runs; run++) {
                IdRange ids = store.insertGets(url, requests);
                long readBefore = store.rowsRead();
                int batchesBefore = store.batchSizes().size();
                Map<String, Long> cpuBefore = cpuNanos();
                long begin = System.nanoTime();
                worker.host.commit(ids);
                worker.await(() -> store.queued() == 0, "empty queue");
                double seconds = (System.nanoTime() - begin) / 1e9;
                System.out.printf(
                        "%.0f requests/s, us of CPU each: %s, %.2f rows read for each, %d recordings%n",
                        requests / seconds,
                        cpuMicros(cpuBefore, requests),
                        (store.rowsRead() - readBefore) / (double) requests,
                        store.batchSizes().size() - batchesBefore);
            }
        }
    }

    private static Map<String, Long> cpuNanos() {
        Map<String, Long> nanos = new TreeMap<>();
        for (long id : THREADS.getAllThreadIds()) {
            ThreadInfo thread = THREADS.getThreadInfo(id);
            if (thread != null && NAMES.contains(thread.getThreadName())) {
                nanos.put(thread.getThreadName(), THREADS.getThreadCpuTime(id));
            }
        }
        return nanos;
    }

    private static Map<String, Double> cpuMicros(Map<String, Long> before, int requests) {
        Map<String, Double> micros = new TreeMap<>();
        cpuNanos().forEach((name, nanos) -> micros.put(name, (nanos - before.get(name)) / 10 / requests / 100.0));
        return micros;
    }
}
