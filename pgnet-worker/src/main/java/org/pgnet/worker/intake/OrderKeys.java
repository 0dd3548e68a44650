package org.pgnet.worker.intake;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.RequestQueue;

/**
 * Order keys: of each no more than one request is held, and when that has ended the queue is asked for the next. No other
 * request of a key is known, however many there are. Backend thread.
 */
final class OrderKeys {
    /** The most that are asked for at once. */
    private static final int MOST = 1_000;

    private final RequestQueue queue;
    private final Set<OrderKey> held = new HashSet<>();
    private final Set<OrderKey> freed = new HashSet<>();

    OrderKeys(RequestQueue queue) {
        this.queue = queue;
    }

    /** Whether a request waits for one that is held. */
    boolean block(DueRequest request) {
        return isKeyed(request) && held.contains(of(request));
    }

    /** A request is held from now on. */
    void hold(DueRequest request) {
        if (isKeyed(request)) {
            held.add(of(request));
        }
    }

    /** A held request is let go of, and is sent again or read again: the others of its key wait on. */
    void release(DueRequest request) {
        if (isKeyed(request)) {
            held.remove(of(request));
        }
    }

    /** A held request has ended. */
    void end(DueRequest request) {
        release(request);
        if (isKeyed(request)) {
            freed.add(of(request));
        }
    }

    /** Requests of these keys have gone. */
    void free(List<OrderKey> keys) {
        freed.addAll(keys);
    }

    /** Whether {@link #takeHeads} has something to ask for. */
    boolean isEmpty() {
        return freed.isEmpty();
    }

    /** The ids of the requests that come next. */
    List<Long> takeHeads() {
        List<OrderKey> asked = freed.stream().limit(MOST).toList();
        List<Long> heads = queue.heads(asked);
        asked.forEach(freed::remove);
        return heads;
    }

    /** Whether a request has an order key. */
    static boolean isKeyed(DueRequest request) {
        return !request.delivery().orderKey().isEmpty();
    }

    private static OrderKey of(DueRequest request) {
        return new OrderKey(request.owner(), request.delivery().orderKey());
    }
}
