package org.pgnet.worker.memory;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.http.OriginNumber;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Line;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.PolicySource;
import org.pgnet.worker.spi.PolicyTerms;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.Survey;

/**
 * The two tables in memory. Keeps the promises of every store, and refuses like a database when a test wants it. Any
 * thread.
 */
public final class MemoryStore implements RequestStore, RequestQueue, PolicySource {

    /**
     * A response row.
     *
     * @param content the body, when it is text; else empty
     * @param bytes the body, when it is not text; else empty
     */
    public record Stored(
            int status,
            String contentType,
            String headersJson,
            String content,
            byte[] bytes,
            boolean timedOut,
            String error,
            int attempts,
            Instant created,
            Duration took,
            String method,
            String url) {

        /** What is stored of it; empty for nothing. */
        private Optional<Stored> asFarAs(Wishes.Store store) {
            return switch (store) {
                case ALL -> Optional.of(this);
                case STATUS -> Optional.of(withoutContent());
                case FAILURES -> Optional.of(this).filter(each -> each.status() / 100 != 2);
            };
        }

        private Stored withoutContent() {
            return new Stored(
                    status, contentType, "", "", new byte[0], timedOut, error, attempts, created, took, method, url);
        }
    }

    private record Row(
            RequestKey key,
            long owner,
            String method,
            String url,
            String headers,
            String body,
            int timeoutMillis,
            Wishes wishes) {
        Line line() {
            return new Line(owner, wishes.priority());
        }

        boolean isKeyed() {
            return !wishes.orderKey().isEmpty();
        }

        OrderKey orderKey() {
            return new OrderKey(owner, wishes.orderKey());
        }
    }

    /** What one survey looks at. */
    private static final int MOST_SURVEYED = 10_000;

    /** When the oldest response is not old yet; as in expire.c. */
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    private final Clock clock;
    private final List<Committed> committed = new ArrayList<>();
    private final Set<OrderKey> freed = new HashSet<>();
    private final NavigableMap<Long, Row> uncommitted = new TreeMap<>();
    private final NavigableMap<Long, Row> queue = new TreeMap<>();
    private final Origins origins = new Origins();
    private final DeliveryRows deliveries = new DeliveryRows();
    private final List<Tried> histories = new ArrayList<>();
    private final List<Dead> deadLetters = new ArrayList<>();
    private final Map<String, PolicyTerms> policies = new HashMap<>();
    private final Map<Long, Stored> responses = new HashMap<>();
    private final Set<Long> locked = new HashSet<>();
    private final Map<Long, String> unreadable = new HashMap<>();
    private final List<Integer> batchSizes = new ArrayList<>();
    private Consumer<List<Settlement>> beforeRecord = outcomes -> {};
    private Runnable beforeFetch = () -> {};
    private Runnable beforeExpire = () -> {};
    private Runnable beforePolicy = () -> {};
    private boolean removed;
    private boolean available = true;
    private long owner = 10;
    private long lastId;
    private long version = 700;
    private long rowsRead;
    private long rowsSurveyed;
    private int fetches;
    private int expireCalls;
    private int dueCalls;
    private int policyReads;

    /** Goes by the machine's clock. */
    public MemoryStore() {
        this(Clock.SYSTEM);
    }

    /** Goes by a clock. */
    public MemoryStore(Clock clock) {
        this.clock = clock;
    }

    /** Inserts a row that is visible at once and returns its id. */
    public synchronized long insert(String method, String url, String headers, String body, int timeoutMillis) {
        long id = ++lastId;
        put(id, method, url, headers, body, timeoutMillis);
        return id;
    }

    /** Inserts a row that wants something of its delivery. */
    public synchronized long insert(String method, String url, Wishes wishes) {
        return insert(method, url, "{}", "", 5_000, wishes);
    }

    /** Inserts a whole row. */
    public synchronized long insert(
            String method, String url, String headers, String body, int timeoutMillis, Wishes wishes) {
        long id = ++lastId;
        put(id, method, url, headers, body, timeoutMillis, wishes);
        return id;
    }

    /** Inserts a row that is visible when its id is committed, and returns its id. */
    public synchronized long insertUncommitted(String url) {
        long id = ++lastId;
        uncommitted.put(
                id,
                new Row(new RequestKey(id, ++version), owner, "GET", url, "{}", "", 5_000, Wishes.none(clock.now())));
        return id;
    }

    /** Whose the requests are that are inserted from now on. */
    public synchronized void owner(long number) {
        owner = number;
    }

