package org.pgnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** The command as a shell runs it. */
@PgNetTest
class CommandIT {
    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Given
    private static HttpServerFixture http;

    @Test
    void requestsAreALineOrAnObjectEach() throws Exception {
        long id = session.get(http.url("/get?of-command"));
        session.collect(id);
        assertThat(run("requests", "of-command").output()).contains("" + id, "succeeded", "/get?of-command");
        Result json = run("requests", "--json", "--state", "succeeded", "of-command");
        assertThat(json.output().lines())
                .hasSize(1)
                .allMatch(line -> line.startsWith("{\"id\":" + id + ",\"state\":\"succeeded\""));
        assertThat(run("requests", "--json", "host:nowhere.example").output()).isEmpty();
    }

    @Test
    void retryAsksUnlessItIsToldNotTo() throws Exception {
        long id = session.send("SELECT net.request(?, delay => '1 hour')", http.url("/later"));
        Result refused = run("retry", "" + id);
        assertThat(refused.code()).isEqualTo(64);
        assertThat(refused.output()).contains("select " + id + " as id, net.retry(" + id + ") as done");
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isEqualTo(1);
        assertThat(run("retry", "--yes", "" + id).output()).contains("1 of 1 will be sent again.");
        assertThat(session.collect(id)).contains("SUCCESS");
    }

    @Test
    void topShowsHosts() throws Exception {
        session.collect(session.get(http.url("/get")));
        assertThat(run("top", "--once").output()).contains("worker running", "ORIGIN", http.url(""));
    }

    @Test
    void doctorEndsWithWhatItFinds() throws Exception {
        Result result = run("doctor");
        boolean installed = session.text("SELECT to_regprocedure('net.doctor()') IS NOT NULL")
                .equals("t");
        assertThat(result.code()).as(result.output()).isIn(installed ? List.of(0, 1, 2) : List.of(69));
        assertThat(result.output()).isNotBlank();
    }

    private record Result(int code, String output) {}

    private static Result run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "org.pgnet.server.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment()
                .putAll(Map.of(
                        "PGHOST",
                        "127.0.0.1",
                        "PGPORT",
                        "" + cluster.port(),
                        "PGUSER",
                        "postgres",
                        "PGDATABASE",
                        "postgres"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
