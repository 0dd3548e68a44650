package org.pgnet.worker.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.spi.RequestKey;

class JournalTest {
    private static final boolean ABNORMALLY = true;
    private static final boolean IN_ORDER = false;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(Journal.bytesFor(64));
    private Journal journal = new Journal(memory, IN_ORDER);

    private static RequestKey key(long id) {
        return new RequestKey(id, 700);
    }

    private void nextProcess(boolean endedAbnormally) {
        journal = new Journal(memory, endedAbnormally);
    }

    @Test
    void requestInFlightAtAbnormalEndsIsCounted() {
        journal.begun(key(1));
        journal.begun(key(2));
        for (int ends = 1; ends <= 3; ends++) {
            nextProcess(ABNORMALLY);
            assertThat(journal.ends(key(1))).isEqualTo(ends);
            assertThat(journal.ends(key(2))).isEqualTo(1);
            journal.begun(key(1));
        }
    }

    @Test
    void endsInOrderCountForNobody() {
        journal.begun(key(1));
        nextProcess(IN_ORDER);

        assertThat(journal.hasSuspects()).isFalse();
        assertThat(journal.ends(key(1))).isZero();

        journal.begun(key(1));
        nextProcess(ABNORMALLY);
        journal.begun(key(1));
        nextProcess(IN_ORDER);

        assertThat(journal.ends(key(1))).isEqualTo(1);
    }

    @Test
    void sendingsOfAllProcessesAreCountedHoweverTheyEnded() {
        assertThat(journal.begun(key(1))).isZero();
        nextProcess(IN_ORDER);
        assertThat(journal.sendings(key(1))).isEqualTo(1);
        assertThat(journal.begun(key(1))).isEqualTo(1);
        nextProcess(ABNORMALLY);
        assertThat(journal.begun(key(1))).isEqualTo(2);

        journal.ended(key(1));
        nextProcess(IN_ORDER);

        assertThat(journal.begun(key(1))).isZero();
    }

    @Test
    void whatWasRecordedIsForgotten() {
        journal.begun(key(1));
        journal.ended(key(1));
        nextProcess(ABNORMALLY);
        assertThat(journal.hasSuspects()).isFalse();

        journal.begun(key(1));
        nextProcess(ABNORMALLY);
        journal.begun(key(1));
        journal.ended(key(1));
        assertThat(journal.hasSuspects()).isFalse();
        nextProcess(ABNORMALLY);
        assertThat(journal.hasSuspects()).isFalse();
    }

    @Test
    void sameIdInAnotherTableOrVersionIsAnotherRequest() {
        journal.begun(key(1));
        nextProcess(ABNORMALLY);

        assertThat(journal.ends(new RequestKey(1, 800))).isZero();
        assertThat(journal.ends(new RequestKey(1, 701))).isZero();
        journal.begun(new RequestKey(1, 701));
        journal.ended(new RequestKey(1, 701));
        assertThat(journal.ends(key(1))).isEqualTo(1);
    }

    @Test
    void idsOfAnyDistanceAreNotedWhileThereIsRoom() {
        long[] ids = {Long.MIN_VALUE, -1, 0, 7, 64, 128, 192, 256, Long.MAX_VALUE};
        LongStream.of(ids).forEach(id -> journal.begun(key(id)));
        journal.ended(key(64));
        nextProcess(ABNORMALLY);

        for (long id : ids) {
            assertThat(journal.ends(key(id))).as("%d", id).isEqualTo(id == 64 ? 0 : 1);
        }
    }

    @Test
    void requestsBeyondTheRoomAreInFlightAllTheSame() {
        LongStream.range(0, 1_000).forEach(id -> journal.begun(key(id)));
        LongStream.range(0, 1_000).forEach(id -> journal.ended(key(id)));
        nextProcess(ABNORMALLY);

        assertThat(journal.hasSuspects()).isFalse();
        journal.begun(key(5));
        nextProcess(ABNORMALLY);
        assertThat(journal.ends(key(5))).isEqualTo(1);
    }

    @Test
    void suspectsAreForgottenOnceNothingIsQueued() {
        journal.begun(key(1));
        nextProcess(ABNORMALLY);
        journal.forgetSuspects();

        assertThat(journal.hasSuspects()).isFalse();
        nextProcess(ABNORMALLY);
        assertThat(journal.hasSuspects()).isFalse();
    }

    @Test
    void whatAnotherLayoutLeftIsForgotten() {
        journal.begun(key(1));
        int layoutAt = Journal.bytesFor(64) - Journal.bytesFor(0);
        memory.putLong(layoutAt, memory.getLong(layoutAt) + 1);
        nextProcess(ABNORMALLY);

        assertThat(journal.hasSuspects()).isFalse();
        journal.begun(key(1));
        nextProcess(ABNORMALLY);
        assertThat(journal.ends(key(1))).isEqualTo(1);
    }

    @Test
    void tooLittleMemoryIsRefused() {
        ByteBuffer little = ByteBuffer.allocateDirect(Journal.bytesFor(15));
        assertThatThrownBy(() -> new Journal(little, IN_ORDER)).isInstanceOf(IllegalArgumentException.class);
    }
}
