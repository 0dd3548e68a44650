package org.pgnet.worker.memory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueIds.Place;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

/** What the store in memory keeps beside its queue. Its lock is the store's. */
final class DeliveryRows {
    /** Statuses of gateways, and 0 for no response. */
    private static final Set<Integer> NOBODY_THERE = Set.of(0, 502, 503, 504);

    private final Map<Long, Row> rows = new HashMap<>();
    private final NavigableSet<Place> byDue =
            new TreeSet<>(Comparator.comparing(Place::due).thenComparing(Place::id));
    private Optional<Instant> expected = Optional.empty();

    /** A row: of which version of its request it is, and what became of the attempts before. */
    record Row(
            RequestKey key,
            Instant due,
            Instant firstDue,
            int attempts,
            int counted,
            int lastStatus,
            Optional<Instant> leftAloneUntil) {
        /** Of a request that was not attempted. */
        static Row ofFirst(RequestKey key, Instant due) {
            return new Row(key, due, due, 0, 0, 0, Optional.empty());
        }

        /** The same, due as soon as its server allows it. */
        Row hastened(Instant now) {
            Instant earliest = leftAloneUntil.filter(now::isBefore).orElse(now);
            return earliest.isBefore(due)
                    ? new Row(key, earliest, firstDue, attempts, counted, lastStatus, leftAloneUntil)
                    : this;
        }
    }

    int size() {
        return rows.size();
    }

    /** The row of a version of a request. */
    Optional<Row> row(RequestKey key) {
        return Optional.ofNullable(rows.get(key.id())).filter(row -> row.key().equals(key));
    }

    /** The row of a request, of another version too: a rewrite of the table changes nothing of the request. */
    private Optional<Row> row(RequestKey key, Wishes wishes) {
        return Optional.ofNullable(rows.get(key.id()))
                .filter(row -> row.key().equals(key) || row.firstDue().equals(firstDue(wishes)));
    }

    private static Instant firstDue(Wishes wishes) {
        Instant asked = wishes.notBefore().orElse(wishes.created());
        return asked.isAfter(wishes.created()) ? asked : wishes.created();
    }

    void put(Row row) {
        remove(row.key().id());
        rows.put(row.key().id(), row);
        byDue.add(new Place(row.due(), row.key().id()));
    }

    void remove(long id) {
        Row row = rows.remove(id);
        if (row != null) {
            byDue.remove(new Place(row.due(), id));
        }
    }

    void clear() {
        rows.clear();
        byDue.clear();
    }

    /** A request comes, or is changed. */
    void schedule(RequestKey key, Wishes wishes, Instant now) {
        remove(key.id());
        wishes.notBefore().filter(moment -> moment.isAfter(now)).ifPresent(moment -> put(Row.ofFirst(key, moment)));
    }

    /** Notes a failed attempt; false when it is known already. */
    boolean postpone(Settlement.Postponed again) {
        Delivery delivery = again.request().delivery();
        RequestKey key = again.request().key();
        boolean isKnown =
                row(key).filter(row -> row.attempts() >= delivery.nextAttempt()).isPresent();
        if (!isKnown) {
            put(new Row(
                    key,
                    again.due(),
                    delivery.firstDue(),
                    delivery.nextAttempt(),
                    again.counted(),
                    again.status(),
                    again.leftAloneUntil()));
        }
        return !isKnown;
    }

    /** When a request is due that has a row. */
    Optional<Instant> due(long id) {
        return Optional.ofNullable(rows.get(id)).map(Row::due);
    }

    /** Whether a request is due; a row of another version is written anew, by what the request says. */
    boolean isDue(RequestKey key, Wishes wishes, Instant now) {
        Optional<Instant> due = row(key, wishes).map(Row::due);
        if (due.isEmpty()) {
            due = wishes.notBefore().filter(moment -> moment.isAfter(now));
            due.ifPresent(moment -> {
                schedule(key, wishes, now);
                expect(moment);
            });
        }
        return due.filter(moment -> moment.isAfter(now)).isEmpty();
    }

    Delivery of(RequestKey key, Wishes wishes) {
        boolean isKept = rows.containsKey(key.id());
        Instant firstDue = firstDue(wishes);
        Row row = row(key, wishes).orElse(Row.ofFirst(key, firstDue));
        return new Delivery(
                wishes.policy(),
                wishes.created(),
                wishes.expires(),
                wishes.priority(),
                wishes.orderKey(),
                row.firstDue(),
                row.attempts(),
                row.counted(),
                isKept);
    }

    /** Somebody is to look at this moment. */
    void expect(Instant moment) {
        expected = Optional.of(expected.filter(each -> each.isBefore(moment)).orElse(moment));
    }

    Optional<Instant> drainExpected() {
        Optional<Instant> drained = expected;
        expected = Optional.empty();
        return drained;
    }

    /** As {@link org.pgnet.worker.spi.RequestQueue#due}; rows without a request go. */
    DueIds due(Place from, int limit, Instant now, LongPredicate isQueued) {
        List<Place> found = byDue.tailSet(from, false).stream()
                .limit(limit)
                .takeWhile(place -> !place.due().isAfter(now))
                .toList();
        List<Long> ids = new ArrayList<>();
        for (Place place : found) {
            if (isQueued.test(place.id())) {
                ids.add(place.id());
            } else {
                remove(place.id());
            }
        }
        Place reached = found.isEmpty() ? from : found.get(found.size() - 1);
        return new DueIds(ids, reached, found.size() == limit ? Optional.of(now) : next(now));
    }

    /** The ids behind one, in order, of rows that wait for a time; of all, not only of those that failed. */
    List<Long> after(long id, int limit) {
        return rows.keySet().stream()
                .filter(each -> each > id)
                .sorted()
                .limit(limit)
                .toList();
    }

    /** Whether a request waits since nothing was there for its last attempt. */
    boolean hasFailed(long id, Instant now) {
        Row row = rows.get(id);
        return row.attempts() > 0 && NOBODY_THERE.contains(row.lastStatus()) && row.hastened(now) != row;
    }

    void hasten(long id, Instant now) {
        Row row = rows.get(id);
        if (row != null) {
            put(row.hastened(now));
        }
    }

    private Optional<Instant> next(Instant now) {
        return Optional.ofNullable(byDue.higher(new Place(now, Long.MAX_VALUE))).map(Place::due);
    }
}
