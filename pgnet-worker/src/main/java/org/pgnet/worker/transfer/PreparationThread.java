package org.pgnet.worker.transfer;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.Outcome;

/**
 * The thread that compresses large bodies between their transfer and their recording: it takes about as long as all else that
 * is done for them, and would hold up other requests on either of the other threads.
 */
final class PreparationThread implements AutoCloseable {
    /** Smaller bodies are compressed by the database, which decides whether that pays. */
    private static final long LARGE_BODY = 256L << 10;

    /** When compressed bodies that are not recorded take so many bytes, more are handed on as they are. */
    private static final long MAX_COMPRESSED_BYTES = 32L << 20;

    private static final long STACK_BYTES = 256 * 1024;

    private final BodyPreparer compressor;
    private final Consumer<Outcome> done;
    private final Consumer<Throwable> died;
    private final BlockingQueue<Outcome.Response> waiting = new LinkedBlockingQueue<>();
    private final AtomicLong compressedBytes = new AtomicLong();
    private Optional<Thread> thread = Optional.empty();
    private boolean unavailable;

    /**
     * Starts nothing yet.
     *
     * @param done takes each outcome, on this thread
     * @param died takes the reason when this thread cannot go on
     */
    PreparationThread(BodyPreparer compressor, Consumer<Outcome> done, Consumer<Throwable> died) {
        this.compressor = compressor;
        this.done = done;
        this.died = died;
    }

    /**
     * Takes an outcome with a large body, and hands it to {@code done} in a while; false when that gains nothing. Transfer
     * thread.
     */
    boolean take(Outcome outcome) {
        if (!(outcome instanceof Outcome.Response response) || response.body().length() < LARGE_BODY || !isRunning()) {
            return false;
        }
        waiting.add(response);
        return true;
    }

    /** The compressed form of a body was freed, so many bytes. Any thread. */
    void freed(long bytes) {
        compressedBytes.addAndGet(-bytes);
    }

    /** Ends the thread, once nobody calls {@link #take}. Outcomes that it has are abandoned. Waits for at most 5 s. */
    @Override
    public void close() {
        if (thread.isPresent()) {
            thread.get().interrupt();
            try {
                thread.get().join(5_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Starts the thread when it is first needed: most workers never see such a body. */
    private boolean isRunning() {
        if (thread.isEmpty() && !unavailable) {
            Thread next = new Thread(null, this::run, "pgnet-compress", STACK_BYTES);
            next.setDaemon(true);
            try {
                next.start();
                thread = Optional.of(next);
            } catch (OutOfMemoryError noMoreThreads) {
                // Then the database compresses.
                unavailable = true;
            }
        }
        return thread.isPresent();
    }

    private void run() {
        try {
            while (true) {
                Outcome.Response response = waiting.take();
                Optional<NativeBytes> compressed = compressedBytes.get() < MAX_COMPRESSED_BYTES
                        ? compressor.compress(response.body())
                        : Optional.empty();
                done.accept(compressed.map(bytes -> with(response, bytes)).orElse(response));
            }
        } catch (InterruptedException closed) {
            return;
        } catch (Throwable unexpected) {
            died.accept(unexpected);
        }
    }

    private Outcome.Response with(Outcome.Response response, NativeBytes compressed) {
        compressedBytes.addAndGet(compressed.length());
        return new Outcome.Response(
                response.request(),
                response.completed(),
                response.duration(),
                response.status(),
                response.headerBlock(),
                response.body(),
                compressed);
    }
}
