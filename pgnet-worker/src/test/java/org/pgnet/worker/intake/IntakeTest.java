package org.pgnet.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.memory.FakeClock;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.Wishes;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.spi.Backlog;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Line;
import org.pgnet.worker.spi.Priority;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.StoreException;

class IntakeTest {
    private static final String SLOW = "http://slow.test/";
    private static final String FAST = "http://fast.test/";

    private final FakeClock time = new FakeClock();
    private final MemoryStore store = new MemoryStore();
    private final MemoryHost host = new MemoryHost(store, time);
    private final Intake intake = new Intake(store, host, new StoreOutage("reading", host, host, time), time);

    private int maxInFlight = 200;

    @Test
    void readsWhatWasCommittedInTheOrderOfIds() {
        commit(store.insertGets(FAST, 3));
        assertThat(ids(take())).containsExactly(1L, 2L, 3L);
        assertThat(take()).isEmpty();
        assertThat(intake.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void idsWithoutARowAreAnnounced() {
        store.insertGets(FAST, 3);
        commit(new IdRange(1, 10));
        take();

        assertThat(host.announcedRanges()).containsExactly(new IdRange(1, 10));
    }

    @Test
    void completeRangeIsNotAnnounced() {
        commit(store.insertGets(FAST, 3));
        take();

        assertThat(host.announcedRanges()).isEmpty();
    }

    @Test
    void heldRequestIsNotTakenAgain() {
        IdRange ids = store.insertGets(FAST, 3);
        commit(ids);
        List<DueRequest> first = take();
        commit(new IdRange(0, Long.MAX_VALUE));
        assertThat(take()).isEmpty();
        assertThat(first).allSatisfy(e -> e.http().body().toByteArray());
    }

    @Test
    void sameIdWithAnotherVersionIsANewRequest() {
        IdRange ids = store.insertGets(FAST, 1);
        commit(ids);
        RequestKey old = take().get(0).key();
        store.update(1, SLOW);
        intake.gone(old);

        List<DueRequest> again = take();
        assertThat(again).extracting(each -> origin(each)).containsExactly("http://slow.test:80");
    }

    @Test
    void rowThatIsThereAlthoughItWasGoneIsNotSentAgain() {
        commit(store.insertGets(FAST, 1));
        intake.gone(take().get(0).key());

        assertThat(take()).isEmpty();
        assertThat(intake.isIdle()).isTrue();
    }

    @Test
    void idOfADeletedRowIsAnnounced() {
        commit(store.insertGets(FAST, 1));
        RequestKey key = take().get(0).key();
        store.delete(1);
        intake.gone(key);
        take();

        assertThat(host.announcedRanges()).containsExactly(new IdRange(1, 1));
    }

    @Test
    void oneHostHoldsHalfOfTheWindowAndNothingIsReadTwice() {
        commit(store.insertGets(FAST, 20_000));
        List<DueRequest> held = new ArrayList<>(take());
        assertThat(intake.heldCount()).isBetween(900, 1_000);

        List<Long> order = new ArrayList<>(ids(held));
        while (!held.isEmpty()) {
            // A fast host: some hundred responses each millisecond.
            time.advanceMillis(1);
            release(held, 100);
            List<DueRequest> more = take();
            held.addAll(more);
            order.addAll(ids(more));
        }
        assertThat(order)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 20_000).boxed().toList());
        assertThat(store.rowsRead()).isLessThan(26_000);
        assertThat(intake.isIdle()).isTrue();
    }

    @Test
    void hangingHostDoesNotHideRequestsOfOthers() {
        commit(store.insertGets(SLOW, 50_000));
        commit(store.insertGets(FAST, 100));

        List<DueRequest> held = new ArrayList<>();
        for (int cycle = 0; cycle < 60 && !contains(held, FAST); cycle++) {
            time.advanceMillis(25);
            held.addAll(take());
        }
        // The more origins there are, the less each holds before it has ended some.
        assertThat(held.stream().filter(e -> isFor(e, FAST))).hasSizeGreaterThan(50);
        assertThat(store.rowsRead()).isLessThan(2_000);
        assertThat(intake.heldCount()).isLessThanOrEqualTo(1_250);
    }

    @Test
    void manyHangingHostsLeaveRoomForAnother() {
        for (int i = 0; i < 8; i++) {
            commit(store.insertGets("http://slow" + i + ".test/", 2_000));
        }
        commit(store.insertGets(FAST, 1));

        List<DueRequest> held = new ArrayList<>();
        for (int cycle = 0; cycle < 200 && !contains(held, FAST); cycle++) {
            time.advanceMillis(25);
            held.addAll(take());
        }
        assertThat(contains(held, FAST)).isTrue();
    }

