package org.pgnet.worker.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.memory.FakeClock;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;

class RecorderTest {
    private final FakeClock time = new FakeClock();
    private final MemoryStore store = new MemoryStore();
    private final MemoryHost host = new MemoryHost(store, time);
    private final List<Long> recorded = new ArrayList<>();
    private final List<Long> dead = new ArrayList<>();
    private final List<Long> postponed = new ArrayList<>();
    private final List<Long> gone = new ArrayList<>();
    private final List<NativeBytes> bodies = new ArrayList<>();
    private long freed;
    private final Recorder recorder =
            new Recorder(host, new StoreOutage("recording", host, host, time), new Recorder.Settled() {
                @Override
                public void recorded(DueRequest request) {
                    recorded.add(request.key().id());
                }

                @Override
                public void died(DueRequest request) {
                    dead.add(request.key().id());
                }

                @Override
                public void postponed(RequestKey key, Instant due) {
                    postponed.add(key.id());
                }

                @Override
                public void gone(RequestKey key) {
                    gone.add(key.id());
                }

                @Override
                public void freed(Settlement response) {
                    freed += response.responseBytes();
                }
            });

    @Test
    void recordedOutcomesAreAnnouncedAndTheirMemoryFreed() {
        accept(3);
        recorder.work();

        assertThat(recorded).containsExactly(1L, 2L, 3L);
        assertThat(host.announced()).containsExactly(1L, 2L, 3L);
        assertThat(bodies).hasSize(12).allSatisfy(RecorderTest::isClosed);
        assertThat(freed).isPositive();
        assertThat(recorder.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void batchAfterALargeOneGrowsForAMoment() {
        accept(100);
        recorder.work();
        accept(10);

        assertThat(recorder.lingers(50)).isTrue();
        assertThat(recorder.lingers(10)).as("all there are").isFalse();
        time.advanceMillis(5);
        assertThat(recorder.lingers(50)).as("a moment later").isFalse();
    }

    @Test
    void batchOfABurstGrowsForLonger() {
        accept(200);
        recorder.work();
        accept(100);

        time.advanceMillis(5);
        assertThat(recorder.lingers(500)).isTrue();
        time.advanceMillis(5);
        assertThat(recorder.lingers(500)).isFalse();
    }

    @Test
    void fullBatchDoesNotGrow() {
        accept(100);
        recorder.work();
        accept(500);

        assertThat(recorder.lingers(1_000)).isFalse();
    }

    @Test
    void batchAfterASmallOneDoesNotGrow() {
        accept(10);
        recorder.work();
        accept(1);

        assertThat(recorder.lingers(50)).isFalse();
    }

    @Test
    void outcomeOfADeletedRowIsAnnouncedAndItsMemoryFreed() {
        accept(2);
        store.delete(1);
        recorder.work();

        assertThat(gone).containsExactly(1L);
        assertThat(recorded).containsExactly(2L);
        assertThat(host.announced()).containsExactly(1L, 2L);
        assertThat(bodies).allSatisfy(RecorderTest::isClosed);
    }

    @Test
    void lockedRowHoldsUpOnlyItselfAndIsTriedWithGrowingPauses() {
        accept(3);
        store.lock(2);
        recorder.work();
        assertThat(recorded).containsExactly(1L, 3L);
        assertThat(host.announced()).containsExactly(1L, 3L);

        List<Long> pauses = new ArrayList<>();
        for (int attempt = 0; attempt < 9; attempt++) {
            pauses.add(recorder.nanosUntilDue() / 1_000_000);
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
            recorder.work();
        }
        assertThat(pauses).containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 640L, 1_000L, 1_000L);

        store.unlock(2);
        time.advanceMillis(1_000);
        recorder.work();
        assertThat(recorded).containsExactly(1L, 3L, 2L);
        assertThat(bodies).allSatisfy(RecorderTest::isClosed);
    }

    @Test
    void batchesAreBoundedInNumber() {
        accept(Recorder.MAX_OUTCOMES + 1);
        recorder.work();
        assertThat(recorder.nanosUntilDue()).isZero();
        recorder.work();

        assertThat(store.batchSizes()).containsExactly(Recorder.MAX_OUTCOMES, 1);
    }

    @Test
    void batchesAreBoundedInBytesAndALargerResponseGoesAlone() {
        byte[] large = new byte[(int) Recorder.MAX_RESPONSE_BYTES + 1];
        byte[] half = new byte[(int) Recorder.MAX_RESPONSE_BYTES / 2 - "{}".length() - 1];
        recorder.accept(response(new byte[1]));
        recorder.accept(response(large));
        recorder.accept(response(half));
        recorder.accept(response(half));
        recorder.accept(response(new byte[1]));
        while (recorder.nanosUntilDue() == 0) {
            recorder.work();
        }

        assertThat(store.batchSizes()).containsExactly(1, 1, 2, 1);
        assertThat(bodies).allSatisfy(RecorderTest::isClosed);
    }

    @Test
    void responseThatTheDatabaseCannotHoldBecomesAnErrorRowAndOthersAreKept() {
        accept(1_000);
        refuse(
                StoreException.Kind.ROW,
                "22P05",
                "untranslatable character",
                o -> id(o) == 700 && o instanceof Settlement.Answered);
        recorder.work();

        assertThat(store.responses()).hasSize(1_000);
        assertThat(store.responses().get(700L).error())
                .isEqualTo("response could not be stored: untranslatable character");
        assertThat(store.responses().values())
                .filteredOn(r -> r.status() == 200)
                .hasSize(999);
        assertThat(store.batchSizes().size()).as("transactions").isLessThan(25);
        assertThat(bodies).allSatisfy(RecorderTest::isClosed);
        assertThat(host.logLines()).isEmpty();
    }

    @Test
    void everyRowBadIsEveryRowAnError() {
        accept(50);
        refuse(StoreException.Kind.ROW, "23514", "check violated", o -> o instanceof Settlement.Answered);
        recorder.work();

        assertThat(store.responses()).hasSize(50);
        assertThat(store.responses().values()).allMatch(r -> r.error().endsWith("check violated"));
    }

    @Test
    void errorTextThatIsRefusedItselfIsReplacedByAPlainOne() {
        accept(2);
        refuse(
                StoreException.Kind.ROW,
                "22021",
                "bad \uFFFD bytes",
                o -> id(o) == 1 && !message(o).equals(Failures.CANNOT_STORE));
        recorder.work();

        assertThat(store.responses().get(1L).error()).isEqualTo("response could not be stored");
        assertThat(store.responses().get(2L).status()).isEqualTo(200);
    }

    @Test
    void deadRequestStaysDeadWithAPoorerResponse() {
        recorder.accept(new Settlement.Dead(response(new byte[] {'x'}), DeadReason.REJECTED));
        refuse(
                StoreException.Kind.ROW,
                "22P05",
                "untranslatable character",
                o -> o instanceof Settlement.Dead dead && dead.outcome() instanceof Settlement.Answered);
        recorder.work();

        assertThat(store.deadLetters(1)).hasSize(1);
        assertThat(store.responses().get(1L).error())
                .isEqualTo("response could not be stored: untranslatable character");
        assertThat(dead).containsExactly(1L);
        assertThat(bodies).allSatisfy(RecorderTest::isClosed);
    }

    /** It would be in the queue, and sent again by each process, for ever. */
    @Test
    void deadRequestThatCannotBeKeptInAnyFormIsRecordedAllTheSame() {
        recorder.accept(new Settlement.Dead(response(new byte[] {'x'}), DeadReason.REJECTED));
        refuse(StoreException.Kind.ROW, "23514", "never", o -> o instanceof Settlement.Dead);
        recorder.work();

        assertThat(store.deadLetters(1)).isEmpty();
        assertThat(store.responses().get(1L).error()).isEqualTo("response could not be stored");
        assertThat(recorded).containsExactly(1L);
        assertThat(host.setAside()).isZero();
    }

    @Test
    void rowThatIsRefusedInEveryFormIsSetAsideAndTriedAgain() {
        accept(3);
        refuse(StoreException.Kind.ROW, "23514", "never", o -> id(o) == 1);
        recorder.work();

        assertThat(recorded).containsExactly(2L, 3L);
        assertThat(recorder.isBlocked()).isFalse();
        assertThat(host.setAside()).isEqualTo(1);
        assertThat(host.logLines())
                .containsExactly("WARNING: the database refuses the response of request 1, which is tried again while"
                        + " others are recorded: never (SQLSTATE 23514); so it is with 1 now");

        assertThat(recorder.nanosUntilDue()).isEqualTo(100_000_000L);
        accept();
        time.advanceMillis(100);
        recorder.work();
        assertThat(recorded).containsExactly(2L, 3L, 1L);
        assertThat(host.setAside()).isZero();
        assertThat(bodies).allSatisfy(RecorderTest::isClosed);
    }

    @Test
    void itsLastFormSaysNothingOfTheRequest() {
        accept(1);
        refuse(
                StoreException.Kind.ROW,
                "54000",
                "index row too large",
                o -> !(o instanceof Settlement.Failed failure && failure.bare()));
        recorder.work();

        assertThat(store.responses().get(1L).error()).isEqualTo("response could not be stored");
        assertThat(store.responses().get(1L).url()).isEmpty();
    }

    @Test
    void rowRefusedAloneStopsNobodyAndIsAnErrorWhenOthersWereRecorded() {
        accept(1);
        refuse(
                StoreException.Kind.UNKNOWN,
                "P0001",
                "not this one",
                o -> id(o) == 1 && o instanceof Settlement.Answered);
        for (int attempt = 0; attempt < 5; attempt++) {
            recorder.work();
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        }
        assertThat(recorder.isBlocked()).isFalse();
        assertThat(recorded).as("nothing shows that others could be").isEmpty();

        accept(1);
        recorder.work();
        time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        recorder.work();

        assertThat(store.responses().get(1L).error()).isEqualTo("response could not be stored: not this one");
        assertThat(store.responses().get(2L).status()).isEqualTo(200);
    }

    @Test
    void rowWhoseErrorLooksLikeAnOutageStopsNobodyAndIsNeverLost() {
        accept(100);
        refuse(StoreException.Kind.OUTAGE, "53100", "disk full", o -> id(o) == 42);
        for (int attempt = 0; attempt < 10; attempt++) {
            recorder.work();
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        }
        assertThat(recorded).hasSize(99);
        assertThat(recorder.isBlocked()).isFalse();
        assertThat(host.setAside()).isEqualTo(1);

        accept();
        recorder.work();
        assertThat(store.responses().get(42L).status()).isEqualTo(200);
    }

    @Test
    void oneMoreRequestIsSentWhenARowThatIsAloneLooksLikeAnOutage() {
        accept(1);
        refuse(StoreException.Kind.OUTAGE, "53100", "disk full", o -> id(o) == 1);
        long begin = time.nanoTime();
        while (recorder.probes() == 0) {
            recorder.work();
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        }
        assertThat(Duration.ofNanos(time.nanoTime() - begin)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(20));
        assertThat(recorder.isBlocked()).isTrue();

        accept(1);
        recorder.work();

        assertThat(recorded).containsExactly(2L);
        assertThat(recorder.isBlocked()).isFalse();
        assertThat(host.setAside()).isEqualTo(1);

        accept();
        time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        recorder.work();
        assertThat(store.responses().get(1L).status()).isEqualTo(200);
    }

    @Test
    void fewAreSentInALongOutage() {
        accept(1);
        refuse(StoreException.Kind.OUTAGE, "53100", "disk full", o -> true);
        long begin = time.nanoTime();
        while (time.nanoTime() - begin < Duration.ofHours(8).toNanos()) {
            recorder.work();
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        }
        assertThat(recorder.probes()).isBetween(40L, 60L);
        assertThat(recorder.isBlocked()).isTrue();
        assertThat(recorded).isEmpty();
    }

    @Test
    void whatComesDuringAnOutageIsTriedFirst() {
        accept(3);
        refuse(StoreException.Kind.OUTAGE, "53100", "disk full", o -> id(o) <= 3);
        recorder.work();
        accept(1);
        time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        recorder.work();

        assertThat(recorded).containsExactly(4L);
        assertThat(recorder.isBlocked()).isFalse();
    }

    @Test
    void outageCostsOneRowForEachAttempt() {
        accept(1_000);
        List<Integer> tried = new ArrayList<>();
        store.beforeRecord(outcomes -> {
            tried.add(outcomes.size());
            throw new StoreException(StoreException.Kind.OUTAGE, "53100", "disk full");
        });
        for (int attempt = 0; attempt < 4; attempt++) {
            recorder.work();
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        }
        assertThat(tried).containsExactly(1_000, 1, 1, 1);
    }

    @Test
    void rowsThatAreAllRefusedAreNotEachLookedAt() {
        accept(1_000);
        List<Integer> tried = new ArrayList<>();
        store.beforeRecord(outcomes -> {
            tried.add(outcomes.size());
            throw new StoreException(StoreException.Kind.UNKNOWN, "42501", "permission denied");
        });
        recorder.work();
        assertThat(tried).hasSizeLessThan(50);
        assertThat(host.setAside()).isEqualTo(1_000);

        accept();
        time.advanceMillis(100);
        recorder.work();
        assertThat(store.responses()).hasSize(1_000);
        assertThat(store.responses().values()).allMatch(r -> r.status() == 200);
    }

    /** They came before those of the other owner, in one batch. */
    @ParameterizedTest
    @EnumSource(StoreException.Kind.class)
    void manyOfOneOwnerThatAreRefusedHoldUpNoOtherOwners(StoreException.Kind kind) {
        store.owner(1);
        accept(200);
        store.owner(2);
        accept(10);
        refuse(kind, "55P03", "lock timeout", o -> id(o) <= 200);

        assertThat(timeUntilRecorded(LongStream.rangeClosed(201, 210)))
                .as("their own response, not an error")
                .isLessThan(Duration.ofSeconds(2));
        assertThat(LongStream.rangeClosed(201, 210).mapToObj(store.responses()::get))
                .allMatch(r -> r.status() == 200);
    }

    @Test
    void rowsAmongManyThatAreRefusedAreRecordedSoon() {
        accept(100);
        refuse(StoreException.Kind.UNKNOWN, "P0001", "refused", o -> id(o) <= 60);

        assertThat(timeUntilRecorded(LongStream.rangeClosed(61, 100))).isLessThan(Duration.ofSeconds(10));
    }

    private Duration timeUntilRecorded(LongStream ids) {
        List<Long> awaited = ids.boxed().toList();
        long begin = time.nanoTime();
        recorder.work();
        for (int turn = 0; turn < 1_000 && !recorded.containsAll(awaited); turn++) {
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
            recorder.work();
        }
        assertThat(recorded).containsAll(awaited);
        return Duration.ofNanos(time.nanoTime() - begin);
    }

    @Test
    void lockedResponsesKeepASmallShareOfTheMemory() {
        int large = 1 << 20;
        for (int i = 0; i < 90; i++) {
            Settlement settlement = response(new byte[large]);
            store.lock(id(settlement));
            recorder.accept(settlement);
        }
        while (recorder.nanosUntilDue() == 0) {
            recorder.work();
        }
        assertThat(90L * large - freed).as("kept").isLessThanOrEqualTo(SetAside.MAX_BYTES);

        time.advance(Duration.ofNanos(SetAside.LASTING_NANOS));
        recorder.work();
        assertThat(90L * large - freed).as("kept for long").isBetween(large - 1L, SetAside.MAX_LASTING_BYTES);

        LongStream.rangeClosed(1, 90).forEach(store::unlock);
        for (int attempt = 0; attempt < 100 && recorder.nanosUntilDue() < Long.MAX_VALUE; attempt++) {
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
            recorder.work();
        }
        assertThat(recorded).hasSize(90);
        assertThat(store.responses().values())
                .filteredOn(r -> r.status() == 200)
                .hasSizeBetween(1, 4);
        assertThat(store.responses().values())
                .filteredOn(r -> r.status() != 200)
                .allMatch(r -> r.error().contains("was dropped while its row was locked or refused"));
        assertThat(bodies).allSatisfy(RecorderTest::isClosed);
    }

    @Test
    void oneLargeLockedResponseIsKeptForAWhile() {
        Settlement settlement = response(new byte[(int) SetAside.MAX_BYTES + 1]);
        store.lock(id(settlement));
        recorder.accept(settlement);
        recorder.work();
        assertThat(freed).isZero();

        store.unlock(id(settlement));
        time.advanceMillis(10);
        recorder.work();
        assertThat(store.responses().get(id(settlement)).status()).isEqualTo(200);
    }

    @Test
    void fullDiskKeepsTheOutcomesAndPausesGrow() {
        accept(3);
        refuse(StoreException.Kind.OUTAGE, "53100", "disk full", o -> true);
        List<Long> pauses = new ArrayList<>();
        for (int attempt = 0; attempt < 9; attempt++) {
            recorder.work();
            recorder.work();
            pauses.add(recorder.nanosUntilDue() / 1_000_000);
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
        }
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 10_000L, 10_000L);
        assertThat(recorder.isBlocked()).isTrue();

        accept();
        recorder.work();
        assertThat(recorded).containsExactlyInAnyOrder(1L, 2L, 3L);
        assertThat(store.responses().values()).allMatch(r -> r.status() == 200);
        assertThat(recorder.isBlocked()).isFalse();
        assertThat(host.logLines())
                .containsExactly(
                        "WARNING: recording failed and is tried again until it works: disk full (SQLSTATE 53100)",
                        "LOG: recording works again after 9 failed attempts");
    }