    public long insertGet(String url) {
        return insert("GET", url, "{}", "", 5_000);
    }

    /** Puts many rows, as one statement would. */
    public synchronized IdRange insertGets(String url, int count) {
        long first = lastId + 1;
        for (int i = 0; i < count; i++) {
            put(++lastId, "GET", url, "{}", "", 5_000);
        }
        return new IdRange(first, lastId);
    }

    /** As UPDATE: the row has a new version. */
    public synchronized void update(long id, String url) {
        Row row = queue.get(id);
        put(id, row.method(), url, row.headers(), row.body(), row.timeoutMillis(), row.wishes());
        removed = true;
    }

    /** As DELETE: what is kept beside the row stays. */
    public synchronized void delete(long id) {
        Row row = queue.remove(id);
        removed = true;
        if (row != null && row.isKeyed()) {
            freed.add(row.orderKey());
        }
    }

    /** How many rows are kept beside the queue. */
    public synchronized int kept() {
        return deliveries.size();
    }

    /** As TRUNCATE with RESTART IDENTITY. */
    public synchronized void truncate() {
        queue.clear();
        removed = true;
        deliveries.clear();
        lastId = 0;
    }

    public synchronized void lock(long id) {
        locked.add(id);
    }

    public synchronized void unlock(long id) {
        locked.remove(id);
    }

    /** Makes a row one that cannot be read. */
    public synchronized void unreadable(long id, String reason) {
        unreadable.put(id, reason);
    }

    /** Whether the tables can be found. */
    public synchronized void available(boolean there) {
        available = there;
    }

    /** A new process comes: it is told of all ids. */
    synchronized void begin() {
        committed.clear();
        committed.add(Committed.of(new IdRange(0, Long.MAX_VALUE)));
        deliveries.expect(Instant.MIN);
    }

    /** Tells of ids that are committed. */
    public synchronized void commit(IdRange ids) {
        NavigableMap<Long, Row> rows = uncommitted.subMap(ids.first(), true, ids.last(), true);
        queue.putAll(rows);
        rows.clear();
        // A million would be looked at one by one.
        Optional<Instant> due = ids.first() == ids.last() && queue.containsKey(ids.first())
                ? deliveries.due(ids.first()).filter(each -> each.isAfter(clock.now()))
                : Optional.empty();
        due.ifPresentOrElse(deliveries::expect, () -> committed.add(new Committed(ids, line(ids))));
    }

    /** Whose they are, if they are all of one owner and priority, and of no order key. */
    private Optional<Line> line(IdRange ids) {
        Row first = queue.get(ids.first());
        Row last = queue.get(ids.last());
        if (first == null || last == null || !first.line().equals(last.line()) || first.isKeyed() || last.isKeyed()) {
            return Optional.empty();
        }
        return Optional.of(first.line());
    }

    /** As a rewrite of the table: all rows have new versions, and what is kept beside them is of the old ones. */
    public synchronized void rewrite() {
        queue.replaceAll((id, row) -> new Row(
                new RequestKey(id, ++version),
                row.owner(),
                row.method(),
                row.url(),
                row.headers(),
                row.body(),
                row.timeoutMillis(),
                row.wishes()));
    }

    @Override
    public synchronized Optional<Instant> drainScheduled() {
        return deliveries.drainExpected();
    }

    @Override
    public synchronized DueIds due(DueIds.Place from, int limit) {
        dueCalls++;
        return available
                ? deliveries.due(from, limit, clock.now(), queue::containsKey)
                : new DueIds(List.of(), from, Optional.empty());
    }

    @Override
    public synchronized FailedRequests failed(long whose, long after, int limit) {
        if (!available) {
            return new FailedRequests(List.of(), after, true);
        }
        Instant now = clock.now();
        List<Long> looked = deliveries.after(after, limit);
        List<FailedRequests.Attempted> failed = looked.stream()
                .filter(id -> queue.containsKey(id) && queue.get(id).owner() == whose)
                .filter(id -> deliveries.hasFailed(id, now))
                .map(id -> new FailedRequests.Attempted(id, queue.get(id).url(), false))
                .toList();
        long reached = looked.isEmpty() ? after : looked.get(looked.size() - 1);
        return new FailedRequests(failed, reached, looked.size() < limit);
    }

    @Override
    public synchronized void hasten(List<Long> ids) {
        Instant now = clock.now();
        ids.forEach(id -> deliveries.hasten(id, now));
    }

    @Override
    public synchronized List<Committed> drainCommitted() {
        List<Committed> drained = List.copyOf(committed);
        committed.clear();
        return drained;
    }

