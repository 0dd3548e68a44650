package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

class FailureTextTest {
    private static final DueRequest REQUEST = new DueRequest(
            new RequestKey(1, 1), 10, new HttpRequest("GET", "http://h/", new byte[0], NativeBytes.empty(), 0));

    @Test
    void longMessageIsCutOff() {
        assertThat(message("x".repeat(2_000))).hasSize(2_000).doesNotEndWith("...");
        assertThat(message("x".repeat(100_000))).hasSize(2_000).endsWith("x...");
    }

    private static String message(String text) {
        return new Settlement.Failed(REQUEST, Instant.EPOCH, Duration.ZERO, 1, FailureKind.NETWORK, text).message();
    }
}
