package org.pgnet.worker.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Priority;

/**
 * Requests that wait for their turn, urgent ones first and each lane in the order of its ids. A lane that is passed over gets
 * one start after so many of the others', so nothing waits for ever.
 */
final class Lanes {
    static final Comparator<Exchange> BY_ID = (a, b) -> Long.compare(idOf(a), idOf(b));

    private static final int FEW = 4;

    /** So many starts of others while a normal request waits, and then it goes first. */
    static final int NORMAL_PATIENCE = 8;

    static final int BULK_PATIENCE = 16;

    /** Those of one priority, in the order of their ids. */
    private static final class Lane {
        /** Nearly all come in this order. */
        private final ArrayDeque<Exchange> inOrder = new ArrayDeque<>(FEW);
        /** Those that came after one of a higher id: transactions do not commit in the order of their ids. */
        private final PriorityQueue<Exchange> late = new PriorityQueue<>(1, BY_ID);

        final int patience;
        int passedOver;

        Lane(int patience) {
            this.patience = patience;
        }

        static Lane of(Priority priority) {
            return new Lane(
                    switch (priority) {
                        case URGENT -> Integer.MAX_VALUE;
                        case NORMAL -> NORMAL_PATIENCE;
                        case BULK -> BULK_PATIENCE;
                    });
        }

        boolean isEmpty() {
            return inOrder.isEmpty() && late.isEmpty();
        }

        void add(Exchange exchange) {
            if (inOrder.isEmpty() || idOf(exchange) > idOf(inOrder.getLast())) {
                inOrder.add(exchange);
            } else {
                late.add(exchange);
            }
        }

        Exchange remove() {
            boolean isLateNext =
                    !late.isEmpty() && (inOrder.isEmpty() || idOf(late.element()) < idOf(inOrder.getFirst()));
            return isLateNext ? late.remove() : inOrder.remove();
        }

        boolean remove(Exchange exchange) {
            return inOrder.remove(exchange) || late.remove(exchange);
        }

        void removeIf(Predicate<Exchange> meant) {
            inOrder.removeIf(meant);
            late.removeIf(meant);
        }

        void forEach(Consumer<Exchange> taker) {
            inOrder.forEach(taker);
            late.forEach(taker);
        }
    }

    /** By priority; most have but one. */
    private final Lane[] lanes = new Lane[Priority.values().length];

    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(Exchange exchange) {
        Priority priority = exchange.request().delivery().priority();
        Lane lane = lanes[priority.ordinal()];
        if (lane == null) {
            lane = Lane.of(priority);
            lanes[priority.ordinal()] = lane;
        }
        lane.add(exchange);
        size++;
    }

    /** Takes the one whose turn it is; there must be one. */
    Exchange remove() {
        Lane next = next();
        for (Lane lane : lanes) {
            if (lane != null && lane != next && !lane.isEmpty()) {
                lane.passedOver++;
            }
        }
        next.passedOver = 0;
        size--;
        return next.remove();
    }

    /** Takes out one that need not be there. */
    boolean remove(Exchange exchange) {
        Lane lane = lanes[exchange.request().delivery().priority().ordinal()];
        boolean there = lane != null && lane.remove(exchange);
        size -= there ? 1 : 0;
        return there;
    }

    /** Takes out those that are meant. */
    void removeIf(Predicate<Exchange> meant, Consumer<Exchange> taker) {
        for (Lane lane : lanes) {
            if (lane != null) {
                List<Exchange> taken = new ArrayList<>();
                lane.removeIf(exchange -> meant.test(exchange) && taken.add(exchange));
                size -= taken.size();
                taken.forEach(taker);
            }
        }
    }

    void forEach(Consumer<Exchange> taker) {
        for (Lane lane : lanes) {
            if (lane != null) {
                lane.forEach(taker);
            }
        }
    }

    private static long idOf(Exchange exchange) {
        return exchange.request().key().id();
    }

    private Lane next() {
        Lane highest = null;
        for (Lane lane : lanes) {
            if (lane != null && !lane.isEmpty()) {
                if (lane.passedOver >= lane.patience) {
                    return lane;
                }
                highest = highest == null ? lane : highest;
            }
        }
        return highest;
    }
}
