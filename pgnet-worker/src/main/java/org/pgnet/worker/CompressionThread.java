package org.pgnet.worker;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.pgnet.curl.NativeBytes;

/**
 * The thread that compresses large bodies between their transfer and their recording: it takes about as long as all else that
 * is done for them, and would hold up other requests on either of the other threads. The methods that are not private are
 * the transfer thread's.
 */
final class CompressionThread implements AutoCloseable {
    /** Smaller bodies are compressed by the database, which decides whether that pays. */
    private static final long LARGE_BODY = 256L << 10;

    private static final long STACK_BYTES = 256 * 1024;

    private final BodyCompressor compressor;
    private final Consumer<Outcome> done;
    private final Consumer<Throwable> died;
    private final BlockingQueue<Outcome.Response> waiting = new LinkedBlockingQueue<>();
    private Thread thread;

    /**
     * Starts nothing yet.
     *
     * @param done takes each outcome, on this thread
     * @param died takes the reason when this thread cannot go on
     */
    CompressionThread(BodyCompressor compressor, Consumer<Outcome> done, Consumer<Throwable> died) {
        this.compressor = compressor;
        this.done = done;
        this.died = died;
    }

    /** Takes an outcome with a large body, and hands it to {@code done} in a while; false when that gains nothing. */
    boolean take(Outcome outcome) {
        if (!(outcome instanceof Outcome.Response response) || response.body().length() < LARGE_BODY) {
            return false;
        }
        if (thread == null) {
            // Most workers never see such a body.
            thread = new Thread(null, this::run, "pgnet-compress", STACK_BYTES);
            thread.setDaemon(true);
            thread.start();
        }
        waiting.add(response);
        return true;
    }

    /** Ends the thread. Outcomes that it has are abandoned. */
    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                Outcome.Response response = waiting.take();
                done.accept(compressor
                        .compress(response.body())
                        .map(compressed -> with(response, compressed))
                        .orElse(response));
            }
        } catch (InterruptedException closed) {
            return;
        } catch (Throwable unexpected) {
            died.accept(unexpected);
        }
    }

    private static Outcome.Response with(Outcome.Response response, NativeBytes compressed) {
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
