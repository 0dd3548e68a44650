package org.pgnet.jni;

import static java.util.stream.Collectors.partitioningBy;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** The JVM's optimizing compiler leaves the processors to the requests, and to everybody else. */
@PgNetTest(settings = "pg_net.jvm_options = ''")
class OptimizerIT {
    private static final int HIGHER_BY = 10;
    /** Of proc_pid_stat(5), counted from the field after the name. */
    private static final int NICENESS = 16;

    @Given
    private static PgCluster cluster;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    private record ThreadOfWorker(String name, int niceness) {
        boolean optimizes() {
            return name.startsWith("C2 Compiler");
        }
    }

    @Test
    void optimizingCompilerAloneIsNicerThanTheServer() throws Exception {
        long id = session.get(server.url("/get?id=optimizer"));
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        long pid = cluster.awaitWorker();
        int niceness = threadAt(Path.of("/proc/" + pid)).niceness();

        Map<Boolean, List<ThreadOfWorker>> threads =
                threadsOf(pid).stream().collect(partitioningBy(ThreadOfWorker::optimizes, toList()));

        assertThat(threads.get(true))
                .isNotEmpty()
                .extracting(ThreadOfWorker::niceness)
                .containsOnly(niceness + HIGHER_BY);
        assertThat(threads.get(false)).extracting(ThreadOfWorker::niceness).containsOnly(niceness);
        assertThat(threads.get(false)).anyMatch(thread -> thread.name().startsWith("C1 Compiler"));
    }

    private static List<ThreadOfWorker> threadsOf(long pid) throws IOException {
        List<ThreadOfWorker> threads = new ArrayList<>();
        try (var directories = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path directory : directories) {
                try {
                    threads.add(threadAt(directory));
                } catch (NoSuchFileException ended) {
                    // Not one to judge.
                }
            }
        }
        return threads;
    }

    private static ThreadOfWorker threadAt(Path directory) throws IOException {
        String stat = Files.readString(directory.resolve("stat"));
        int end = stat.lastIndexOf(')');
        return new ThreadOfWorker(
                stat.substring(stat.indexOf('(') + 1, end),
                Integer.parseInt(stat.substring(end + 2).split(" ")[NICENESS]));
    }
}
