package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.ForServers;
import org.pgnet.testkit.session.Session;

/** The server's clock is set by a day: back, and nothing waits until it is there again; forward, and what is due is sent. */
@PgNetTest(extension = false, cluster = Sharing.WITH_NONE)
class ClockIT {
    /** What PostgreSQL and the JVM read the clock with, a day behind or ahead once a file is there. */
    private static final String CLOCK = "#include <sys/syscall.h>\n#include <sys/time.h>\n#include <time.h>\n"
            + "#include <unistd.h>\n"
            + "int clock_gettime(clockid_t clock, struct timespec *now) {"
            + " int result = syscall(SYS_clock_gettime, clock, now);"
            + " if (clock == CLOCK_REALTIME && access(\"%1$s/back\", F_OK) == 0) now->tv_sec -= 86400;"
            + " if (clock == CLOCK_REALTIME && access(\"%1$s/forward\", F_OK) == 0) now->tv_sec += 86400;"
            + " return result; }\n"
            + "int gettimeofday(struct timeval *restrict now, void *restrict zone) { struct timespec at;"
            + " clock_gettime(CLOCK_REALTIME, &at); now->tv_usec = at.tv_nsec / 1000;"
            + " now->tv_sec = at.tv_sec; return 0; }\n";

    @TempDir(factory = ForServers.class)
    private Path directory;

    @Given
    private PgCluster cluster;

    private final ScriptedServer hanging = ScriptedServer.hanging();
    private Session session;

    @BeforeEach
    void start() throws IOException, SQLException {
        Path source = Files.writeString(directory.resolve("clock.c"), CLOCK.formatted(directory));
        Path library = directory.resolve("clock.so");
        Command.run(
                directory, Map.of(), List.of("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString()));
        cluster.setEnvironment("LD_PRELOAD=" + library);
        cluster.restart();
        cluster.execute("CREATE EXTENSION pg_net");
        session = cluster.session();
    }

    @AfterEach
    void stop() throws SQLException {
        session.close();
        hanging.close();
    }

    @Test
    void workerIsStartedAnewWhenItIsAskedToAfterwards() throws SQLException, IOException {
        long worker = cluster.awaitWorker();

        setBack();
        session.execute("SELECT net.worker_restart()");

        awaitAnother(worker);
    }

    @Test
    void workerThatWasAskedToStartAnewWaitsNoLongerForWhatHangs() throws SQLException, IOException {
        long worker = cluster.awaitWorker();
        session.execute("SELECT net.http_get('" + hanging.url("/") + "', timeout_milliseconds := 0)");
        session.await("SELECT in_flight FROM net.stats", 1);
        session.execute("SELECT pg_sleep(2), net.worker_restart()");

        setBack();

        awaitAnother(worker);
    }

    @Test
    void requestsAreSentOnAfterwards() throws SQLException, IOException {
        try (ScriptedServer server = ScriptedServer.of("ok")) {
            long later = session.send("SELECT net.request(?, delay := '1 hour')", server.url("/later"));
            assertThat(session.collect(session.get(server.url("/before")))).startsWith("SUCCESS|ok|200");

            setBack();

            assertThat(session.collect(session.get(server.url("/after")))).startsWith("SUCCESS|ok|200");
            assertThat(session.collect(later, true)).startsWith("PENDING|request is scheduled for ");
            assertThat(server.requests()).hasSize(2);
        }
    }

    /** The worker sleeps by another clock, which knows nothing of it. */
    @Test
    void requestThatIsDueByTheClockThatWasSetForwardIsSent() throws SQLException, IOException {
        try (ScriptedServer server = ScriptedServer.of("ok")) {
            long later = session.send("SELECT net.request(?, delay := '1 hour')", server.url("/later"));
            long waiting = session.send("SELECT net.http_get(?, timeout_milliseconds := 3600000)", hanging.url("/"));
            session.await("SELECT in_flight FROM net.stats", 1);
            assertThat(server.requests()).isEmpty();

            Files.createFile(directory.resolve("forward"));

            session.await(
                    "SELECT count(*) FROM net._http_response WHERE id = " + later + " AND status_code = 200",
                    "1",
                    Duration.ofSeconds(15));
            assertThat(session.collect(waiting, true))
                    .as("whose time is measured by another clock")
                    .isEqualTo("PENDING|request is pending");
        }
    }

    private void setBack() throws IOException, SQLException {
        Files.createFile(directory.resolve("back"));
        assertThat(session.number("SELECT extract(epoch FROM clock_timestamp())::bigint"))
                .isLessThan(System.currentTimeMillis() / 1000 - 80_000);
    }

    private void awaitAnother(long worker) {
        Eventually.until(
                "another worker",
                Duration.ofSeconds(15),
                () -> cluster.workerPid("postgres").filter(pid -> pid != worker).isPresent());
    }
}
