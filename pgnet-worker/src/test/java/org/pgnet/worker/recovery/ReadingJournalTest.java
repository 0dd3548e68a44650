package org.pgnet.worker.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.CrashMemory;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.Survey;

class ReadingJournalTest {
    private static final String URL = "http://h.test/";

    /** Ends the process that reads it. */
    private static final long DEADLY = 700;

    private final MemoryStore store = new MemoryStore();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(Journal.bytesFor(64));
    private final List<Long> read = new ArrayList<>();

    private static final class ProcessEnds extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** The store, whose one row is deadly. */
    private final RequestQueue deadly = new RequestQueue() {
        @Override
        public List<Committed> drainCommitted() {
            return store.drainCommitted();
        }

        @Override
        public List<OrderKey> drainFreed() {
            return store.drainFreed();
        }

        @Override
        public List<Long> heads(List<OrderKey> keys) {
            return store.heads(keys);
        }

        @Override
        public boolean drainRemoved() {
            return store.drainRemoved();
        }

        @Override
        public List<RequestKey> absent(List<RequestKey> keys) {
            return store.absent(keys);
        }

        @Override
        public Survey survey(long first, long last) {
            return store.survey(first, last);
        }

        @Override
        public Optional<Instant> drainScheduled() {
            return store.drainScheduled();
        }

        @Override
        public DueIds due(DueIds.Place from, int limit) {
            return store.due(from, limit);
        }

        @Override
        public FailedRequests failed(long owner, long after, int limit) {
            return store.failed(owner, after, limit);
        }

        @Override
        public void hasten(List<Long> ids) {
            store.hasten(ids);
        }

        @Override
        public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
            Fetched fetched = store.fetch(first, last, limit, maxBodyBytes);
            if (fetched.requests().stream().anyMatch(request -> request.key().id() == DEADLY)) {
                throw new ProcessEnds();
            }
            return fetched;
        }

        @Override
        public Fetched fetch(long[] ids, long maxBodyBytes) {
            if (LongStream.of(ids).anyMatch(id -> id == DEADLY)) {
                throw new ProcessEnds();
            }
            return store.fetch(ids, maxBodyBytes);
        }

        @Override
        public Optional<DueRequest> refuse(long first, long last, String reason) {
            return store.refuse(first, last, reason);
        }
    };

    @Test
    void rowThatEndsTheProcessThreeTimesIsRefusedAndTheOthersAreRead() {
        store.insertGets(URL, 1_000);
        int ends = 0;
        while (!readAll(process(ends > 0))) {
            ends++;
            read.clear();
        }
        assertThat(ends).isEqualTo(3);
        assertThat(read).hasSize(1_000).doesNotHaveDuplicates();
    }

    @Test
    void lowerIdsThatAreCommittedMeanwhileAreReadToo() {
        store.insertGets(URL, 1_000);
        for (long id = 1; id <= 690; id++) {
            store.delete(id);
        }
        assertThat(readAll(process(false))).isFalse();
        assertThat(readAll(process(true))).isFalse();
        ReadingJournal third = process(true);
        Fetched lower = third.fetch(1, 1_000, 10, Long.MAX_VALUE);

        assertThat(lower.requests()).hasSize(9);
        assertThat(lower.complete()).isFalse();
    }

    @Test
    void endThatIsInOrderIsNoRowsFault() {
        store.insertGets(URL, 1_000);
        for (int process = 0; process < 5; process++) {
            assertThat(readAll(process(false))).isFalse();
            assertThat(read).isEmpty();
        }
    }

    @Test
    void abnormalEndWhileNothingIsReadIsNoRowsFault() {
        store.insertGets(URL, 10);
        readAll(process(false));

        assertThat(process(true).fetch(1, 10, 10, Long.MAX_VALUE).requests()).hasSize(10);
    }

    @Test
    void readThatIsRefusedIsOver() {
        store.insertGets(URL, 10);
        store.beforeFetch(() -> {
            throw new StoreException(StoreException.Kind.OUTAGE, "53100", "disk full");
        });
        assertThatThrownBy(() -> process(false).fetch(1, 10, 10, Long.MAX_VALUE))
                .isInstanceOf(StoreException.class);
        store.beforeFetch(() -> {});

        assertThat(process(true).fetch(1, 10, 10, Long.MAX_VALUE).requests()).hasSize(10);
    }

    @Test
    void suspicionEndsBehindTheRowsThatWereRead() {
        store.insertGets(URL, 2_000);
        assertThat(readAll(process(false))).isFalse();
        store.delete(DEADLY);
        ReadingJournal next = process(true);
        assertThat(readAll(next)).isTrue();

        assertThat(next.fetch(1_001, 2_000, 1_000, Long.MAX_VALUE).requests()).hasSize(1_000);
    }

    private ReadingJournal process(boolean endedAbnormally) {
        return new ReadingJournal(deadly, new CrashMemory(memory, endedAbnormally));
    }

    /** Reads as the intake does; false when the process ended. */
    private boolean readAll(ReadingJournal journal) {
        long first = 1;
        try {
            while (true) {
                Fetched fetched = journal.fetch(first, 5_000, 1_000, Long.MAX_VALUE);
                fetched.requests().forEach(request -> read.add(request.key().id()));
                if (fetched.complete()) {
                    return true;
                }
                first = read.get(read.size() - 1) + 1;
            }
        } catch (ProcessEnds end) {
            return false;
        }
    }
}
