package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.machine.Eventually;

/**
 * One round: clients make requests, faults come one after the other in an order and at moments that the seed says, and
 * after some of them, and at the end, the queue must become empty by itself and the account must be right. One thread, but
 * for {@link #nextToken} and {@link #cluster}.
 */
final class Torture implements AutoCloseable {
    static final int BATCH_SIZE = 50;

    private static final Duration RECOVERY = Duration.ofSeconds(50);
    private static final Duration DRAIN = Duration.ofSeconds(90);
    private static final int LONGEST_PAUSE_MILLIS = 1_200;

    private final long seed;
    private final Random random;
    private final Receiver receiver = new Receiver();
    private final Traffic traffic;
    private final long start = System.nanoTime();
    private final Sendings sendings = new Sendings(start);
    private final AtomicInteger tokens = new AtomicInteger();
    private volatile PgCluster cluster;

    Torture(long seed) throws SQLException {
        this.seed = seed;
        this.random = new Random(seed);
        cluster = PgCluster.withExtension(
                "pg_net.batch_size = " + BATCH_SIZE,
                "pg_net.max_connections_per_host = 30",
                "max_prepared_transactions = 100",
                "log_min_error_statement = panic");
        Ledger.create(cluster);
        traffic = new Traffic(cluster, receiver);
    }

    PgCluster cluster() {
        return cluster;
    }

    Receiver receiver() {
        return receiver;
    }

    Traffic traffic() {
        return traffic;
    }

    Random random() {
        return random;
    }

    /** A token, or the begin of some, that nobody else has. */
    String nextToken() {
        return "f" + tokens.incrementAndGet();
    }

    /** Lets the requests go on for a while, of the seed's choice. */
    void pause(int longestMillis) {
        Pauses.upTo(longestMillis, random);
    }

    /** Goes on with another server. */
    void moveTo(PgCluster next) {
        cluster = next;
        traffic.moveTo(next);
    }

    /** Waits until the server accepts connections again. */
    void awaitConnections() {
        Eventually.until("connections after a crash", RECOVERY, () -> {
            try (Connection connection = cluster.connect()) {
                return connection.isValid(1);
            } catch (SQLException stillRecovering) {
                return false;
            }
        });
    }

    /** Injects every fault once, and goes on with faults until the time is over and so many requests are committed. */
    Result run(Duration time, int requests) throws Exception {
        traffic.start(seed);
        List<Fault> order = new ArrayList<>(Fault.possible());
        Collections.shuffle(order, random);
        for (Fault fault : order) {
            inject(fault);
        }
        List<Fault> faults = Fault.possible();
        while (System.nanoTime() - start < time.toNanos() || traffic.confirmed().size() < requests) {
            inject(faults.get(random.nextInt(faults.size())));
        }
        return end();
    }

    private void inject(Fault fault) throws Exception {
        traffic.preparing(random.nextInt(3) == 0);
        pause(LONGEST_PAUSE_MILLIS);
        System.out.printf("%6.1f s %s%n", (System.nanoTime() - start) / 1e9, fault);
        long began = System.nanoTime();
        try {
            fault.inject(this);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("fault " + fault + ", seed " + seed + ": " + e.getMessage(), e);
        }
        boolean look = random.nextInt(3) > 0;
        if (fault.resends()) {
            // What it held is sent again by the next worker, as soon as that is there.
            sendings.explainedBy(new Sendings.Cause(fault.name(), began, System.nanoTime()));
        }
        if (look) {
            traffic.whilePaused(() -> {
                Result result = check(fault.name());
                if (!result.wrong().isEmpty()) {
                    throw new AssertionError(String.join("\n", result.wrong()));
                }
            });
        }
    }

    private Result end() throws Exception {
        traffic.close();
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            PreparedTransactions.endAll(statement);
        }
        return check("the end");
    }

    /** The queue becomes empty, and then everything is accounted for. */
    private Result check(String after) throws SQLException {
        List<String> twofold;
        try {
            Eventually.until("an empty queue", DRAIN, () -> queued().isEmpty());
            twofold = Ledger.readTwofold(cluster);
            Eventually.until("nothing dead that can be sent again", DRAIN, this::isNothingDead);
            Eventually.until(
                    "the last call",
                    DRAIN,
                    () -> cluster.psql(Ledger.CALLS_TO_COME).equals("0"));
        } catch (AssertionError stuck) {
            throw new AssertionError(
                    "after " + after + ", seed " + seed + ": still queued: "
                            + cluster.psql("SELECT count(*), min(id), max(id), min(clock_timestamp() - created)"
                                    + " FROM net.http_request_queue")
                            + " of which " + queued() + ", " + cluster.psql("SELECT s FROM net.stats s"),
                    stuck);
        }
        Map<String, long[]> arrivals = Map.copyOf(receiver.arrivals());
        Account account = Ledger.read(cluster);
        List<String> wrong = new ArrayList<>(account.wrong());
        wrong.addAll(twofold);
        wrong.addAll(sendings.judge(arrivals, account));
        wrong.addAll(traffic.strangeErrors());
        Set<String> forgotten = new HashSet<>(traffic.confirmed());
        forgotten.removeAll(account.committed());
        if (!forgotten.isEmpty()) {
            wrong.add("committed, and unknown to the server: " + forgotten);
        }
        return new Result(
                account,
                Sendings.repeated(arrivals),
                wrong.stream()
                        .map(line -> "after " + after + ", seed " + seed + ": " + line)
                        .toList());
    }

    /** What is dead is sent again by hand, unless another request has its id. */
    private boolean isNothingDead() throws SQLException {
        Ledger.reviveAll(cluster);
        if (!queued().isEmpty()) {
            return false;
        }
        if (!cluster.psql(Ledger.DEAD).equals("0")) {
            Ledger.discardDead(cluster);
        }
        return queued().isEmpty() && cluster.psql(Ledger.DEAD).equals("0");
    }

    private String queued() throws SQLException {
        return cluster.psql("SELECT string_agg(id::text, ' ') FROM"
                + " (SELECT id FROM net.http_request_queue ORDER BY id LIMIT 20) q");
    }

    @Override
    public void close() {
        try {
            traffic.close();
        } finally {
            cluster.close();
            receiver.close();
        }
    }
}
