package org.pgnet.curl;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/**
 * A measurement, not a test: how many requests a second one thread gets through. To be compared with
 * bench/src/main/c/curl_multi.c. Arguments: URL, requests, in flight; a fourth one repeats the run.
 */
final class Throughput {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final List<String> HEADERS = List.of("User-Agent: pg_net/1.0.0");

    private final TransferLoop loop;
    private final String url;
    private final int requests;
    private int started;
    private int finished;
    private int failed;
    private long bytes;

    private Throughput(TransferLoop loop, String url, int requests) {
        this.loop = loop;
        this.url = url;
        this.requests = requests;
    }

    public static void main(String[] arguments) {
        String url = arguments[0];
        int requests = Integer.parseInt(arguments[1]);
        int inFlight = Integer.parseInt(arguments[2]);
        int runs = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1;
        try (TransferLoop loop = new TransferLoop(inFlight)) {
            for (int run = 0; run < runs; run++) {
                new Throughput(loop, url, requests).run(inFlight);
            }
        }
    }

    private void run(int inFlight) {
        long begin = System.nanoTime();
        long cpuBegin = THREADS.getCurrentThreadCpuTime();
        while (started < Math.min(inFlight, requests)) {
            start();
        }
        while (loop.inFlight() > 0) {
            loop.cycle(1000, this::done);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        double cpuMicros = (THREADS.getCurrentThreadCpuTime() - cpuBegin) / 1e3 / finished;
        System.out.printf(
                "%.0f requests/s, %.2f us of CPU each, %d failed, %d bytes%n",
                finished / seconds, cpuMicros, failed, bytes);
    }

    private void start() {
        started++;
        loop.start(new Transfer(1, "GET", url, HEADERS, NativeBytes.empty(), 5000, 64 << 20, started));
    }

    private void done(TransferResult result) {
        try (result;
                NativeBytes body = result.takeBody()) {
            finished++;
            failed += result.failed() ? 1 : 0;
            bytes += body.length() + result.headerBlock().length;
        }
        if (started < requests) {
            start();
        }
    }
}
