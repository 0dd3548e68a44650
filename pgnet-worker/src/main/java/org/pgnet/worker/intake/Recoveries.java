package org.pgnet.worker.intake;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.FailedRequests.Attempted;
import org.pgnet.worker.spi.RequestQueue;

/**
 * Has the requests that failed for want of an endpoint due at once when it works again, in portions, oldest first. The schedule
 * then finds them as it finds all others. Backend thread.
 */
final class Recoveries {
    /** How many of the rows beside the queue are looked at in one portion. */
    private static final int PORTION = 1_000;

    private final RequestQueue queue;
    private final Schedule schedule;
    private final Clock clock;
    private final Origins origins = new Origins();
    private final Set<Endpoint> endpoints = new LinkedHashSet<>();
    /** The one that is looked for. It may be among the others, too, when it has failed and recovered meanwhile. */
    private Optional<Endpoint> current = Optional.empty();

    private long reached;

    Recoveries(RequestQueue queue, Schedule schedule, Clock clock) {
        this.queue = queue;
        this.schedule = schedule;
        this.clock = clock;
    }

    void add(Endpoint endpoint) {
        endpoints.add(endpoint);
    }

    boolean isEmpty() {
        return endpoints.isEmpty() && current.isEmpty();
    }

    /** Looks at one portion; there must be an endpoint. */
    void work() {
        if (current.isEmpty()) {
            current = Optional.of(endpoints.iterator().next());
            endpoints.remove(current.get());
            reached = Long.MIN_VALUE;
        }
        Endpoint endpoint = current.get();
        FailedRequests failed = queue.failed(endpoint.owner(), reached, PORTION);
        List<Long> ids = failed.requests().stream()
                .filter(request -> isOf(endpoint, request))
                .map(Attempted::id)
                .toList();
        if (!ids.isEmpty()) {
            queue.hasten(ids);
            schedule.expect(clock.now());
        }
        reached = failed.reached();
        if (failed.complete()) {
            current = Optional.empty();
        }
    }

    private boolean isOf(Endpoint endpoint, Attempted request) {
        String path = request.isMessage() ? Origins.path(request.url()) : "";
        return origins.of(request.url()).equals(endpoint.origin()) && path.equals(endpoint.path());
    }
}
