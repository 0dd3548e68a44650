package org.pgnet.testkit;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.machine.Resolver;

/** Where the cluster of a class or a test comes from, and where it goes afterwards. Starts it when it is asked for. */
final class ClusterSource implements AutoCloseable {
    private final Class<?> test;
    private final PgNetTest declared;
    private final SharedClusters shared;
    /** Of a test that has no cluster of its own. */
    private final Optional<ClusterSource> lender;
    /** Of a single test that declares it. */
    private final boolean ofOneTest;

    private Optional<PgCluster> cluster = Optional.empty();
    private Optional<Resolver> resolver = Optional.empty();
    private boolean spoiled;

    private ClusterSource(
            Class<?> test,
            PgNetTest declared,
            SharedClusters shared,
            Optional<ClusterSource> lender,
            boolean ofOneTest) {
        this.test = test;
        this.declared = declared;
        this.shared = shared;
        this.lender = lender;
        this.ofOneTest = ofOneTest;
    }

    static ClusterSource ofClass(Class<?> test, SharedClusters shared) {
        PgNetTest declared = Optional.ofNullable(test.getAnnotation(PgNetTest.class))
                .orElseGet(() -> Defaults.class.getAnnotation(PgNetTest.class));
        return new ClusterSource(test, declared, shared, Optional.empty(), false);
    }

    /** That of a test: its own when it declares one, or when the class has none yet and shares with nobody. */
    ClusterSource ofTest(Optional<PgNetTest> own) {
        if (own.isPresent()) {
            return new ClusterSource(test, own.get(), shared, Optional.empty(), true);
        }
        boolean lent = cluster.isPresent() || isShared();
        return new ClusterSource(test, declared, shared, lent ? Optional.of(this) : Optional.empty(), false);
    }

    PgCluster cluster() throws SQLException {
        if (lender.isPresent()) {
            return lender.get().cluster();
        }
        if (cluster.isEmpty()) {
            cluster = Optional.of(isShared() ? shared.take(declared) : own());
            prepare(cluster.get());
        }
        return cluster.get();
    }

    /** The cluster if it has been started. */
    Optional<PgCluster> current() {
        return lender.isPresent() ? lender.get().current() : cluster;
    }

    Resolver resolver() {
        if (lender.isPresent()) {
            return lender.get().resolver();
        }
        if (resolver.isEmpty()) {
            resolver = Optional.of(new Resolver());
        }
        return resolver.get();
    }

    boolean closes(Object resource) {
        return resource instanceof PgCluster || resource instanceof Resolver;
    }

    void spoil() {
        spoiled = true;
    }

    @Override
    public void close() {
        if (lender.isPresent()) {
            return;
        }
        try {
            cluster.ifPresent(this::giveBack);
        } finally {
            resolver.ifPresent(Resolver::close);
        }
    }

    private boolean isShared() {
        return declared.cluster() == Sharing.WITH_OTHER_CLASSES
                && !ofOneTest
                && !declared.resolver()
                && declared.databases().length == 0;
    }

    private void prepare(PgCluster fresh) throws SQLException {
        if (declared.sql().length > 0) {
            fresh.execute(declared.sql());
        }
        if (declared.databases().length > 0) {
            String names = Stream.of(declared.databases())
                    .map(name -> ", \"" + name + '"')
                    .collect(Collectors.joining());
            fresh.set("pg_net.database_name = 'postgres" + names + "'");
            fresh.restart();
        }
    }

    private PgCluster own() {
        PgCluster own = PgCluster.create(test.getSimpleName(), List.of(declared.settings()));
        if (declared.resolver()) {
            own.setEnvironment(resolver().environment());
        }
        own.startOrClose();
        return declared.extension() ? own.createExtensionOrClose() : own;
    }

    private void giveBack(PgCluster used) {
        if (isShared() && !spoiled) {
            shared.giveBack(used, declared, test);
        } else {
            used.close();
        }
    }

    /** What a class declares that has the annotation on a method only. */
    @PgNetTest(cluster = Sharing.WITH_NONE)
    private static final class Defaults {}
}
