package org.pgnet.worker.transfer;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.Settlement;

/**
 * The thread that compresses large bodies between their transfer and their recording: it takes about as long as all else that
 * is done for them, and would hold up other requests on either of the other threads.
 */
final class PreparationThread implements AutoCloseable {
    /** Smaller bodies are compressed by the database, which decides whether that pays. */
    private static final long LARGE_BODY = 256L << 10;

    /** When compressed bodies that are not recorded take so many bytes, more are handed on as they are. */
    private static final long MAX_PREPARED_BYTES = 32L << 20;

    private static final long STACK_BYTES = 256 * 1024;

    private final BodyPreparer preparer;
    private final Mailbox mailbox;
    private final Taking taking = new Taking();
    private final BlockingQueue<Settlement.Answered> waiting = new LinkedBlockingQueue<>();
    private Optional<Thread> thread = Optional.empty();
    private boolean unavailable;

    /**
     * Starts nothing yet.
     *
     * @param mailbox takes each settlement, and the reason when this thread cannot go on
     */
    PreparationThread(BodyPreparer preparer, Mailbox mailbox) {
        this.preparer = preparer;
        this.mailbox = mailbox;
    }

    /**
     * Takes a settlement with a large body, and posts it in a while; false when that gains nothing. Transfer
     * thread.
     */
    boolean take(Settlement settlement) {
        return settlement.match(taking);
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
            Thread next = new Thread(null, this::run, "pgnet-prepare", STACK_BYTES);
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
                Settlement.Answered response = waiting.take();
                Optional<NativeBytes> prepared = mailbox.preparedBytes() < MAX_PREPARED_BYTES
                        ? preparer.prepare(response.body())
                        : Optional.empty();
                mailbox.postPrepared(prepared.map(response::prepared).orElse(response));
            }
        } catch (InterruptedException closed) {
            return;
        } catch (Throwable unexpected) {
            mailbox.died(unexpected);
        }
    }

    private final class Taking implements Settlement.Cases<Boolean> {
        @Override
        public Boolean answered(Settlement.Answered response) {
            if (response.body().length() < LARGE_BODY || !isRunning()) {
                return false;
            }
            waiting.add(response);
            return true;
        }

        @Override
        public Boolean failed(Settlement.Failed failure) {
            return false;
        }

        @Override
        public Boolean postponed(Settlement.Postponed again) {
            return false;
        }

        @Override
        public Boolean dead(Settlement.Dead dead) {
            return false;
        }
    }
}