    @Test
    void internalErrorThatPersistsIsTracedToItsRow() {
        accept(100);
        refuse(
                StoreException.Kind.UNKNOWN,
                "XX000",
                "invalid memory alloc request size",
                o -> id(o) == 42 && o instanceof Settlement.Answered);
        for (int attempt = 0; attempt < 200 && recorder.nanosUntilDue() < Long.MAX_VALUE; attempt++) {
            time.advance(Duration.ofNanos(recorder.nanosUntilDue()));
            recorder.work();
        }
        assertThat(store.responses()).hasSize(100);
        assertThat(store.responses().get(42L).error()).contains("invalid memory alloc");
        assertThat(host.logLines()).hasSize(1);
    }

    @Test
    void endIsNotDelayedByLookingForBadRows() {
        accept(100);
        refuse(StoreException.Kind.ROW, "22P05", "bad", o -> {
            host.requestEnd();
            return true;
        });
        recorder.work();

        assertThat(store.responses()).isEmpty();
        assertThat(recorder.nanosUntilDue()).isZero();
    }

    @Test
    void otherExceptionsComeOut() {
        accept(1);
        store.beforeRecord(outcomes -> {
            throw new IllegalStateException("broken");
        });
        assertThatThrownBy(recorder::work).isInstanceOf(IllegalStateException.class);
    }

