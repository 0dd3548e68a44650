package org.pgnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.session.Session;

/** What /metrics serves, and the files of docs/monitoring, which are about that. */
@PgNetTest
class MonitoringIT {
    private static final Path FILES = PgInstallation.checkout().resolve("docs/monitoring");
    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
    private static final Pattern NAME = Pattern.compile("\\b(pgnet_[a-z_]+|http_client_[a-z_]+)");

    @Given
    private static Ui ui;

    @Given
    private static Session session;

    @Given
    private static HttpServerFixture http;

    @BeforeEach
    void sendSomething() throws Exception {
        session.collect(session.get(http.url("/get")));
        session.collect(session.get(http.url("/drop")));
    }

    @Test
    void servesWhatHappened() throws Exception {
        String text = metrics("*/*");
        assertThat(text)
                .contains(
                        "pgnet_up 1", "pgnet_worker_up 1", "pgnet_host_started_total{host=\"" + http.url("") + "\"} ");
        assertThat(value(text, "pgnet_requests_total{outcome=\"response\"}")).isPositive();
        assertThat(value(text, "pgnet_requests_total{outcome=\"no_response\"}")).isPositive();
        assertThat(value(text, "pgnet_attempts_total")).isGreaterThanOrEqualTo(2);
    }

    @Test
    void speaksOpenMetricsToWhoAsksForIt() throws Exception {
        assertThat(metrics("application/openmetrics-text; version=1.0.0"))
                .contains("# TYPE pgnet_attempts counter")
                .endsWith("# EOF\n");
        assertThat(metrics("text/plain"))
                .contains("# TYPE pgnet_attempts_total counter")
                .doesNotContain("# EOF");
    }

    @Test
    void promtoolFindsNothingWrong() throws Exception {
        assumeTrue(Files.isExecutable(PROMTOOL), "no promtool here: install Debian's package prometheus");
        Path file = Files.writeString(Files.createTempFile("metrics", ".txt"), metrics("text/plain"));
        assertThat(run("sh", "-c", PROMTOOL + " check metrics < " + file)).isEmpty();
        assertThat(run(
                        PROMTOOL.toString(),
                        "check",
                        "rules",
                        FILES.resolve("alerts.yml").toString()))
                .contains("SUCCESS");
        Files.delete(file);
    }

    @Test
    void alertsAndDashboardNameWhatIsServed() throws Exception {
        Set<String> served = names(metrics("text/plain"));
        // Which there is once an attempt has been timed.
        served.add("http_client_request_duration_seconds");
        for (String file : List.of("alerts.yml", "grafana-dashboard.json")) {
            Set<String> named = names(Files.readString(FILES.resolve(file)));
            assertThat(named).as(file).hasSizeGreaterThan(5);
            assertThat(served).as("served, of which %s is about some", file).containsAll(named);
        }
    }

    /** Each metric of the file for sql_exporter is one of /metrics, and its query returns its columns. */
    @Test
    void theQueriesForSqlExporterReturnWhatTheySay() throws Exception {
        String file = Files.readString(FILES.resolve("pg_net.collector.yml"));
        Map<String, String> shared = new TreeMap<>();
        Matcher queries = Pattern.compile("- query_name: (\\w+)\\n    query: \\|\\n((?:      .*\\n?)+)")
                .matcher(file);
        while (queries.find()) {
            shared.put(queries.group(1), queries.group(2));
        }
        Set<String> served = names(metrics("text/plain"));
        List<String> metrics = new ArrayList<>();
        for (String part : file.substring(0, file.indexOf("\nqueries:")).split("\\n  - metric_name: ")) {
            if (!part.startsWith("#")) {
                metrics.add(part.substring(0, part.indexOf('\n')));
                check(part, shared);
            }
        }
        assertThat(metrics).hasSizeGreaterThan(15).doesNotHaveDuplicates();
        assertThat(served).containsAll(metrics);
    }

    private static void check(String metric, Map<String, String> shared) throws Exception {
        Matcher own = Pattern.compile("query: \\|\\n((?:      .*\\n?)+)").matcher(metric);
        Matcher reference = Pattern.compile("query_ref: (\\w+)").matcher(metric);
        String query = own.find() ? own.group(1) : reference.find() ? shared.get(reference.group(1)) : "";
        Matcher columns = Pattern.compile("(?:key_labels|values): \\[(\\w+)]").matcher(metric);
        while (columns.find()) {
            assertThat(session.number("SELECT count(" + columns.group(1) + ") FROM (" + query + ") q"))
                    .as(metric)
                    .isPositive();
        }
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    private static double value(String text, String series) {
        return text.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static String metrics(String accept) throws Exception {
        return new Visitor(ui).get("/metrics", "Accept", accept).body();
    }

    private static String run(String... command) throws IOException {
        return Command.run(FILES, Map.of(), List.of(command));
    }
}
