package org.pgnet.testkit;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.opentest4j.TestAbortedException;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.SilentServer;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.Session;

/** What a class or one of its tests was given, until that ends. */
final class Fixtures implements AutoCloseable {
    private static final Set<Class<?>> OF_THE_KIT = Set.of(
            PgCluster.class,
            Session.class,
            HttpServerFixture.class,
            RawServer.class,
            SilentServer.class,
            TlsIdentity.class,
            Resolver.class);
    private static final int LOG_LINES = 30;

    private final Optional<Fixtures> ofClass;
    private final ClusterSource source;
    private final Map<Class<?>, Object> first = new HashMap<>();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private Fixtures(Optional<Fixtures> ofClass, ClusterSource source) {
        this.ofClass = ofClass;
        this.source = source;
    }

    static Fixtures ofClass(Class<?> test, SharedClusters shared) {
        return new Fixtures(Optional.empty(), ClusterSource.ofClass(test, shared));
    }

    /** @param own the annotation of the test itself, which has a cluster of its own then */
    static Fixtures ofTest(Fixtures ofClass, Optional<PgNetTest> own) {
        return new Fixtures(Optional.of(ofClass), ofClass.source.ofTest(own));
    }

    /** Whether a parameter of this type is for the kit to give. */
    static boolean isGiven(Class<?> type) {
        return OF_THE_KIT.contains(type);
    }

    /** Servers are new ones for each field. */
    Object ofField(Class<?> type, Given given) {
        return make(type, given.database(), given.role());
    }

    /** A new session; of all else what the test or its class has already, if it has one. */
    Object ofParameter(Class<?> type, Optional<Given> given) {
        if (type == Session.class) {
            return make(
                    type,
                    given.map(Given::database).orElse("postgres"),
                    given.map(Given::role).orElse("postgres"));
        }
        return existing(type).orElseGet(() -> make(type, "", ""));
    }

    /** Nobody else gets the cluster after a failure. */
    void spoilCluster() {
        source.spoil();
    }

    /** A failure of the set-up together with what the server logged last. */
    AssertionError withLog(String what, Throwable failure) {
        String log = source.current()
                .map(cluster -> "\nThe server's log ends with\n" + cluster.log().tail(LOG_LINES))
                .orElse("");
        return new AssertionError(what + failure + log, failure);
    }

    @Override
    public void close() {
        Optional<AssertionError> failure = Optional.empty();
        while (!open.isEmpty()) {
            failure = closed(open.pop(), failure);
        }
        failure = closed(source, failure);
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** The first failure, with those after it. */
    private static Optional<AssertionError> closed(AutoCloseable resource, Optional<AssertionError> before) {
        try {
            resource.close();
            return before;
        } catch (Exception | AssertionError e) {
            before.ifPresent(failure -> failure.addSuppressed(e));
            return before.or(() -> Optional.of(e instanceof AssertionError error ? error : new AssertionError(e)));
        }
    }

    private Optional<Object> existing(Class<?> type) {
        Optional<Object> here = Optional.ofNullable(first.get(type));
        return here.isPresent() ? here : ofClass.flatMap(outer -> outer.existing(type));
    }

    private Object make(Class<?> type, String database, String role) {
        Object made;
        try {
            made = isGiven(type) ? ofTheKit(type, database, role) : ofItsConstructor(type);
        } catch (SQLException | ReflectiveOperationException e) {
            throw withLog("no " + type.getSimpleName() + ": ", e);
        }
        first.putIfAbsent(type, made);
        if (made instanceof AutoCloseable resource && !source.closes(made)) {
            open.push(resource);
        }
        return made;
    }

    private Object ofTheKit(Class<?> type, String database, String role) throws SQLException {
        if (type == PgCluster.class) {
            return source.cluster();
        }
        if (type == Session.class) {
            return source.cluster().session(database, role);
        }
        if (type == Resolver.class) {
            return source.resolver();
        }
        if (type == TlsIdentity.class) {
            return TlsIdentity.ofThisMachine();
        }
        if (type == HttpServerFixture.class) {
            return HttpServerFixture.start();
        }
        return type == RawServer.class ? RawServer.start() : SilentServer.start();
    }

    private Object ofItsConstructor(Class<?> type) throws ReflectiveOperationException, SQLException {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        Object[] arguments = new Object[constructor.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            Given given = constructor.getParameters()[i].getAnnotation(Given.class);
            arguments[i] = ofParameter(constructor.getParameterTypes()[i], Optional.ofNullable(given));
        }
        constructor.setAccessible(true);
        try {
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof TestAbortedException missing) {
                throw missing;
            }
            throw withLog("no " + type.getSimpleName() + ": ", e.getCause());
        }
    }
}