    @Test
    void oneOwnersHangingHostsLeaveAThirdOfItsWindowForOthers() {
        for (int i = 0; i < 60; i++) {
            commit(store.insertGets("http://slow" + i + ".test/", 500));
        }
        readAll();
        // More than half of it, and not all: what is left is for origins that do not hang.
        assertThat(intake.heldCount()).isBetween(1_000, 2_000);
        store.owner(11);
        commit(store.insertGets(FAST, 1_000));

        assertThat(readAll().stream().filter(e -> isFor(e, FAST))).hasSizeGreaterThan(200);
        assertThat(intake.heldCount()).isLessThanOrEqualTo(2_667);
    }

    @Test
    void requestOfAnotherOwnerIsReadAtOnceWhenOneOwnersHostsHang() {
        for (int i = 0; i < 60; i++) {
            commit(store.insertGets("http://slow" + i + ".test/", 500));
        }
        readAll();
        for (int i = 0; i < 100; i++) {
            store.owner(11 + i % 3);
            time.advanceMillis(100);
            commit(store.insertGets(FAST, 1));
            List<DueRequest> read = new ArrayList<>(take());
            assertThat(read).hasSize(1).allMatch(e -> isFor(e, FAST));
            release(read, 1);
        }
    }

    @Test
    void deferredIdsOfThousandsOfHostsHideNobodyElsesRequests() {
        for (int i = 0; i < 5_000; i++) {
            commit(store.insertGets("http://slow" + i + ".test/", 2));
        }
        readAll();
        store.owner(11);
        commit(store.insertGets(FAST, 1));

        assertThat(readAll()).hasSize(1).allMatch(e -> isFor(e, FAST));
    }

    @Test
    void idsThatWereDeferredForManyHostsTogetherAreReadInOrder() {
        int hosts = 3_000;
        for (int i = 0; i < 3 * hosts; i++) {
            store.insertGet("http://h" + i % hosts + ".test/");
        }
        commit(new IdRange(1, 3 * hosts));
        List<DueRequest> held = new ArrayList<>();
        Map<String, Long> last = new HashMap<>();
        int read = 0;
        for (int cycle = 0; cycle < 10_000 && read < 3 * hosts; cycle++) {
            time.advanceMillis(25);
            List<DueRequest> more = take();
            read += more.size();
            for (DueRequest each : more) {
                assertThat(last.getOrDefault(each.http().url(), 0L))
                        .isLessThan(each.key().id());
                last.put(each.http().url(), each.key().id());
            }
            held.addAll(more);
            release(held, 100);
        }
        assertThat(read).isEqualTo(3 * hosts);
    }

    @Test
    void oneOwnersBodiesLeaveMemoryForAnothers() {
        String megabyte = "x".repeat(1 << 20);
        for (int i = 0; i < 200; i++) {
            store.insert("POST", "http://h" + i % 3 + ".test/", "{}", megabyte, 0);
        }
        commit(new IdRange(1, 200));
        List<DueRequest> held = readAll();
        assertThat(held).hasSizeBetween(47, 49);
        store.owner(11);
        long id = store.insert("POST", FAST, "{}", megabyte, 0);
        commit(new IdRange(id, id));

        List<DueRequest> others = readAll();
        assertThat(ids(others)).containsExactly(id);
        release(held, held.size());
        release(others, 1);
    }

    /** Reads until nothing more comes for a while. */
    private List<DueRequest> readAll() {
        List<DueRequest> read = new ArrayList<>();
        int idle = 0;
        while (idle < 40) {
            time.advanceMillis(25);
            List<DueRequest> more = take();
            idle = more.isEmpty() ? idle + 1 : 0;
            read.addAll(more);
        }
        return read;
    }

    @Test
    void deferredRequestsAreReadInOrderOnceThereIsRoom() {
        commit(store.insertGets(SLOW, 3_000));
        commit(store.insertGets(FAST, 10));
        List<DueRequest> held = new ArrayList<>();
        List<Long> slow = new ArrayList<>();
        Set<Long> all = new HashSet<>();
        for (int cycle = 0; cycle < 10_000 && all.size() < 3_010; cycle++) {
            time.advanceMillis(25);
            List<DueRequest> more = take();
            held.addAll(more);
            more.stream()
                    .filter(e -> isFor(e, SLOW))
                    .forEach(e -> slow.add(e.key().id()));
            more.forEach(e -> assertThat(all.add(e.key().id())).as("read once").isTrue());
            release(held, 7);
        }
        assertThat(all).hasSize(3_010);
        assertThat(slow).isSorted().hasSize(3_000);
    }

