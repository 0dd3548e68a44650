package org.pgnet.jni.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Every committed request is answered exactly once, whatever happens meanwhile. {@code -Dtorture.seed=N} repeats a round's
 * plan, {@code -Dtorture.minutes=M} makes it longer.
 */
class TortureIT {
    private static final long SEED = Long.getLong("torture.seed", System.nanoTime() % 1_000_000);
    private static final Duration TIME = Duration.ofMinutes(Long.getLong("torture.minutes", 0));
    private static final int REQUESTS = 5_000;

    /** For {@code make torture}, whose last line it is. */
    private static final Path RESULT = Path.of("target", "torture-result.txt");

    @Test
    void nothingCommittedIsLostWhateverFails() throws Exception {
        System.out.println("torture.seed = " + SEED);
        if (!DiskFull.isPossible()) {
            System.out.println("DISK_FULL is left out: only root may mount a file system");
        }
        try (Torture torture = new Torture(SEED)) {
            Result result = torture.run(TIME, REQUESTS);

            System.out.println(result.account().removed() + " removed by users, "
                    + result.account().failed() + " error rows, while the server was away");
            System.out.println(result.line());
            Files.writeString(RESULT, result.line() + "\n");
            assertThat(result.wrong()).isEmpty();
            assertThat(result.account().due()).isGreaterThanOrEqualTo(REQUESTS);
        }
    }
}
