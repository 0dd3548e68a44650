package org.pgnet.worker.memory;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.pgnet.worker.WorkerAgent;
import org.pgnet.worker.spi.Settings;

/** The engine at work on a thread of its own, with real libcurl, until closed. */
public final class RunningWorker implements AutoCloseable {
    public final MemoryHost host;
    public final MemoryStore store;
    private final WorkerAgent agent;
    private final Thread thread;
    private volatile Optional<Throwable> thrown = Optional.empty();

    public RunningWorker() {
        this(new MemoryStore());
    }

    /** With what a store already contains. */
    public RunningWorker(MemoryStore store) {
        this(store, MemorySettings.of());
    }

    public RunningWorker(MemoryStore store, Settings settings) {
        this(new MemoryHost(store), store, settings);
    }

    public RunningWorker(MemoryHost host, MemoryStore store, Settings settings) {
        this.host = host;
        this.store = store;
        host.settings(settings);
        agent = new WorkerAgent(host);
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
    public MemoryStore.Stored exchange(String method, String url, String headers, String body, int timeoutMillis) {
        long id = store.insert(method, url, headers, body, timeoutMillis);
        host.commit(id);
        return response(id);
    }

    public MemoryStore.Stored get(String url) {
        return exchange("GET", url, "{}", "", 5_000);
    }

    /** Waits for the response of a committed request. */
    public MemoryStore.Stored response(long id) {
        await(() -> store.responses().containsKey(id), "response " + id);
        return store.responses().get(id);
    }

    /** Waits until something is so. */
    public void await(BooleanSupplier condition, String what) {
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
    public Optional<Throwable> end() {
        host.requestEnd();
        return ended();
    }

    public Optional<Throwable> ended() {
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
