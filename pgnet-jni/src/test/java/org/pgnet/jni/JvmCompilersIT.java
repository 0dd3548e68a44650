package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;

/** The worker's JVM has its first compiler alone, unless pg_net.jvm_options says otherwise. */
@PgNetTest(cluster = Sharing.WITH_NONE, settings = "pg_net.jvm_options = ''")
class JvmCompilersIT {
    @Given
    private PgCluster cluster;

    @Test
    void secondCompilerIsThereWhenItIsAskedFor() throws Exception {
        assertThat(compilersOf(cluster.awaitWorker())).isNotEmpty().allMatch(name -> name.startsWith("C1 Compiler"));

        cluster.set("pg_net.jvm_options = '-XX:TieredStopAtLevel=4'");
        cluster.restart();

        assertThat(compilersOf(cluster.awaitWorker()))
                .anyMatch(name -> name.startsWith("C1 Compiler"))
                .anyMatch(name -> name.startsWith("C2 Compiler"));
    }

    private static List<String> compilersOf(long pid) throws IOException {
        List<String> names = new ArrayList<>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                try {
                    names.add(Files.readString(thread.resolve("comm")).strip());
                } catch (NoSuchFileException ended) {
                    // Not one to judge.
                }
            }
        }
        names.removeIf(name -> !name.contains("Compiler"));
        return names;
    }
}
