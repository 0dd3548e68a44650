package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.BlackHole;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.ForServers;
import org.pgnet.testkit.machine.Resolver;
import org.pgnet.testkit.session.Session;

/** In the midst of 1,000 good requests is poison of every kind: each is an outcome of its own, and the 1,000 are answered. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class PoisonIT {
    private static final long SEED = Long.getLong("poison.seed", 1);
    private static final int GOOD = 1_000;
    private static final int HANGING_NAMES = 50;
    private static final int ODD_URLS = 200;
    private static final Duration WITHIN = Duration.ofSeconds(90);
    /** What the worker may take with the default settings, whatever comes. */
    private static final long MOST_KILOBYTES = 512 * 1024;

    /** A request that was made for each poison, to be found when it is answered. */
    private record Sent(long id, Poison poison) {}

    @TempDir(factory = ForServers.class)
    private Path directory;

    private final Random random = new Random(SEED);
    private int good;
    private final List<Sent> poisoned = new ArrayList<>();
    private final Map<String, String> wrong = new LinkedHashMap<>();

    @Given
    private Resolver resolver;

    @Given
    private HttpServerFixture server;

    private PgCluster cluster;
    private Session caller;
    private long worker;
    private String started;

    private void start(String... settings) throws SQLException {
        cluster = PgCluster.create(settings);
        cluster.setEnvironment(resolver.environment());
        cluster.start();
        cluster.execute("CREATE EXTENSION pg_net");
        caller = cluster.session();
        worker = cluster.awaitWorker();
        started = caller.text("SELECT pg_postmaster_start_time()");
    }

    @AfterEach
    void stop() throws SQLException {
        if (caller != null) {
            caller.close();
            cluster.close();
        }
    }

    @Test
    void everyKindIsAnOutcomeOfItsOwnAndTheGoodAreAnswered() throws Exception {
        System.out.println("poison.seed=" + SEED);
        try (Poisons poisons = new Poisons(random)) {
            start(
                    "pg_net.denied_networks = '" + OddUrls.OUTSIDE + "'",
                    "pg_net.ca_bundle = '" + file(poisons.trusted()) + "'");
            List<Poison> all = new ArrayList<>(poisons.all());
            all.addAll(oddUrls());
            List<Poison> hanging = hangingNames();
            send(all, hanging);

            awaitGood();
            assertThat(count("url LIKE 'http://hang-n%'")).isZero();
            Eventually.until("a name that hung too long", WITHIN, () -> count("url LIKE 'http://hang-and-%'") == 1);
            resolver.release();

            assertOutcomes();
        }
        assertTheSameWorkerWithLittleMemory();
    }

    @Test
    void portsThatDropPacketsHoldUpNobodyElse() throws Exception {
        assumeTrue(BlackHole.isPossible(), BlackHole.NEEDS);
        try (BlackHole nowhere = new BlackHole()) {
            start();
            List<Poison> all = new ArrayList<>();
            for (int port = 1; port <= 100; port++) {
                all.add(Poison.of("port " + port, nowhere.url(port), "error: Timeout of 3000 ms reached.*")
                        .withTimeout(3_000));
            }
            send(all, List.of());

            awaitGood();
            assertOutcomes();
        }
        assertTheSameWorkerWithLittleMemory();
    }

    /** Each in a transaction of its own, in an order by chance. */
    private void send(List<Poison> some, List<Poison> others) throws SQLException {
        List<Optional<Poison>> order = new ArrayList<>(Collections.nCopies(GOOD, Optional.empty()));
        some.forEach(poison -> order.add(Optional.of(poison)));
        Collections.shuffle(order, random);
        // First, so that they are in flight while the others are.
        others.forEach(poison -> order.add(0, Optional.of(poison)));
        for (Optional<Poison> each : order) {
            if (each.isPresent()) {
                send(each.get());
            } else {
                caller.send(
                        "SELECT net.http_get(?, timeout_milliseconds := 60000)", server.url("/get?id=good" + good++));
            }
        }
    }

    private void send(Poison poison) {
        try {
            poisoned.add(new Sent(poison.send(caller), poison));
        } catch (SQLException refused) {
            check(poison, "SQLSTATE " + refused.getSQLState());
        }
    }

    private void check(Poison poison, String outcome) {
        if (!poison.outcome().matcher(outcome).matches()) {
            wrong.put(poison.name() + " " + poison.url(), outcome.substring(0, Math.min(200, outcome.length())));
        }
    }

    private void awaitGood() {
        Eventually.until("the good requests are answered", WITHIN, () -> count("url LIKE '%id=good%'") == GOOD);
    }

    private void assertOutcomes() throws SQLException {
        Eventually.until(
                "all are answered",
                WITHIN,
                () -> cluster.query("SELECT count(*) FROM net.http_request_queue")
                        .equals(Optional.of("0")));
        for (Sent each : poisoned) {
            check(each.poison(), Poison.describe(caller.answerTo(each.id())));
        }
        assertThat(wrong).isEmpty();
        assertThat(count("true")).isEqualTo(GOOD + poisoned.size());
        SoftAssertions.assertSoftly(soft -> {
            for (int i = 0; i < GOOD; i++) {
                soft.assertThat(server.received("good" + i)).as("good" + i).hasSize(1);
            }
        });
        assertThat(count("url LIKE '%id=good%' AND status_code = 200"
                        + " AND content::json ->> 'target' = substring(url FROM '/get.*')"))
                .isEqualTo(GOOD);
    }

    private void assertTheSameWorkerWithLittleMemory() throws SQLException, IOException {
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
        assertThat(caller.text("SELECT pg_postmaster_start_time()")).isEqualTo(started);
        assertThat(cluster.log().count("pg_net worker.*(ERROR|FATAL|PANIC):", 0))
                .isZero();
        long most = WorkerMemory.mostKilobytes(worker);
        System.out.printf("the worker took %d MB at most%n", most / 1024);
        assertThat(most).isLessThan(MOST_KILOBYTES);
    }

    private long count(String condition) throws SQLException {
        return Long.parseLong(caller.text("SELECT count(*) FROM net.responses WHERE " + condition));
    }

    private Path file(String certificates) throws IOException {
        Path file = Files.writeString(directory.resolve("trusted.pem"), certificates);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        return file;
    }

    private List<Poison> hangingNames() {
        List<Poison> hanging = new ArrayList<>();
        for (int i = 0; i < HANGING_NAMES; i++) {
            hanging.add(
                    Poison.of("name that hangs", "http://hang-n" + i + ".test/", "error: Couldn't resolve host name"));
        }
        return hanging;
    }

    private List<Poison> oddUrls() {
        OddUrls urls = new OddUrls(random, server.port());
        List<Poison> odd = new ArrayList<>();
        for (int i = 0; i < ODD_URLS; i++) {
            odd.add(Poison.of("odd URL", urls.next(), "SQLSTATE (22023|22021)|error: .+|\\d{3} .*")
                    .withTimeout(5_000));
        }
        return odd;
    }
}
