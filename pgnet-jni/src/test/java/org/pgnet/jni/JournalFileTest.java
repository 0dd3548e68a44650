package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.spi.RequestKey;

/** Sessions read the journal of requests in flight by what journal_file.h says of it; Java writes it. */
class JournalFileTest {
    private static final int PLACE_BYTES = 24;
    private static final int STATE = 0;
    private static final int ID = 16;

    @Test
    void requestInFlightIsWhereSessionsLookForIt() throws IOException {
        String header = Files.readString(Path.of("src/main/c/shared/journal_file.h"));
        int places = number(header, "PGNET_JOURNAL_PLACES (\\d+)");
        int neighbours = number(header, "PGNET_JOURNAL_NEIGHBOURS (\\d+)");
        int inFlight = number(header, "PGNET_JOURNAL_IN_FLIGHT (\\d+)");
        ByteBuffer memory = ByteBuffer.allocateDirect(number(header, "REQUESTS_BYTES \\((\\d+) \\* 1024\\)") * 1024)
                .order(ByteOrder.nativeOrder());

        Journal journal = new Journal(memory, false);
        assertThat(memory.getLong(places * PLACE_BYTES))
                .isEqualTo(Long.parseLong(text(header, "LAYOUT UINT64CONST\\(0x(\\w+)\\)"), 16));

        // All neighbours of one place, and the last places of all, behind which the first ones are.
        for (long id = 0; id < neighbours; id++) {
            journal.begun(new RequestKey(100 + id * places, 1));
            journal.begun(new RequestKey(places - 1 + id * places, 1));
        }
        for (long id = 0; id < neighbours; id++) {
            assertThat(isFound(memory, 100 + id * places, places, neighbours, inFlight))
                    .isTrue();
            assertThat(isFound(memory, places - 1 + id * places, places, neighbours, inFlight))
                    .isTrue();
        }
        journal.ended(new RequestKey(100, 1));
        assertThat(isFound(memory, 100, places, neighbours, inFlight)).isFalse();
    }

    private static boolean isFound(ByteBuffer memory, long id, int places, int neighbours, int inFlight) {
        for (int i = 0; i < neighbours; i++) {
            int place = (int) ((id + i) & (places - 1)) * PLACE_BYTES;
            if (memory.getInt(place + STATE) == inFlight && memory.getLong(place + ID) == id) {
                return true;
            }
        }
        return false;
    }

    private static int number(String header, String pattern) {
        return Integer.parseInt(text(header, pattern));
    }

    private static String text(String header, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(header);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
