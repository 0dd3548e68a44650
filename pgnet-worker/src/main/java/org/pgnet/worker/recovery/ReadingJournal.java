package org.pgnet.worker.recovery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.CrashMemory;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.Survey;

/**
 * A queue that notes which rows are being read, so that a row that ends the process when it is read cannot do so for ever.
 * Backend thread.
 *
 * <p>Any request that was being read at an abnormal end may be its cause. The next process reads them one at a time, so
 * another such end identifies the request at fault; after the third it is refused without being read.
 */
public final class ReadingJournal implements RequestQueue {
    static final String GIVEN_UP = "not sent: the worker ended abnormally three times while this request was read";

    /** The end of the memory that is this journal's. */
    static final int BYTES = 40;

    private static final int MOST_ENDS = 3;

    /** Names the layout; not 0, as in new memory. */
    private static final long LAYOUT = 0x70676e6572000001L;

    private static final VarHandle STATES = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    // Offsets.
    private static final int MARK = 0;
    private static final int STATE = 8;
    private static final int ENDS = 12;
    private static final int LIMIT = 16;
    private static final int FIRST = 24;
    private static final int LAST = 32;

    /** No ids are chosen of a range. */
    private static final long[] ALL = {};

    private static final int NOT_READING = 0;
    private static final int READING = 1;

    private final RequestQueue queue;
    private final ByteBuffer memory;
    private Optional<Suspicion> suspicion = Optional.empty();

    /**
     * Requests that were being read at abnormal ends.
     *
     * @param ids where they are
     * @param count how many of them, from the lowest id on
     * @param ends how many abnormal ends there were since the first of them was read
     */
    private record Suspicion(IdRange ids, int count, int ends) {

        /** What is left when those up to an id were read without harm, which were so many. */
        Optional<Suspicion> behind(long id, int read) {
            return count <= read || id >= ids.last()
                    ? Optional.empty()
                    : Optional.of(new Suspicion(new IdRange(id + 1, ids.last()), count - read, 1));
        }
    }

    /** Reads what the last process left. */
    public ReadingJournal(RequestQueue queue, CrashMemory crashMemory) {
        this.queue = queue;
        ByteBuffer all = crashMemory.bytes();
        this.memory = all.slice(all.capacity() - BYTES, BYTES).order(ByteOrder.nativeOrder());
        if (memory.getLong(MARK) == LAYOUT && state() == READING && crashMemory.endedAbnormally()) {
            IdRange ids = new IdRange(memory.getLong(FIRST), memory.getLong(LAST));
            suspicion = Optional.of(new Suspicion(ids, memory.getInt(LIMIT), memory.getInt(ENDS) + 1));
        }
        state(NOT_READING);
        memory.putLong(MARK, LAYOUT);
    }

    @Override
    public List<Committed> drainCommitted() {
        return queue.drainCommitted();
    }

    @Override
    public List<OrderKey> drainFreed() {
        return queue.drainFreed();
    }

    @Override
    public List<Long> heads(List<OrderKey> keys) {
        return queue.heads(keys);
    }

    @Override
    public boolean drainRemoved() {
        return queue.drainRemoved();
    }

    @Override
    public List<RequestKey> absent(List<RequestKey> keys) {
        return queue.absent(keys);
    }

    /** Nothing of a request is read that could end the process. */
    @Override
    public Survey survey(long first, long last) {
        return queue.survey(first, last);
    }

    @Override
    public Optional<Instant> drainScheduled() {
        return queue.drainScheduled();
    }

    @Override
    public DueIds due(DueIds.Place from, int limit) {
        return queue.due(from, limit);
    }

    @Override
    public FailedRequests failed(long owner, long after, int limit) {
        return queue.failed(owner, after, limit);
    }

    @Override
    public void hasten(List<Long> ids) {
        queue.hasten(ids);
    }

    @Override
    public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        return isConcerned(first, last)
                ? fetchSuspects(first, last, limit, maxBodyBytes)
                : fetchNoted(new IdRange(first, last), ALL, limit, 0, maxBodyBytes);
    }

    @Override
    public Fetched fetch(long[] ids, long maxBodyBytes) {
        long first = ids[0];
        long last = ids[ids.length - 1];
        if (isConcerned(first, last)) {
            Fetched one = fetch(first, first, 1, maxBodyBytes);
            return new Fetched(one.requests(), ids.length == 1, first);
        }
        // All between them count as read: the one at fault may be any.
        int most = (int) Math.min(Integer.MAX_VALUE, last - first + 1);
        return fetchNoted(new IdRange(first, last), ids, most, 0, maxBodyBytes);
    }

    private boolean isConcerned(long first, long last) {
        if (suspicion.isEmpty()) {
            return false;
        }
        IdRange ids = suspicion.get().ids();
        return ids.first() <= last && ids.last() >= first;
    }

    @Override
    public Optional<DueRequest> refuse(long first, long last, String reason) {
        return queue.refuse(first, last, reason);
    }

    private Fetched fetchSuspects(long first, long last, int limit, long maxBodyBytes) {
        Suspicion suspected = suspicion.orElseThrow();
        if (first < suspected.ids().first()) {
            IdRange before = new IdRange(first, suspected.ids().first() - 1);
            Fetched others = fetchNoted(before, ALL, limit, 0, maxBodyBytes);
            if (!others.requests().isEmpty() || !others.complete()) {
                return new Fetched(others.requests(), false, others.complete() ? before.last() : others.last());
            }
        }
        IdRange rest = new IdRange(Math.max(first, suspected.ids().first()), last);
        boolean isTheOne =
                suspected.count() == 1 && rest.first() == suspected.ids().first();
        Optional<DueRequest> refused = isTheOne && suspected.ends() >= MOST_ENDS
                ? queue.refuse(rest.first(), rest.last(), GIVEN_UP)
                : Optional.empty();
        Fetched fetched = refused.map(request -> Fetched.first(List.of(request)))
                .orElseGet(() -> fetchNoted(rest, ALL, 1, isTheOne ? suspected.ends() : 1, maxBodyBytes));
        suspicion = fetched.requests().isEmpty()
                ? suspected.behind(fetched.complete() ? last : fetched.last(), 0)
                : suspected.behind(fetched.requests().get(0).key().id(), 1);
        return fetched;
    }

    /** Reads a range, or those chosen of it, which is noted meanwhile, with the abnormal ends at which it was read before. */
    private Fetched fetchNoted(IdRange ids, long[] chosen, int limit, int ends, long maxBodyBytes) {
        memory.putLong(FIRST, ids.first());
        memory.putLong(LAST, ids.last());
        memory.putInt(LIMIT, limit);
        memory.putInt(ENDS, ends);
        state(READING);
        Fetched fetched;
        try {
            fetched = chosen == ALL
                    ? queue.fetch(ids.first(), ids.last(), limit, maxBodyBytes)
                    : queue.fetch(chosen, maxBodyBytes);
        } catch (StoreException refusal) {
            state(NOT_READING);
            throw refusal;
        }
        // Not after anything else that is thrown: it ends the process.
        state(NOT_READING);
        return fetched;
    }

    private int state() {
        return (int) STATES.getAcquire(memory, STATE);
    }

    /** Released: whoever sees the state, the next process too, sees what was stored before it. */
    private void state(int state) {
        STATES.setRelease(memory, STATE, state);
    }
}
