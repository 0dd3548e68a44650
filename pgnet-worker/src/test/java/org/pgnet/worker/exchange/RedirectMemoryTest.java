package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.http.RequestException;

class RedirectMemoryTest {
    private static final long LONGEST = Redirects.MAX_URL_BYTES;

    private final RedirectMemory memory = new RedirectMemory();

    @Test
    void longestUrlsAreRefusedWhileThereIsRoomForShorterOnes() throws RequestException {
        fill();

        assertThat(memory.taken()).isLessThanOrEqualTo(RedirectMemory.MAX_TAKEN);
        assertThat(memory.replace(0, 8_000)).isPositive();
        assertThat(memory.replace(0, 2_000)).isZero();
    }

    @Test
    void longUrlInThePlaceOfALongOneTakesNothing() throws RequestException {
        List<Long> taken = fill();
        long full = memory.taken();

        assertThat(memory.replace(taken.get(0), LONGEST)).isEqualTo(taken.get(0));
        assertThat(memory.taken()).isEqualTo(full);
    }

    @Test
    void whatIsGivenBackIsOthers() throws RequestException {
        List<Long> taken = fill();
        taken.forEach(memory::giveBack);

        assertThat(memory.taken()).isZero();
        assertThat(fill()).hasSameSizeAs(taken);
    }

    private List<Long> fill() throws RequestException {
        List<Long> taken = new ArrayList<>();
        while (memory.taken() < RedirectMemory.MAX_TAKEN - RedirectMemory.PARTS * LONGEST) {
            taken.add(memory.replace(0, LONGEST));
        }
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        taken.add(memory.replace(0, LONGEST));
                    }
                })
                .hasMessage(RedirectMemory.FULL);
        return taken;
    }
}
