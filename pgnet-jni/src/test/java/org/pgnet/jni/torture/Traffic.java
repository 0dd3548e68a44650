package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.machine.Eventually;

/** The clients, and what they share. Any thread, but for start and close. */
final class Traffic implements AutoCloseable {
    private static final int CLIENTS = 6;

    /**
     * Lost connections, a server that starts or stops, tables that are away or were just made, a full disk, a lock that
     * took too long, a standby, an id that is another request's.
     */
    private static final Pattern EXPECTED_STATES = Pattern.compile(
            "08...|57P0[1-5]|3F000|42704|42883|42P01|40P01|55P03|57014|23505|53100|53300|58...|25006|XX000|0A000");

    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();
    private final Set<String> strange = ConcurrentHashMap.newKeySet();
    private final Queue<String> prepared = new ConcurrentLinkedQueue<>();
    private final ReadWriteLock permission = new ReentrantReadWriteLock(true);
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "torture-client");
        thread.setDaemon(true);
        return thread;
    });
    private final Receiver receiver;
    private volatile PgCluster cluster;
    private volatile boolean over;
    private volatile boolean preparing;

    /** What a client does while the round permits it. */
    interface Action {
        void run() throws SQLException;
    }

    Traffic(PgCluster cluster, Receiver receiver) {
        this.cluster = cluster;
        this.receiver = receiver;
    }

    void start(long seed) {
        for (int i = 0; i < CLIENTS; i++) {
            threads.execute(new Client("c" + i, seed + i, this));
        }
        threads.execute(new PreparedTransactions(new Random(seed - 1), this));
    }

    boolean isOver() {
        return over;
    }

    Receiver receiver() {
        return receiver;
    }

    /** Has the clients connect to another server from now on. */
    void moveTo(PgCluster next) {
        cluster = next;
    }

    Connection connect() throws SQLException {
        Connection connection = cluster.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '30s'");
            return connection;
        } catch (SQLException refusal) {
            connection.close();
            throw refusal;
        }
    }

    /** Runs something, not before a {@link #whilePaused} that goes on has ended. */
    void whenPermitted(Action action) throws SQLException {
        permission.readLock().lock();
        try {
            action.run();
        } finally {
            permission.readLock().unlock();
        }
    }

    /** Runs something while no client is in a transaction or begins one. */
    void whilePaused(Action action) throws SQLException {
        permission.writeLock().lock();
        try {
            action.run();
        } finally {
            permission.writeLock().unlock();
        }
    }

    /** The server said that these requests are committed. */
    void committed(List<String> tokens) {
        confirmed.addAll(tokens);
    }

    /** The requests that the server said are committed. */
    Set<String> confirmed() {
        return confirmed;
    }

    /**
     * Whether clients prepare transactions from now on. When not, it waits until those that are prepared are ended: each
     * COMMIT PREPARED has the worker read the whole queue, and so find what nobody handed over to it.
     */
    void preparing(boolean wanted) {
        preparing = wanted;
        if (!wanted) {
            Eventually.until("the end of prepared transactions", Duration.ofSeconds(40), prepared::isEmpty);
        }
    }

    boolean isPreparing() {
        return preparing;
    }

    /** Prepares the transaction of a statement; somebody else ends it. */
    void prepare(Statement statement, String name) throws SQLException {
        try {
            statement.execute("PREPARE TRANSACTION '" + name + "'");
        } finally {
            // Also when it is not known whether it was prepared.
            prepared.add(name);
        }
    }

    Queue<String> prepared() {
        return prepared;
    }

    /** Takes note of an error that a client met. */
    void note(SQLException refusal) {
        String state = refusal.getSQLState();
        if (state == null || !EXPECTED_STATES.matcher(state).matches()) {
            strange.add(state + " " + refusal.getMessage());
        }
    }

    /** Errors that no fault explains. */
    List<String> strangeErrors() {
        return new ArrayList<>(strange);
    }

    @Override
    public void close() {
        over = true;
        threads.shutdown();
        Eventually.until("the end of the clients", Duration.ofSeconds(40), threads::isTerminated);
    }
}
