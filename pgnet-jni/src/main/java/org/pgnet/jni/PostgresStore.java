package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.pgnet.worker.hosts.RequestTerms;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.PolicySource;
import org.pgnet.worker.spi.PolicyTerms;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.Survey;

/** The tables of the extension, through SPI. */
final class PostgresStore implements RequestStore, RequestQueue, PolicySource {
    /** Each takes about as long as a query. */
    private static final int MOST_ONE_BY_ONE = 100;

    private final OutcomeWriter writer;
    private final BatchRecording recording = new BatchRecording();
    private final ExpiryPass expiryPass = new ExpiryPass(Clock.SYSTEM);
    private final CounterMemory counters;
    private final List<OrderKey> freed = new ArrayList<>();
    /** How often requests were removed so far. */
    private long removals;

    /**
     * @param counters of what is recorded
     * @param terms what is stored of the responses to requests that do not say it
     */
    PostgresStore(CounterMemory counters, RequestTerms terms) {
        this.writer = new OutcomeWriter(terms);
        this.counters = counters;
    }

    @Override
    public List<Committed> drainCommitted() {
        CommittedReader committed = new CommittedReader(Postgres.drain());
        freed.addAll(committed.freed());
        return committed.ids();
    }

    @Override
    public List<OrderKey> drainFreed() {
        List<OrderKey> drained = List.copyOf(freed);
        freed.clear();
        return drained;
    }

    @Override
    public List<Long> heads(List<OrderKey> keys) {
        long[] ownersAndNumbers = keys.stream()
                .flatMapToLong(key -> LongStream.of(key.owner(), OrderKeyName.number(key.name())))
                .toArray();
        return Arrays.stream(Postgres.heads(ownersAndNumbers)).boxed().toList();
    }

    @Override
    public boolean drainRemoved() {
        long now = Postgres.removals();
        boolean wereSome = now != removals;
        removals = now;
        return wereSome;
    }

    @Override
    public List<RequestKey> absent(List<RequestKey> keys) {
        long[] ids = keys.stream().mapToLong(RequestKey::id).toArray();
        long[] versions = keys.stream().mapToLong(RequestKey::version).toArray();
        return Arrays.stream(Postgres.absent(ids, versions)).mapToObj(keys::get).toList();
    }

    @Override
    public Survey survey(long first, long last) {
        return CommittedReader.survey(Postgres.survey(first, last));
    }

    @Override
    public Optional<Instant> drainScheduled() {
        return momentBeforeTheEnd(Postgres.drainScheduled());
    }

    @Override
    public DueIds due(DueIds.Place from, int limit) {
        long[] due = Postgres.findDue(Micros.of(from.due()), from.id(), limit);
        List<Long> ids = new ArrayList<>(due.length - 3);
        for (int i = 3; i < due.length; i++) {
            ids.add(due[i]);
        }
        return new DueIds(ids, new DueIds.Place(Micros.moment(due[0]), due[1]), momentBeforeTheEnd(due[2]));
    }

    @Override
    public FailedRequests failed(long owner, long after, int limit) {
        Object[] found = Postgres.findFailed(owner, after, limit);
        long[] numbers = (long[]) found[0];
        List<FailedRequests.Attempted> requests = new ArrayList<>();
        int count = found.length - 1;
        for (int i = 0; i < count; i++) {
            String url = new String((byte[]) found[1 + i], StandardCharsets.UTF_8);
            requests.add(new FailedRequests.Attempted(numbers[2 + i], url, numbers[2 + count + i] == 1));
        }
        return new FailedRequests(requests, numbers[0], numbers[1] == 1);
    }

    @Override
    public void hasten(List<Long> ids) {
        Postgres.hasten(ids.stream().mapToLong(Long::longValue).toArray());
    }

    private static Optional<Instant> momentBeforeTheEnd(long micros) {
        Instant moment = Micros.moment(micros);
        return moment.equals(Instant.MAX) ? Optional.empty() : Optional.of(moment);
    }

    @Override
    public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        try {
            return fetch(first, last, limit, maxBodyBytes, Reading.ALL_AT_ONCE);
        } catch (DatabaseException refusal) {
            if (SqlState.isOfNoRow(refusal.sqlState())) {
                throw refusal;
            }
            return fetch(first, last, Math.min(limit, MOST_ONE_BY_ONE), maxBodyBytes, Reading.ONE_BY_ONE);
        }
    }

    @Override
    public Fetched fetch(long[] ids, long maxBodyBytes) {
        try {
            return RequestReader.read(Postgres.fetch(ids, maxBodyBytes, Reading.ALL_AT_ONCE.ordinal()));
        } catch (DatabaseException refusal) {
            if (SqlState.isOfNoRow(refusal.sqlState())) {
                throw refusal;
            }
            return fetchOneByOne(ids, maxBodyBytes);
        }
    }

    private static Fetched fetchOneByOne(long[] ids, long maxBodyBytes) {
        long[] first = Arrays.copyOf(ids, Math.min(ids.length, MOST_ONE_BY_ONE));
        Fetched fetched = RequestReader.read(Postgres.fetch(first, maxBodyBytes, Reading.ONE_BY_ONE.ordinal()));
        return fetched.complete() && first.length < ids.length
                ? new Fetched(fetched.requests(), false, first[first.length - 1])
                : fetched;
    }

    @Override
    public Optional<DueRequest> refuse(long first, long last, String reason) {
        return RequestReader.readFirst(Postgres.fetch(first, last, 1, 0, Reading.KEYS_ALONE.ordinal()), reason);
    }

    private static Fetched fetch(long first, long last, int limit, long maxBodyBytes, Reading reading) {
        return RequestReader.read(Postgres.fetch(first, last, limit, maxBodyBytes, reading.ordinal()));
    }

    @Override
    public List<Disposition> settle(List<Settlement> settlements) {
        PackedBatch batch = new PackedBatch(writer.write(settlements), settlements.size());
        try {
            recording.record(batch);
        } finally {
            writer.release();
        }
        batch.countRecorded(settlements, counters);
        return batch.dispositions();
    }

    @Override
    public Optional<PolicyTerms> policy(String name) {
        return Optional.ofNullable(Postgres.policy(name.getBytes(StandardCharsets.UTF_8)))
                .map(PolicyReader::read);
    }

    @Override
    public Duration expireAttempts(Duration ttl, int limit) {
        long micros = TimeUnit.NANOSECONDS.toMicros(ttl.toNanos());
        return Duration.of(Postgres.expireAttempts(micros, limit), ChronoUnit.MICROS);
    }

    @Override
    public Duration expireDead(Duration ttl, int limit) {
        long micros = TimeUnit.NANOSECONDS.toMicros(ttl.toNanos());
        return Duration.of(Postgres.expireDead(micros, limit), ChronoUnit.MICROS);
    }

    @Override
    public Duration expire(Duration ttl, int limit) {
        return expiryPass.expire(ttl, limit);
    }
}
