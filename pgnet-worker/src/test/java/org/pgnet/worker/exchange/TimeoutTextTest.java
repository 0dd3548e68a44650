package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgnet.curl.Timings;

class TimeoutTextTest {
    private final TimeoutText times = new TimeoutText();

    @Test
    void namesEachStep() {
        times.addConnected(new Timings(23, 1_023, 0, 0, 5_001_250));

        assertThat(times.text(5_000))
                .isEqualTo("Timeout of 5000 ms reached. Total time: 5001.250000 ms (DNS time: 0.023000 ms, "
                        + "TCP/SSL handshake time: 1.000000 ms, HTTP Request/Response time: 5000.227000 ms)");
    }

    @Test
    void unfinishedLookupTookAllTheTime() {
        times.addUnconnected(new Timings(0, 0, 0, 0, 500_000));

        assertThat(times.text(500))
                .contains("DNS time: 500.000000 ms", "handshake time: 0.000000", "time: 0.000000 ms)");
    }

    @Test
    void unfinishedConnectTookTheRest() {
        times.addUnconnected(new Timings(1_000, 0, 0, 0, 500_000));

        assertThat(times.text(500)).contains("DNS time: 1.000000", "handshake time: 499.000000", "time: 0.000000 ms)");
    }

    @Test
    void tlsHandshakeEndsTheHandshake() {
        times.addConnected(new Timings(1_000, 2_000, 10_000, 0, 500_000));

        assertThat(times.text(500)).contains("handshake time: 9.000000", "Response time: 490.000000 ms)");
    }

    @Test
    void openConnectionNeedsNoTime() {
        times.addConnected(new Timings(0, 0, 0, 0, 500_000));

        assertThat(times.text(500)).contains("DNS time: 0.0", "handshake time: 0.0", "Response time: 500.000000 ms)");
    }

    @Test
    void hopsAndWhatIsBetweenAddUp() {
        times.addConnected(new Timings(1_000, 2_000, 0, 0, 100_000));
        times.addConnected(new Timings(1_000, 2_000, 0, 0, 375_000));
        times.elapsed(500_000);

        assertThat(times.text(500))
                .contains(
                        "Total time: 500.000000",
                        "DNS time: 2.000000",
                        "handshake time: 2.000000",
                        "time: 496.000000 ms)");
    }

    @Test
    void noFigureIsNegativeWhateverTheMarks() {
        times.addConnected(new Timings(900, 800, 700, 0, 600));
        times.addUnconnected(new Timings(900, 800, 700, 0, 600));
        times.addConnected(new Timings(-1, -1, -1, 0, -1));
        times.elapsed(-5);

        assertThat(times.text(1)).doesNotContain("-");
    }
}
