package org.pgnet.jni.torture;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.Eventually;

/** The tables are on a file system of their own, which has no room left for a while. */
final class DiskFull {
    private static final Duration UNTIL_FULL = Duration.ofSeconds(30);
    private static final String ROOMY = "1g";

    private DiskFull() {}

    /** Only root may mount a file system. */
    static boolean isPossible() {
        return "root".equals(System.getProperty("user.name"));
    }

    static void fillAndFree(Torture torture) throws IOException, SQLException {
        PgCluster cluster = torture.cluster();
        Path directory = Files.createTempDirectory("pgnet-full");
        run("mount", "-t", "tmpfs", "-o", "uid=postgres,mode=700,size=" + ROOMY, "tmpfs", directory.toString());
        try {
            cluster.execute("CREATE TABLESPACE small LOCATION '" + directory + "'");
            move(cluster, "small", torture.random().nextBoolean());
            int position = cluster.log().length();
            Eventually.until("a file system without room", UNTIL_FULL, () -> shrink(directory));
            cluster.log().await("could not extend file", position, UNTIL_FULL);
            torture.pause(1_500);
            if (torture.random().nextBoolean()) {
                cluster.signal(cluster.awaitWorker(), "HUP");
            }
            resize(directory, ROOMY);
            torture.pause(500);
            move(cluster, "pg_default", true);
            // A recovery from before the checkpoint would look for the directory.
            cluster.execute("DROP TABLESPACE small", "CHECKPOINT");
        } finally {
            run("umount", "--lazy", directory.toString());
            Files.delete(directory);
        }
    }

    private static void move(PgCluster cluster, String tablespace, boolean queueToo) throws SQLException {
        cluster.execute(
                "ALTER TABLE net._http_response SET TABLESPACE " + tablespace,
                "ALTER TABLE net._response_detail SET TABLESPACE " + tablespace);
        if (queueToo) {
            cluster.execute("ALTER TABLE net.http_request_queue SET TABLESPACE " + tablespace);
        }
    }

    /** Leaves no room; false when more was written just then. */
    private static boolean shrink(Path directory) throws IOException {
        FileStore store = Files.getFileStore(directory);
        long used = store.getTotalSpace() - store.getUnallocatedSpace();
        try {
            resize(directory, "" + used);
            return true;
        } catch (AssertionError smallerThanItsContent) {
            return false;
        }
    }

    private static void resize(Path directory, String size) {
        run("mount", "-o", "remount,size=" + size, directory.toString());
    }

    private static void run(String... words) {
        Command.run(Path.of("/"), Map.of(), List.of(words));
    }
}