    @Test
    void interleavedHostsAllGetTheirRequestsInOrder() {
        for (int i = 0; i < 3_000; i++) {
            store.insertGet("http://h" + i % 7 + ".test/");
        }
        commit(new IdRange(1, 3_000));
        List<DueRequest> held = new ArrayList<>();
        List<Long> ofOne = new ArrayList<>();
        Set<Long> all = new HashSet<>();
        for (int cycle = 0; cycle < 10_000 && all.size() < 3_000; cycle++) {
            time.advanceMillis(1);
            List<DueRequest> more = take();
            held.addAll(more);
            more.stream()
                    .filter(e -> origin(e).equals("http://h3.test:80"))
                    .forEach(e -> ofOne.add(e.key().id()));
            more.forEach(e -> assertThat(all.add(e.key().id())).as("read once").isTrue());
            release(held, 20);
        }
        assertThat(all).hasSize(3_000);
        assertThat(ofOne).isSorted();
    }

    @Test
    void anotherOwnersRequestsAreReadAtOnceBehindABacklog() {
        commit(store.insertGets(SLOW, 200_000));
        take();
        store.owner(11);
        IdRange others = store.insertGets(FAST, 1_000);
        commit(others, 11, Priority.NORMAL);

        List<DueRequest> held = new ArrayList<>(take());
        assertThat(held.stream().filter(each -> isFor(each, FAST))).hasSizeGreaterThan(200);
    }

    @Test
    void urgentRequestIsReadAtOnceBehindABacklogOfItsOrigin() {
        commit(store.insertGets(SLOW, 200_000), 10, Priority.NORMAL);
        readAll();
        long urgent = store.insert("GET", SLOW, Wishes.none(Instant.EPOCH).priority(Priority.URGENT));
        commit(new IdRange(urgent, urgent), 10, Priority.URGENT);

        assertThat(ids(take())).containsExactly(urgent);
    }

    @Test
    void backlogIsSurveyedOnceAndReadOnce() {
        commit(store.insertGets(SLOW, 200_000));
        commit(store.insertGets(FAST, 1_000));
        List<DueRequest> held = new ArrayList<>();
        int read = 0;
        for (int cycle = 0; cycle < 20_000 && read < 201_000; cycle++) {
            time.advanceMillis(1);
            List<DueRequest> more = take();
            read += more.size();
            held.addAll(more);
            release(held, 500);
        }

        assertThat(read).isEqualTo(201_000);
        assertThat(store.rowsRead()).isLessThan(203_000);
        assertThat(store.rowsSurveyed()).isLessThan(230_000);
    }

    @Test
    void heldBackOriginsOfManyAreReadOnceThoughTheirIdsInterleave() {
        int origins = 300;
        int each = 200;
        for (int i = 0; i < origins * each; i++) {
            store.insertGet("http://h" + i % origins + ".test/");
        }
        commit(new IdRange(1, origins * each));
        List<DueRequest> held = new ArrayList<>();
        int read = 0;
        for (int cycle = 0; cycle < 20_000 && read < origins * each; cycle++) {
            time.advanceMillis(20);
            List<DueRequest> more = take();
            read += more.size();
            held.addAll(more);
            // Ten a second of each.
            release(held, origins / 5);
        }

        assertThat(read).isEqualTo(origins * each);
        assertThat(store.rowsRead()).isLessThan(origins * each + 5_000);
        assertThat(store.rowsSurveyed()).isLessThan(5L * origins * each);
    }

    @Test
    void hundredsOfHangingOriginsLeaveRoomForAnotherOfTheirOwner() {
        for (int i = 0; i < 500; i++) {
            commit(store.insertGets("http://slow" + i + ".test/", 100));
        }
        readAll();
        commit(store.insertGets(FAST, 100));

        List<DueRequest> held = new ArrayList<>();
        long read = 0;
        for (int cycle = 0; cycle < 500 && read < 100; cycle++) {
            time.advanceMillis(5);
            List<DueRequest> more = take();
            read += more.stream().filter(each -> isFor(each, FAST)).count();
            held.addAll(more);
            release(held, held.size());
        }
        assertThat(read).isEqualTo(100);
    }

    @Test
    void ofAnOrderKeyOneIsHeldAndThenTheNext() {
        Wishes wishes = Wishes.none(Instant.EPOCH).orderKey("a");
        for (int i = 0; i < 50; i++) {
            store.insert("GET", FAST, wishes);
        }
        commit(new IdRange(1, 50));
        List<Long> order = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            List<DueRequest> held = new ArrayList<>(take());
            assertThat(held).hasSize(1);
            order.addAll(ids(held));
            release(held, 1);
        }
        // There is no next one; then nothing else is kept beside the queue.
        take();
        take();

