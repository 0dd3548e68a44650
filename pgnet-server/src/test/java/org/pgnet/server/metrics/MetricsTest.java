package org.pgnet.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.Row;

class MetricsTest {
    @Test
    void hostsBeyondAHundredAreOne() {
        List<Row> hosts = new ArrayList<>();
        for (long i = 1; i <= 150; i++) {
            hosts.add(new Row(Map.of("origin", "https://h" + i, "started", i, "failed", 1L)));
        }
        String text = write(false, hosts);
        assertThat(text.lines().filter(line -> line.startsWith("pgnet_host_started_total{")))
                .hasSize(101);
        assertThat(text).contains("pgnet_host_started_total{host=\"https://h150\"} 150");
        assertThat(text)
                .contains(
                        "pgnet_host_started_total{host=\"other\"} 1275", "pgnet_host_failed_total{host=\"other\"} 50");
    }

    @Test
    void rolesOfAHostAreAddedUp() {
        String text = write(
                false,
                List.of(
                        new Row(Map.of("origin", "https://a", "in_flight", 2L)),
                        new Row(Map.of("origin", "https://a", "in_flight", 3L))));
        assertThat(text).contains("pgnet_host_in_flight_requests{host=\"https://a\"} 5");
    }

    @Test
    void labelsAreEscaped() {
        String text = write(false, List.of(new Row(Map.of("origin", "a\"b\\c\nd"))));
        assertThat(text).contains("{host=\"a\\\"b\\\\c\\nd\"}");
    }

    @Test
    void openMetricsNamesCountersWithoutSuffixAndEnds() {
        assertThat(write(true, List.of()))
                .contains("# TYPE pgnet_requests counter")
                .endsWith("# EOF\n");
        assertThat(write(false, List.of()))
                .contains("# TYPE pgnet_requests_total counter")
                .doesNotContain("# EOF");
    }

    @Test
    void eachFamilyIsWrittenOnce() {
        List<Row> hosts = List.of(new Row(Map.of("origin", "https://a")), new Row(Map.of("origin", "https://b")));
        List<String> types = write(true, hosts)
                .lines()
                .filter(line -> line.startsWith("# TYPE"))
                .toList();
        assertThat(types).doesNotHaveDuplicates().hasSizeGreaterThan(10);
    }

    private static String write(boolean open, List<Row> hosts) {
        Exposition text = new Exposition(open);
        Row stats = new Row(Map.of("worker_state", "running", "done", 5L, "failed", 3L, "timed_out", 1L));
        Metrics.write(new Metrics.Reading(stats, hosts, List.of()), text);
        return text.text();
    }
}
