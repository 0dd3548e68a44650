package org.pgnet.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.machine.Eventually;

/** The worker's JVM has its first compiler alone, unless pg_net.jvm_options says otherwise. */
@PgNetTest(cluster = Sharing.WITH_NONE, settings = "pg_net.jvm_options = ''")
class JvmCompilersIT {
    private static final String FIRST = "C1";
    private static final String SECOND = "C2";
    private static final Duration WITHIN = Duration.ofSeconds(20);

    @Given
    private PgCluster cluster;

    @Test
    void secondCompilerIsThereWhenItIsAskedFor() throws Exception {
        Set<String> atFirst = Set.of(FIRST);
        Eventually.until(
                "the first compiler alone", WITHIN, () -> compilersOfWorker().equals(atFirst));

        cluster.set("pg_net.jvm_options = '-XX:TieredStopAtLevel=4'");
        cluster.restart();

        Set<String> both = Set.of(FIRST, SECOND);
        Eventually.until("both compilers", WITHIN, () -> compilersOfWorker().equals(both));
    }

    private Set<String> compilersOfWorker() throws IOException {
        Set<String> names = new HashSet<>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + cluster.awaitWorker() + "/task"))) {
            for (Path thread : threads) {
                try {
                    names.add(Files.readString(thread.resolve("comm")).split(" Compiler")[0]);
                } catch (NoSuchFileException ended) {
                    // Not one to judge.
                }
            }
        }
        names.retainAll(Set.of(FIRST, SECOND));
        return names;
    }
}
