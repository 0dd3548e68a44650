package org.pgnet.testkit;

import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgnet.testkit.cluster.PgCluster;

/** The clusters that no class works with at the moment, by their settings. At most two run idle: each has a JVM. */
final class SharedClusters implements AutoCloseable {
    private static final int MOST_IDLE = 2;
    private static final int LOG_LINES = 30;

    /** The one that was used last is the last. */
    private final Map<List<String>, PgCluster> idle = new LinkedHashMap<>();

    private final Map<PgCluster, Long> workers = new LinkedHashMap<>();

    /** A running cluster with these settings, which has been used and cleaned or is new. */
    PgCluster take(PgNetTest declared) {
        List<String> settings = List.of(declared.settings());
        PgCluster cluster = idle.remove(settings);
        if (cluster == null) {
            cluster = start(settings);
        }
        return declared.extension() ? cluster.createExtensionOrClose() : cluster;
    }

    private PgCluster start(List<String> settings) {
        PgCluster cluster = PgCluster.create("shared", settings).startOrClose();
        try {
            workers.put(cluster, cluster.awaitWorker());
            return cluster;
        } catch (AssertionError e) {
            String log = cluster.log().tail(LOG_LINES);
            cluster.close();
            throw new AssertionError(e.getMessage() + "\n" + log, e);
        }
    }

    /**
     * Cleans a cluster for the next class.
     *
     * @throws AssertionError when this class did what none may that shares its cluster
     */
    void giveBack(PgCluster cluster, PgNetTest declared, Class<?> test) {
        try {
            CleanState.restore(cluster, workers.get(cluster));
        } catch (SQLException | AssertionError e) {
            String log = cluster.log().tail(LOG_LINES);
            cluster.close();
            throw new AssertionError(
                    test.getSimpleName() + " leaves a cluster that no other class can use, and does not say so"
                            + " (cluster = Sharing.WITH_NONE): " + e.getMessage() + "\n" + log,
                    e);
        }
        idle.put(List.of(declared.settings()), cluster);
        if (idle.size() > MOST_IDLE) {
            Iterator<PgCluster> oldest = idle.values().iterator();
            oldest.next().close();
            oldest.remove();
        }
    }

    @Override
    public void close() {
        idle.values().forEach(PgCluster::close);
        idle.clear();
    }
}
