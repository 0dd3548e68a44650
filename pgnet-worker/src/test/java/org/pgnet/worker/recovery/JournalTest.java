package org.pgnet.worker.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.spi.RowVersion;

class JournalTest {
    private static final boolean ABNORMALLY = true;
    private static final boolean IN_ORDER = false;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(64 * Journal.BYTES_PER_REQUEST);
    private Journal journal = new Journal(memory, IN_ORDER);

    private static RowVersion row(long id) {
        return new RowVersion(16_384, id, 700);
    }

    private void nextProcess(boolean endedAbnormally) {
        journal = new Journal(memory, endedAbnormally);
    }

    @Test
    void requestInFlightAtAbnormalEndsIsCounted() {
        journal.begun(row(1));
        journal.begun(row(2));
        for (int ends = 1; ends <= 3; ends++) {
            nextProcess(ABNORMALLY);
            assertThat(journal.ends(row(1))).isEqualTo(ends);
            assertThat(journal.ends(row(2))).isEqualTo(1);
            journal.begun(row(1));
        }
    }

    @Test
    void endsInOrderCountForNobody() {
        journal.begun(row(1));
        nextProcess(IN_ORDER);

        assertThat(journal.hasSuspects()).isFalse();
        assertThat(journal.ends(row(1))).isZero();

        journal.begun(row(1));
        nextProcess(ABNORMALLY);
        journal.begun(row(1));
        nextProcess(IN_ORDER);

        assertThat(journal.ends(row(1))).isEqualTo(1);
    }

    @Test
    void whatWasRecordedIsForgotten() {
        journal.begun(row(1));
        journal.ended(row(1));
        nextProcess(ABNORMALLY);
        assertThat(journal.hasSuspects()).isFalse();

        journal.begun(row(1));
        nextProcess(ABNORMALLY);
        journal.begun(row(1));
        journal.ended(row(1));
        assertThat(journal.hasSuspects()).isFalse();
        nextProcess(ABNORMALLY);
        assertThat(journal.hasSuspects()).isFalse();
    }

    @Test
    void sameIdInAnotherTableOrVersionIsAnotherRequest() {
        journal.begun(row(1));
        nextProcess(ABNORMALLY);

        assertThat(journal.ends(new RowVersion(16_385, 1, 700))).isZero();
        assertThat(journal.ends(new RowVersion(16_384, 1, 701))).isZero();
        journal.begun(new RowVersion(16_384, 1, 701));
        journal.ended(new RowVersion(16_384, 1, 701));
        assertThat(journal.ends(row(1))).isEqualTo(1);
    }

    @Test
    void idsOfAnyDistanceAreNotedWhileThereIsRoom() {
        long[] ids = {Long.MIN_VALUE, -1, 0, 7, 64, 128, 192, 256, Long.MAX_VALUE};
        LongStream.of(ids).forEach(id -> journal.begun(row(id)));
        journal.ended(row(64));
        nextProcess(ABNORMALLY);

        for (long id : ids) {
            assertThat(journal.ends(row(id))).as("%d", id).isEqualTo(id == 64 ? 0 : 1);
        }
    }

    @Test
    void requestsBeyondTheRoomAreInFlightAllTheSame() {
        LongStream.range(0, 1_000).forEach(id -> journal.begun(row(id)));
        LongStream.range(0, 1_000).forEach(id -> journal.ended(row(id)));
        nextProcess(ABNORMALLY);

        assertThat(journal.hasSuspects()).isFalse();
        journal.begun(row(5));
        nextProcess(ABNORMALLY);
        assertThat(journal.ends(row(5))).isEqualTo(1);
    }

    @Test
    void suspectsAreForgottenOnceNothingIsQueued() {
        journal.begun(row(1));
        nextProcess(ABNORMALLY);
        journal.forgetSuspects();

        assertThat(journal.hasSuspects()).isFalse();
        nextProcess(ABNORMALLY);
        assertThat(journal.hasSuspects()).isFalse();
    }

    @Test
    void memoryOfAnotherSizeIsRefused() {
        ByteBuffer odd = ByteBuffer.allocateDirect(17 * Journal.BYTES_PER_REQUEST);
        assertThatThrownBy(() -> new Journal(odd, IN_ORDER)).isInstanceOf(IllegalArgumentException.class);
    }
}