    private void accept(int count) {
        for (int i = 0; i < count; i++) {
            recorder.accept(response("x".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** The database is well again. */
    private void accept() {
        store.beforeRecord(outcomes -> {});
    }

    private void refuse(StoreException.Kind kind, String sqlState, String message, Predicate<Settlement> bad) {
        store.beforeRecord(outcomes -> {
            if (outcomes.stream().anyMatch(bad)) {
                throw new StoreException(kind, sqlState, message);
            }
        });
    }

    private Settlement response(byte[] body) {
        long id = store.insert("POST", "http://h.test/", "{}", "request", 1_000);
        DueRequest request = store.fetch(id, id, 1, Long.MAX_VALUE).requests().get(0);
        NativeBytes responseBody = NativeBytes.copyOf(body);
        bodies.add(request.http().body());
        bodies.add(responseBody);
        NativeBytes headers = NativeBytes.copyOf("{}".getBytes(StandardCharsets.US_ASCII));
        bodies.add(headers);
        NativeBytes compressed = NativeBytes.copyOf(new byte[] {1});
        bodies.add(compressed);
        return new Settlement.Answered(
                request, Instant.EPOCH, Duration.ZERO, 1, 200, headers, responseBody, compressed);
    }

    private static long id(Settlement outcome) {
        return outcome.request().key().id();
    }

    private static String message(Settlement outcome) {
        return outcome instanceof Settlement.Failed failure ? failure.message() : "";
    }

    private static void isClosed(NativeBytes bytes) {
        assertThatThrownBy(bytes::toByteArray).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void responsesAreKeptWhileTheTablesCannotBeFound() {
        accept(3);
        store.available(false);
        recorder.work();

        assertThat(recorder.isBlocked()).isTrue();
        assertThat(store.responses()).isEmpty();
        assertThat(gone).isEmpty();
        assertThat(host.logLines())
                .containsExactly("WARNING: recording failed and is tried again until it works:"
                        + " the tables of the extension cannot be found");

        store.available(true);
        time.advanceMillis(100);
        recorder.work();
        assertThat(recorded).containsExactlyInAnyOrder(1L, 2L, 3L);
        assertThat(recorder.isBlocked()).isFalse();
    }
}
