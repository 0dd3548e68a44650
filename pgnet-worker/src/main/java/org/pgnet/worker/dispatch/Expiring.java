package org.pgnet.worker.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.pgnet.worker.exchange.Exchange;

/** The requests that wait and may not begin after some moment, by that moment. Others leave no trace here. */
final class Expiring {
    private static final Duration LONGEST_WAIT = Duration.ofDays(366);

    private final NavigableSet<Exchange> byMoment = new TreeSet<>(Expiring::compare);

    private static int compare(Exchange one, Exchange other) {
        int order = moment(one).compareTo(moment(other));
        if (order == 0) {
            order = Lanes.BY_ID.compare(one, other);
        }
        if (order == 0) {
            order = Long.compare(
                    one.request().key().version(), other.request().key().version());
        }
        return order;
    }

    private static Instant moment(Exchange exchange) {
        return exchange.request().delivery().expires().orElseThrow();
    }

    boolean isEmpty() {
        return byMoment.isEmpty();
    }

    void add(Exchange exchange) {
        if (exchange.request().delivery().expires().isPresent()) {
            byMoment.add(exchange);
        }
    }

    void remove(Exchange exchange) {
        if (exchange.request().delivery().expires().isPresent()) {
            byMoment.remove(exchange);
        }
    }

    /** Takes those whose moment has passed. */
    List<Exchange> take(Instant now) {
        List<Exchange> expired = new ArrayList<>();
        while (!byMoment.isEmpty() && byMoment.first().request().delivery().isExpired(now)) {
            expired.add(byMoment.pollFirst());
        }
        return expired;
    }

    /** The nanoseconds until the first moment has passed; there must be one. */
    long nanosUntilDue(Instant now) {
        Duration wait = Duration.between(now, moment(byMoment.first()));
        if (wait.isNegative()) {
            return 0;
        }
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait.toNanos() + 1 : LONGEST_WAIT.toNanos();
    }
}
