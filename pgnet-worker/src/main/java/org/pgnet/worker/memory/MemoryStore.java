package org.pgnet.worker.memory;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.http.ResponseReader;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;

/** The two tables in memory, and the refusals of a database when a test wants them. Any thread. */
public final class MemoryStore implements RequestStore, RequestQueue {

    /** A response row. */
    public record Stored(
            int status,
            String contentType,
            String headersJson,
            String content,
            boolean timedOut,
            String error,
            Duration took) {}

    private record Row(RequestKey key, String method, String url, String headers, String body, int timeoutMillis) {}

    private final List<IdRange> committed = new ArrayList<>();
    private final NavigableMap<Long, Row> queue = new TreeMap<>();
    private final Map<Long, Stored> responses = new HashMap<>();
    private final Set<Long> locked = new HashSet<>();
    private final List<Integer> batchSizes = new ArrayList<>();
    private Consumer<List<Settlement>> beforeRecord = outcomes -> {};
    private Runnable beforeFetch = () -> {};
    private Function<Duration, Duration> expiry = ttl -> ttl;
    private boolean available = true;
    private long lastId;
    private long version = 700;
    private long rowsRead;
    private int fetches;
    private int expireCalls;

    /** Inserts a row and returns its id. */
    public synchronized long insert(String method, String url, String headers, String body, int timeoutMillis) {
        long id = ++lastId;
        put(id, method, url, headers, body, timeoutMillis);
        return id;
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
        put(id, row.method(), url, row.headers(), row.body(), row.timeoutMillis());
    }

    public synchronized void delete(long id) {
        queue.remove(id);
    }

    public synchronized void lock(long id) {
        locked.add(id);
    }

    public synchronized void unlock(long id) {
        locked.remove(id);
    }

    /** Whether the tables can be found. */
    public synchronized void available(boolean there) {
        available = there;
    }

    /** A new process comes: it is told of all ids. */
    synchronized void begin() {
        committed.clear();
        committed.add(new IdRange(0, Long.MAX_VALUE));
    }

    /** Tells of ids that are committed. */
    public synchronized void commit(IdRange ids) {
        committed.add(ids);
    }

    @Override
    public synchronized List<IdRange> drainCommitted() {
        List<IdRange> drained = List.copyOf(committed);
        committed.clear();
        return drained;
    }

    /** What is thrown here is what the next recordings meet. */
    public synchronized void beforeRecord(Consumer<List<Settlement>> fault) {
        beforeRecord = fault;
    }

    public synchronized void beforeFetch(Runnable fault) {
        beforeFetch = fault;
    }

    /** Answers calls of {@link #expire}, given the ttl. */
    public synchronized void expiry(Function<Duration, Duration> answer) {
        expiry = answer;
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

    public synchronized int expireCalls() {
        return expireCalls;
    }

    @Override
    public synchronized Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        beforeFetch.run();
        fetches++;
        List<DueRequest> rows = new ArrayList<>();
        long bodyBytes = 0;
        for (Row row : queue.subMap(first, true, last, true).values()) {
            if (rows.size() == limit || bodyBytes > maxBodyBytes) {
                rowsRead += rows.size();
                return new Fetched(rows, false);
            }
            DueRequest request = request(row);
            bodyBytes += request.http().body().length();
            rows.add(request);
        }
        rowsRead += rows.size();
        return new Fetched(rows, true);
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
        queue.remove(key.id());
        if (responses.put(key.id(), stored(settlement)) != null) {
            throw new AssertionError("two responses for request " + key.id());
        }
        return Disposition.RECORDED;
    }

    @Override
    public synchronized Duration expire(Duration ttl, int limit) {
        expireCalls++;
        return expiry.apply(ttl);
    }

    private void put(long id, String method, String url, String headers, String body, int timeoutMillis) {
        queue.put(id, new Row(new RequestKey(id, ++version), method, url, headers, body, timeoutMillis));
    }

    private static DueRequest request(Row row) {
        HttpRequest http = new HttpRequest(
                row.method(),
                row.url(),
                row.headers().getBytes(StandardCharsets.UTF_8),
                NativeBytes.copyOf(row.body().getBytes(StandardCharsets.UTF_8)),
                row.timeoutMillis());
        return new DueRequest(row.key(), http);
    }

    private static Stored stored(Settlement settlement) {
        return settlement.match(new Settlement.Cases<>() {
            @Override
            public Stored answered(Settlement.Answered response) {
                ResponseReader reader = new ResponseReader();
                reader.read(response.headerBlock().toByteArray());
                return new Stored(
                        response.status(),
                        reader.contentType().orElse(""),
                        new String(reader.headersJson(), StandardCharsets.UTF_8),
                        new String(response.body().toByteArray(), StandardCharsets.UTF_8),
                        false,
                        "",
                        response.duration());
            }

            @Override
            public Stored failed(Settlement.Failed failure) {
                return new Stored(0, "", "", "", failure.timedOut(), failure.message(), failure.duration());
            }
        });
    }
}
