package org.pgnet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.FlowTotals;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

class FlowCountsTest {
    private final FlowCounts counts = new FlowCounts(new Origins());

    @Test
    void attemptsAreCountedForOwnerAndOrigin() {
        counts.count(answered(1, "http://a.example/x"));
        counts.count(failed(1, "http://A.example:80/y"));
        counts.count(postponed(1, "http://a.example/", 503));
        counts.count(postponed(1, "http://a.example/", 0));
        counts.count(answered(2, "http://a.example/"));

        assertThat(counts.of(new Endpoint(1, "http://a.example:80"))).isEqualTo(new FlowTotals(4, 2, 2));
        assertThat(counts.of(new Endpoint(2, "http://a.example:80"))).isEqualTo(new FlowTotals(1, 0, 0));
        assertThat(counts.of(new Endpoint(3, "http://a.example:80"))).isEqualTo(FlowTotals.NONE);
    }

    @Test
    void thoseOfWhichNothingCameForLongestAreForgotten() {
        for (int i = 0; i < 5_000; i++) {
            counts.count(answered(1, "http://h" + i + ".example/"));
            counts.count(answered(1, "http://busy.example/"));
        }

        assertThat(counts.endpoints()).hasSize(1_000);
        assertThat(counts.of(new Endpoint(1, "http://busy.example:80")).started())
                .isEqualTo(5_000);
        assertThat(counts.of(new Endpoint(1, "http://h0.example:80"))).isEqualTo(FlowTotals.NONE);
    }

    private static DueRequest request(long owner, String url) {
        return new DueRequest(
                new RequestKey(1, 1), owner, new HttpRequest("GET", url, new byte[0], NativeBytes.empty(), 0));
    }

    private static Settlement answered(long owner, String url) {
        return new Settlement.Answered(
                request(owner, url),
                Instant.EPOCH,
                Duration.ZERO,
                1,
                200,
                NativeBytes.empty(),
                NativeBytes.empty(),
                NativeBytes.empty());
    }

    private static Settlement failed(long owner, String url) {
        return new Settlement.Failed(
                request(owner, url), Instant.EPOCH, Duration.ZERO, 1, FailureKind.NETWORK, "no connection");
    }

    private static Settlement postponed(long owner, String url, int status) {
        return new Settlement.Postponed(
                request(owner, url),
                Instant.EPOCH,
                Duration.ZERO,
                1,
                status,
                false,
                "",
                Instant.EPOCH,
                1,
                Optional.empty());
    }
}