    @Override
    public synchronized List<OrderKey> drainFreed() {
        List<OrderKey> drained = List.copyOf(freed);
        freed.clear();
        return drained;
    }

    @Override
    public synchronized boolean drainRemoved() {
        boolean wereSome = removed;
        removed = false;
        return wereSome;
    }

    @Override
    public synchronized List<RequestKey> absent(List<RequestKey> keys) {
        beforeFetch.run();
        return keys.stream()
                .filter(key -> !queue.containsKey(key.id())
                        || !queue.get(key.id()).key().equals(key))
                .toList();
    }

    @Override
    public synchronized List<Long> heads(List<OrderKey> keys) {
        return keys.stream()
                .flatMap(key -> head(key).stream())
                .map(row -> row.key().id())
                .toList();
    }

    private Optional<Row> head(OrderKey key) {
        List<Row> rows = queue.values().stream()
                .filter(row -> row.orderKey().equals(key))
                .toList();
        return rows.stream()
                .filter(this::isBegun)
                .findFirst()
                .or(() -> rows.stream().findFirst());
    }

    private boolean isBegun(Row row) {
        return deliveries.row(row.key()).filter(beside -> beside.attempts() > 0).isPresent();
    }

    /** Whether a request may be sent now. */
    private boolean isReady(Row row, Instant now) {
        return deliveries.isDue(row.key(), row.wishes(), now)
                && (!row.isKeyed() || head(row.orderKey()).filter(row::equals).isPresent());
    }

    @Override
    public synchronized Survey survey(long first, long last) {
        if (!available) {
            return new Survey(List.of(), true, last, 0);
        }
        Instant now = clock.now();
        List<Survey.Run> runs = new ArrayList<>();
        List<Row> rows = queue.subMap(first, true, last, true).values().stream()
                .limit(MOST_SURVEYED)
                .toList();
        rowsSurveyed += rows.size();
        rows.stream().filter(row -> isReady(row, now)).forEach(row -> addTo(runs, row));
        boolean complete = rows.size() < MOST_SURVEYED;
        return new Survey(
                runs,
                complete,
                complete ? last : rows.get(rows.size() - 1).key().id(),
                rows.size());
    }

    private void addTo(List<Survey.Run> runs, Row row) {
        long id = row.key().id();
        long origin = OriginNumber.of(origins.of(row.url()));
        Survey.Run next = new Survey.Run(
                new IdRange(id, id), row.owner(), origin, row.wishes().priority(), 1);
        Survey.Run previous = runs.isEmpty() ? next : runs.get(runs.size() - 1);
        boolean isSame = !runs.isEmpty()
                && previous.owner() == next.owner()
                && previous.origin() == origin
                && previous.priority() == next.priority();
        if (isSame) {
            IdRange ids = new IdRange(previous.ids().first(), id);
            runs.set(runs.size() - 1, new Survey.Run(ids, next.owner(), origin, next.priority(), previous.count() + 1));
        } else {
            runs.add(next);
        }
    }

    /** How many rows were surveyed. */
    public synchronized long rowsSurveyed() {
        return rowsSurveyed;
    }

    /** What is thrown here is what the next recordings meet. */
    public synchronized void beforeRecord(Consumer<List<Settlement>> fault) {
        beforeRecord = fault;
    }

    public synchronized void beforeFetch(Runnable fault) {
        beforeFetch = fault;
    }

    public synchronized void beforePolicy(Runnable fault) {
        beforePolicy = fault;
    }

    public synchronized void beforeExpire(Runnable fault) {
        beforeExpire = fault;
    }

    public synchronized Map<Long, Stored> responses() {
        return Map.copyOf(responses);
    }

    public synchronized int queued() {
        return queue.size();
    }

    public synchronized List<Integer> batchSizes() {
        return List.copyOf(batchSizes);
    }

    public synchronized long rowsRead() {
        return rowsRead;
    }

    public synchronized int fetches() {
        return fetches;
    }

    public synchronized int dueCalls() {
        return dueCalls;
    }

    public synchronized int expireCalls() {
        return expireCalls;
    }

