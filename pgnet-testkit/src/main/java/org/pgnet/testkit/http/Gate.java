package org.pgnet.testkit.http;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgnet.testkit.machine.Eventually;

/** Holds back the first requests that come to a path, all others are answered at once. Any thread. */
public final class Gate implements Responder {
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicInteger came = new AtomicInteger();
    private final int held;

    private Gate(int held) {
        this.held = held;
    }

    /** Holds every request until it is opened. */
    public static Gate closed() {
        return new Gate(Integer.MAX_VALUE);
    }

    /** Holds the first request only, until it is opened. */
    public static Gate forTheFirst() {
        return new Gate(1);
    }

    @Override
    public Optional<Reply> answer(ReceivedRequest request) throws InterruptedException {
        if (came.incrementAndGet() <= held) {
            open.await();
        }
        return Optional.of(Reply.text(200, "answer to " + request.target()));
    }

    /** Waits until so many requests have come. */
    public void awaitRequests(int count) {
        Eventually.until(count + " requests at the gate", Duration.ofSeconds(20), () -> came.get() >= count);
    }

    /** Answers those that are held, and holds nobody from now on. */
    public void open() {
        open.countDown();
    }
}