        assertThat(order).isSorted().hasSize(50);
        assertThat(intake.isIdle()).isTrue();
    }

    @Test
    void whatWaitsIsTold() {
        commit(store.insertGets(SLOW, 50_000));
        readAll();

        assertThat(intake.backlogs())
                .containsExactly(new Backlog(10, "http://slow.test:80", 50_000 - intake.heldCount()));
    }

    @Test
    void windowIsNeverExceeded() {
        for (int i = 0; i < 5_000; i++) {
            store.insertGet("http://h" + i + ".test/");
        }
        commit(new IdRange(1, 5_000));
        for (int cycle = 0; cycle < 100; cycle++) {
            time.advanceMillis(100);
            take();
            assertThat(intake.heldCount()).isLessThanOrEqualTo(2_000);
        }
        assertThat(intake.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void largeBodiesAreReadAFewAtATime() {
        String megabyte = "x".repeat(1 << 20);
        for (int i = 0; i < 200; i++) {
            store.insert("POST", "http://h" + i % 3 + ".test/", "{}", megabyte, 1_000);
        }
        maxInFlight = 1;
        commit(new IdRange(1, 1));
        List<DueRequest> held = new ArrayList<>(take());
        commit(new IdRange(2, 200));
        held.addAll(take());
        take();
        assertThat(intake.heldCount()).isBetween(32, 66);
        assertThat(intake.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);

        release(held, 40);
        assertThat(take()).isNotEmpty();
        release(held, held.size());
    }

    @Test
    void nothingIsReadWhenNothingMayBeSent() {
        maxInFlight = 0;
        commit(store.insertGets(FAST, 10));
        time.advanceMillis(1_000);
        assertThat(take()).isEmpty();
        assertThat(intake.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);
        assertThat(intake.isIdle()).isFalse();

        maxInFlight = 1;
        assertThat(take()).hasSize(10);
    }

    @Test
    void refusedReadingIsTriedAgainWithPauses() {
        commit(store.insertGets(FAST, 10));
        store.beforeFetch(() -> {
            throw new StoreException(StoreException.Kind.OUTAGE, "53100", "disk full");
        });
        assertThat(take()).isEmpty();
        assertThat(take()).isEmpty();
        assertThat(intake.nanosUntilDue()).isEqualTo(100_000_000);

        time.advanceMillis(100);
        take();
        assertThat(intake.nanosUntilDue()).isEqualTo(200_000_000);
        store.beforeFetch(() -> {});
        time.advanceMillis(200);
        assertThat(take()).hasSize(10);
        assertThat(host.logLines())
                .containsExactly(
                        "WARNING: reading failed and is tried again until it works: disk full (SQLSTATE 53100)",
                        "LOG: reading works again after 2 failed attempts");
    }

    /** Each look is at all that are held: a role that cancels in a loop must not take the thread's time from the others. */
    @Test
    void removedRequestsAreLookedForInATenthOfTheTimeUnlessItMatters() {
        commit(store.insertGets(FAST, 5));
        List<DueRequest> held = take();
        store.beforeFetch(() -> time.advanceMillis(10));
        assertThat(removed(1, false)).containsExactly(held.get(0).key());

        assertThat(removed(2, false)).isEmpty();
        assertThat(intake.nanosUntilDue()).isEqualTo(90_000_000);
        assertThat(removed(3, true)).hasSize(3);

        assertThat(removed(4, false)).isEmpty();
        time.advanceMillis(90);
        assertThat(intake.nanosUntilDue()).isZero();
        assertThat(intake.findRemoved(false)).hasSize(4);
        assertThat(intake.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);
    }

    private List<RequestKey> removed(long id, boolean atOnce) {
        store.delete(id);
        return intake.findRemoved(atOnce);
    }

    @Test
    void otherExceptionsComeOut() {
        commit(store.insertGets(FAST, 1));
        store.beforeFetch(() -> {
            throw new IllegalStateException("broken");
        });
        assertThatThrownBy(this::take).isInstanceOf(IllegalStateException.class);
    }

    private void commit(IdRange ids) {
        intake.add(List.of(Committed.of(ids)));
    }

    private void commit(IdRange ids, long owner, Priority priority) {
        intake.add(List.of(new Committed(ids, Optional.of(new Line(owner, priority)))));
    }

    private void release(List<DueRequest> held, int count) {
        List<DueRequest> done = held.subList(0, Math.min(count, held.size()));
        for (DueRequest exchange : done) {
            store.delete(exchange.key().id());
            exchange.http().body().close();
            intake.recorded(exchange.key());
        }
        done.clear();
    }

    private static boolean contains(Collection<DueRequest> exchanges, String url) {
        return exchanges.stream().anyMatch(e -> isFor(e, url));
    }

    private static boolean isFor(DueRequest exchange, String url) {
        return exchange.http().url().equals(url);
    }

    private static List<Long> ids(List<DueRequest> exchanges) {
        return exchanges.stream().map(e -> e.key().id()).toList();
    }

    private List<DueRequest> take() {
        return intake.take(maxInFlight);
    }

    private static String origin(DueRequest request) {
        return new Origins().of(request.http().url());
    }
}