    @Override
    public synchronized Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        beforeFetch.run();
        fetches++;
        if (!available) {
            return Fetched.all(List.of());
        }
        List<DueRequest> rows = new ArrayList<>();
        Instant now = clock.now();
        long looked = first;
        long bodyBytes = 0;
        Iterator<Row> range = queue.subMap(first, true, last, true).values().iterator();
        while (range.hasNext() && rows.size() < limit && bodyBytes <= maxBodyBytes) {
            Row row = range.next();
            looked = row.key().id();
            if (isReady(row, now)) {
                DueRequest request = request(row);
                bodyBytes += request.http().body().length();
                rows.add(request);
            }
        }
        rowsRead += rows.size();
        return new Fetched(rows, !range.hasNext() && rows.size() < limit, looked);
    }

    @Override
    public synchronized Fetched fetch(long[] ids, long maxBodyBytes) {
        List<DueRequest> rows = new ArrayList<>();
        long left = maxBodyBytes;
        for (long id : ids) {
            if (left < 0) {
                return Fetched.first(rows);
            }
            for (DueRequest request : fetch(id, id, 1, left).requests()) {
                left -= request.http().body().length();
                rows.add(request);
            }
        }
        return Fetched.all(rows);
    }

    @Override
    public synchronized Optional<DueRequest> refuse(long first, long last, String reason) {
        return queue.subMap(first, true, last, true).values().stream()
                .map(row -> DueRequest.refused(row.key(), row.owner(), reason))
                .findFirst();
    }

    @Override
    public synchronized List<Disposition> settle(List<Settlement> settlements) {
        beforeRecord.accept(settlements);
        batchSizes.add(settlements.size());
        List<Disposition> dispositions = new ArrayList<>();
        for (Settlement settlement : settlements) {
            dispositions.add(settle(settlement));
        }
        return dispositions;
    }

    private Disposition settle(Settlement settlement) {
        RequestKey key = settlement.request().key();
        Row row = queue.get(key.id());
        if (!available) {
            return Disposition.UNAVAILABLE;
        }
        if (row == null || !row.key().equals(key)) {
            return Disposition.GONE;
        }
        if (locked.contains(key.id())) {
            return Disposition.LOCKED;
        }
        settlement.match(new Recording(row));
        return Disposition.RECORDED;
    }

    /** What becomes of a row that is there. */
    private final class Recording implements Settlement.Cases<Void> {
        private final Row row;

        Recording(Row row) {
            this.row = row;
        }

        @Override
        public Void answered(Settlement.Answered response) {
            end(response);
            return null;
        }

        @Override
        public Void failed(Settlement.Failed failure) {
            end(failure);
            return null;
        }

        @Override
        public Void postponed(Settlement.Postponed again) {
            if (deliveries.postpone(again)) {
                histories.add(Tried.of(again));
            }
            return null;
        }

        @Override
        public Void dead(Settlement.Dead dead) {
            MemoryStore.Stored stored = end(dead);
            deadLetters.add(new Dead(row, dead.reason(), stored));
            return null;
        }

        private MemoryStore.Stored end(Settlement settlement) {
            queue.remove(row.key().id());
            deliveries.remove(row.key().id());
            MemoryStore.Stored stored = settlement.match(new Storing(row.method(), row.url()));
            stored.asFarAs(row.wishes().store())
                    .ifPresentOrElse(
                            kept -> responses.put(row.key().id(), kept),
                            () -> responses.remove(row.key().id()));
            if (settlement.request().delivery().attempts() > 0 && settlement.attempts() > 0) {
                histories.add(Tried.of(settlement, stored));
            }
            return stored;
        }
    }

    /** An attempt of a request that needed more than one. */
    public record Tried(
            long id, int attempt, Instant started, Duration took, int status, boolean timedOut, String error) {
        static Tried of(Settlement.Postponed again) {
            return of(again, again.status(), again.timedOut(), again.message());
        }

        static Tried of(Settlement last, Stored stored) {
            return of(last, stored.status(), stored.timedOut(), stored.error());
        }

        private static Tried of(Settlement settlement, int status, boolean timedOut, String error) {
            return new Tried(
                    settlement.request().key().id(),
                    settlement.request().delivery().nextAttempt(),
                    settlement.completed().minus(settlement.duration()),
                    settlement.duration(),
                    status,
                    timedOut,
                    error);
        }
    }

    /** A request that did not succeed and is kept. */
    private record Dead(Row row, DeadReason reason, Stored outcome) {
        String describe() {
            return String.join(
                    " ",
                    row.method(),
                    row.url(),
                    row.headers(),
                    row.body(),
                    row.wishes().policy(),
                    reason.name().toLowerCase(Locale.ROOT),
                    Integer.toString(outcome.attempts()),
                    Integer.toString(outcome.status()),
                    outcome.error());
        }
    }

    /** What is kept of requests of an id that did not succeed, in the order in which they ended. */
    public synchronized List<String> deadLetters(long id) {
        return deadLetters.stream()
                .filter(each -> each.row().key().id() == id)
                .map(Dead::describe)
                .toList();
    }

    /** Sends a dead request again by hand, as net.retry does. */
    public synchronized boolean retry(long id) {
        Optional<Dead> found =
                deadLetters.stream().filter(each -> each.row().key().id() == id).reduce((before, last) -> last);
        found.ifPresent(dead -> {
            Instant ended = responses.getOrDefault(id, dead.outcome()).created();
            if (queue.containsKey(id) || !ended.equals(dead.outcome().created())) {
                throw new StoreException(StoreException.Kind.ROW, "23505", "the id is another request's now");
            }
            deadLetters.remove(dead);
            responses.remove(id);
            Row row = dead.row();
            Wishes wishes = row.wishes().notBefore(clock.now());
            put(id, row.method(), row.url(), row.headers(), row.body(), row.timeoutMillis(), wishes);
        });
        return found.isPresent();
    }

    /** The attempts that are kept, in the order in which they were recorded. */
    public synchronized List<Tried> histories() {
        return List.copyOf(histories);
    }

    /** Makes or changes a policy. */
    public synchronized void policy(String name, PolicyTerms terms) {
        policies.put(name, terms);
    }

    @Override
    public synchronized Optional<PolicyTerms> policy(String name) {
        beforePolicy.run();
        policyReads++;
        return Optional.ofNullable(policies.get(name));
    }

    /** How often a policy was asked for. */
    public synchronized int policyReads() {
        return policyReads;
    }

    @Override
    public synchronized Duration expireAttempts(Duration ttl, int limit) {
        Instant now = clock.now();
        List<Tried> old = histories.stream()
                .filter(each -> each.started().isBefore(now.minus(ttl)))
                .limit(limit)
                .toList();
        histories.removeAll(old);
        return untilOldest(histories.stream().map(Tried::started), now, ttl);
    }

    @Override
    public synchronized Duration expireDead(Duration ttl, int limit) {
        Instant now = clock.now();
        List<Dead> old = deadLetters.stream()
                .filter(each -> each.outcome().created().isBefore(now.minus(ttl)))
                .limit(limit)
                .toList();
        deadLetters.removeAll(old);
        return untilOldest(deadLetters.stream().map(each -> each.outcome().created()), now, ttl);
    }

    /** How long until the oldest of these moments is that old; the ttl when there is none. */
    private static Duration untilOldest(Stream<Instant> moments, Instant now, Duration ttl) {
        return moments.min(Comparator.naturalOrder())
                .map(oldest -> Duration.between(now, oldest.plus(ttl)))
                .map(wait -> wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait)
                .orElse(ttl);
    }

    @Override
    public synchronized Duration expire(Duration ttl, int limit) {
        beforeExpire.run();
        expireCalls++;
        Instant now = clock.now();
        if (!available) {
            return ttl;
        }
        List<Map.Entry<Long, Stored>> old = responses.entrySet().stream()
                .filter(each -> each.getValue().created().isBefore(now.minus(ttl)))
                .sorted(Comparator.comparing(each -> each.getValue().created()))
                .limit(limit)
                .toList();
        old.forEach(each -> responses.remove(each.getKey()));
        return old.size() == limit
                ? Duration.ZERO
                : untilOldest(responses.values().stream().map(Stored::created), now, ttl);
    }

    private void put(long id, String method, String url, String headers, String body, int timeoutMillis) {
        put(id, method, url, headers, body, timeoutMillis, Wishes.none(clock.now()));
    }

    private void put(
            long id, String method, String url, String headers, String body, int timeoutMillis, Wishes wishes) {
        RequestKey key = new RequestKey(id, ++version);
        queue.put(id, new Row(key, owner, method, url, headers, body, timeoutMillis, wishes));
        deliveries.schedule(key, wishes, clock.now());
    }

    private DueRequest request(Row row) {
        Delivery delivery = deliveries.of(row.key(), row.wishes());
        if (unreadable.containsKey(row.key().id())) {
            return DueRequest.refused(
                    row.key(), row.owner(), delivery, unreadable.get(row.key().id()));
        }
        HttpRequest http = new HttpRequest(
                row.method(),
                row.url(),
                row.headers().equals("{}") ? new byte[0] : row.headers().getBytes(StandardCharsets.UTF_8),
                NativeBytes.copyOf(row.body().getBytes(StandardCharsets.UTF_8)),
                row.timeoutMillis());
        return new DueRequest(row.key(), row.owner(), http, delivery);
    }
}
