package org.pgnet.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Memory of a worker that has just started, at the peak of its first burst, and some time after. */
final class Memory implements Scenario {
    private static final double IDLE_LIMIT_MB = 60;
    private static final double PEAK_LIMIT_MB = 150;
    private static final int SAMPLE_MILLIS = 20;
    private static final int REST_MILLIS = 3000;

    private final List<Double> idle = new ArrayList<>();
    private final List<Double> peaks = new ArrayList<>();
    private final List<Double> after = new ArrayList<>();

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Row> run(Bench bench) throws Exception {
        ExecutorService observer = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < bench.rounds(); round++) {
                measure(bench, observer);
            }
        } finally {
            observer.shutdownNow();
        }
        return List.of(
                Row.ofFigure(
                        "worker memory (Pss) idle",
                        "%s; %d s after its first burst %s"
                                .formatted(
                                        Figures.megabytes(Figures.median(idle)),
                                        REST_MILLIS / 1000,
                                        Figures.megabytes(Figures.median(after))),
                        "at most 60 MB",
                        Figures.median(idle) <= IDLE_LIMIT_MB * (1 << 20),
                        "12 MB"),
                Row.ofFigure(
                        "the same at the peak of the burst",
                        Figures.megabytes(Figures.median(peaks)),
                        "at most 150 MB",
                        Figures.median(peaks) <= PEAK_LIMIT_MB * (1 << 20),
                        "27 to 217 MB, with batch_size"));
    }

    private void measure(Bench bench, ExecutorService observer) throws Exception {
        String url = bench.nginx().url("/");
        try (Database database = Database.start()) {
            WorkerProcess worker = database.worker();
            database.get(1, url);
            database.awaitEmptyQueue();
            Thread.sleep(REST_MILLIS);
            idle.add((double) worker.pss());
            Peak peak = new Peak(worker);
            Future<Long> highest = observer.submit(peak);
            burst(database, bench, url);
            peak.ended = true;
            peaks.add((double) highest.get());
            Thread.sleep(REST_MILLIS);
            after.add((double) worker.pss());
        }
    }

    private static void burst(Database database, Bench bench, String url) throws SQLException {
        int requests = bench.count(20_000, 2_000);
        database.get(requests, url);
        database.awaitEmptyQueue();
        database.checkResponses(requests + 1);
    }

    /** Looks at the worker's memory until the burst has ended. */
    private static final class Peak implements Callable<Long> {
        private final WorkerProcess worker;
        private volatile boolean ended;

        Peak(WorkerProcess worker) {
            this.worker = worker;
        }

        @Override
        public Long call() throws InterruptedException {
            long highest = worker.pss();
            while (!ended) {
                Thread.sleep(SAMPLE_MILLIS);
                highest = Math.max(highest, worker.pss());
            }
            return highest;
        }
    }
}
