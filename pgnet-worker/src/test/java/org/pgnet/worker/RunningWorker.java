package org.pgnet.worker;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** The engine at work on a thread of its own, with real libcurl, until closed. */
final class RunningWorker implements AutoCloseable {
    final MemoryHost host;
    final MemoryStore store;
    private final WorkerAgent agent;
    private final Thread thread;
    private volatile Optional<Throwable> thrown = Optional.empty();

    RunningWorker() {
        this(new MemoryStore());
    }

    /** With what a store already contains. */
    RunningWorker(MemoryStore store) {
        this(store, settings -> settings);
    }

    RunningWorker(MemoryStore store, UnaryOperator<Settings> change) {
        this(new MemoryHost(), store, change);
    }

    RunningWorker(MemoryHost host, MemoryStore store, UnaryOperator<Settings> change) {
        this.host = host;
        this.store = store;
        host.settings(change.apply(host.settings()));
        agent = new WorkerAgent(host, store, BodyCompressor.NONE);
        thread = new Thread(this::run, "backend");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            agent.run();
        } catch (Throwable e) {
            thrown = Optional.of(e);
        }
    }

    /** Inserts and commits a request, and waits for its response. */
    MemoryStore.Stored exchange(String method, String url, String headers, String body, int timeoutMillis) {
        long id = store.insert(method, url, headers, body, timeoutMillis);
        host.commit(id);
        return response(id);
    }

    MemoryStore.Stored get(String url) {
        return exchange("GET", url, "{}", "", 5_000);
    }

    /** Waits for the response of a committed request. */
    MemoryStore.Stored response(long id) {
        await(() -> store.responses().containsKey(id), "response " + id);
        return store.responses().get(id);
    }

    /** Waits until something is so. */
    void await(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            thrown.ifPresent(e -> {
                throw new AssertionError("the worker ended", e);
            });
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 20 s: " + what + "; log " + host.logLines());
            }
            pause();
        }
    }

    /** Waits until the worker has ended, and tells what it threw. */
    Optional<Throwable> end() {
        host.requestEnd();
        return ended();
    }

    Optional<Throwable> ended() {
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (thread.isAlive()) {
            throw new AssertionError("the worker does not end");
        }
        return thrown;
    }

    @Override
    public void close() {
        end();
        agent.close();
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
