package org.pgnet.testkit.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.FreePort;
import org.pgnet.testkit.session.Session;

/**
 * A PostgreSQL server of the test's own, with pg_net preloaded, on a free port of 127.0.0.1 and a socket in its own
 * directory. It writes without fsync; a test about durability sets {@code fsync = on}.
 *
 * <p>Not thread-safe, but for {@link #connect}, {@link #query} and {@link #execute}.
 */
public final class PgCluster implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    /** Tells the clusters of test runs apart that go on at the same time. */
    private static final String RUN = System.getProperty("surefire.forkNumber", "1");
    /** Options of the workers' JVMs, from the build, of tests that measure nothing. */
    private static final String JVM_OPTIONS = Objects.requireNonNullElse(System.getenv("PGNET_TEST_JVM_OPTIONS"), "");

    private static final Duration WORKER_START = Duration.ofSeconds(20);
    private static final long REST_MILLIS = 200;

    private final PgInstallation installation;
    private final String name;
    private final Path directory;
    private final int port = FreePort.next();
    private final ServerLog log;
    private final List<String> environment = new ArrayList<>();
    private String limits = "";
    private boolean running;

    private PgCluster(PgInstallation installation, String test, Optional<PgCluster> primary, List<String> settings) {
        this.installation = installation;
        name = test + "-" + RUN + "-" + COUNT.incrementAndGet();
        directory = primary.map(this::copyOf).orElseGet(() -> installation.newCluster(name));
        log = new ServerLog(directory.resolve("server.log"));
        List<String> lines = new ArrayList<>(List.of(
                "shared_preload_libraries = 'pg_net'",
                "listen_addresses = '127.0.0.1'",
                "port = " + port,
                "unix_socket_directories = '" + directory + "'",
                "fsync = off",
                "log_line_prefix = '%m [%p] %b '"));
        if (!JVM_OPTIONS.isEmpty()) {
            lines.add("pg_net.jvm_options = '" + JVM_OPTIONS + "'");
        }
        lines.addAll(settings);
        set(lines.toArray(String[]::new));
    }

    /** A cluster that is made, and not started. Settings are lines of postgresql.conf. */
    public static PgCluster create(String... settings) {
        return createOf(PgInstallation.shared(), settings);
    }

    /** The same, whose log is kept under this name and a number. */
    public static PgCluster create(String test, List<String> settings) {
        return new PgCluster(PgInstallation.shared(), test, Optional.empty(), settings);
    }

    /** The same, of another installation. */
    public static PgCluster createOf(PgInstallation installation, String... settings) {
        return new PgCluster(installation, caller(), Optional.empty(), List.of(settings));
    }

    /** A running copy of a running cluster, which follows it until {@link #promote}. */
    public static PgCluster standbyOf(PgCluster primary) {
        PgCluster standby = new PgCluster(primary.installation, caller(), Optional.of(primary), List.of());
        try {
            standby.start();
            return standby;
        } catch (AssertionError e) {
            standby.close();
            throw e;
        }
    }

    private Path copyOf(PgCluster primary) {
        Path copy = installation.newDirectory(name);
        String data = copy.resolve("data").toString();
        Command.runAsOwner(
                copy.getParent(),
                installation.program("pg_basebackup"),
                "--pgdata=" + data,
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync",
                "--dbname=host=127.0.0.1 user=postgres port=" + primary.port);
        return copy;
    }

    /** A cluster that accepts connections. The worker may still be starting. */
    public static PgCluster started(String... settings) {
        return create(settings).startOrClose();
    }

    /** A cluster with {@code CREATE EXTENSION pg_net} done in database postgres. */
    public static PgCluster withExtension(String... settings) {
        return create(settings).startOrClose().createExtensionOrClose();
    }

    /** Starts this cluster. When that fails, the error ends with the server's log, and the cluster is gone. */
    public PgCluster startOrClose() {
        try {
            start();
            return this;
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    /** The same for {@code CREATE EXTENSION pg_net} in database postgres. */
    public PgCluster createExtensionOrClose() {
        try {
            execute("CREATE EXTENSION pg_net");
            return this;
        } catch (SQLException | AssertionError e) {
            String end = log.tail(30);
            close();
            throw new AssertionError(e.getMessage() + "\n" + end, e);
        }
    }

    /** Adds lines to postgresql.conf, to take effect at the next start or {@link #reload}. The last of a name counts. */
    public void set(String... settings) {
        String[] command = {"sh", "-c", "cat >> " + data() + "/postgresql.conf <<'end'\n" + lines(settings) + "end"};
        Command.runAsOwner(directory.getParent(), command);
    }

    /** Sets variables ({@code NAME=value}) of the server's environment, to take effect at the next start. */
    public void setEnvironment(String... assignments) {
        environment.clear();
        environment.addAll(List.of(assignments));
    }

    /** Sets how many files each process may open, as the soft and the hard limit, to take effect at the next start. */
    public void limitDescriptors(int soft, int hard) {
        limits = "ulimit -Sn " + soft + " && ulimit -Hn " + hard + " && ";
    }

    /** Sets how much stack each process may have, to take effect at the next start. */
    public void limitStack(int kilobytes) {
        limits = "ulimit -s " + kilobytes + " && ";
    }

    /** Starts the server and waits until it accepts connections, a recovery included. */
    public void start() {
        try {
            pgCtl(
                    "start",
                    "-w",
                    "-t",
                    "50",
                    "-l",
                    directory.resolve("server.log").toString());
        } catch (AssertionError e) {
            throw new AssertionError("The server did not start:\n" + log.tail(30) + "\n" + e.getMessage(), e);
        }
        running = true;
    }

    /** Stops the server and waits for its end. Returns how long that took. */
    public Duration stop(StopMode mode) {
        long start = System.nanoTime();
        pgCtl("stop", "-w", "-t", "50", "-m", mode.word());
        running = false;
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** A fast stop, and a start. */
    public void restart() {
        stop(StopMode.FAST);
        start();
    }

    /** Ends recovery, so that this standby is a primary; the one that it followed should be stopped before. */
    public void promote() {
        pgCtl("promote", "-w", "-t", "50");
    }

    /** Has the server read its configuration again; does not wait until every process has. */
    public void reload() {
        pgCtl("reload");
    }

    /**
     * Runs pg_upgrade: this cluster, new and never started, becomes what the other one is, which must be stopped.
     *
     * @return what the servers wrote to their logs meanwhile
     */
    public String upgradeFrom(PgCluster old) {
        Command.runAsOwner(
                directory,
                installation.program("pg_upgrade"),
                "--retain",
                "--username=postgres",
                "--old-bindir=" + old.installation.program(""),
                "--new-bindir=" + installation.program(""),
                "--old-datadir=" + old.data(),
                "--new-datadir=" + data(),
                "--old-port=" + old.port,
                "--new-port=" + port,
                "--socketdir=" + directory);
        return Command.runAsOwner(directory, "sh", "-c", "cat data/pg_upgrade_output.d/*/log/pg_upgrade_server.log");
    }

    /** A session as superuser in database postgres. */
    public Session session() throws SQLException {
        return session("postgres", "postgres");
    }

    /** A session in a database as a role, which needs no password. */
    public Session session(String database, String role) throws SQLException {
        return Session.open(jdbcUrl(database), role, "");
    }

    /** A connection as superuser to database postgres, without a limit to how long its statements take. */
    public Connection connect() throws SQLException {
        return connect("postgres", "postgres");
    }

    /** A connection to a database as a role, which needs no password. */
    public Connection connect(String database, String role) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), role, "");
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Runs statements as superuser in database postgres, on a connection of their own, each a transaction. */
    public void execute(String... statements) throws SQLException {
        try (Session session = Session.of(connect())) {
            session.execute(statements);
        }
    }

    /** The first column of the first row, as text; empty when there is no row or it is null. */
    public Optional<String> query(String sql) throws SQLException {
        try (Session session = Session.of(connect())) {
            return session.query(sql);
        }
    }

    /** What psql prints for statements, unaligned and without headings. Stops at the first error, which it throws. */
    public String psql(String sql) {
        return Command.run(
                        directory.getParent(),
                        Map.of(),
                        List.of(
                                installation.program("psql"),
                                "-XAtq",
                                "-v",
                                "ON_ERROR_STOP=1",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                "" + port,
                                "-U",
                                "postgres",
                                "-d",
                                "postgres",
                                "-c",
                                sql))
                .strip();
    }

    /** The process of the worker that serves a database now, if there is one. */
    public Optional<Long> workerPid(String database) throws SQLException {
        return query("SELECT pid FROM pg_stat_activity WHERE backend_type LIKE '%pg_net%' AND datname = '" + database
                        + "'")
                .map(Long::valueOf);
    }

    /** Waits for the worker of database postgres, and returns its process. */
    public long awaitWorker() {
        return Eventually.get("a worker", WORKER_START, () -> workerPid("postgres"));
    }

    /** Sends a signal, {@code TERM} or {@code KILL} for example, to a process of this cluster. */
    public void signal(long pid, String signal) {
        // The shell's own: /bin/kill is not on every machine.
        Command.runAsOwner(directory.getParent(), "sh", "-c", "kill -" + signal + " " + pid);
    }

    /**
     * Stops a process, {@link #signal} with {@code CONT} lets it go on, once it has nothing to do: one that holds a lock would stop
     * others, too.
     */
    public void stopAtRest(long pid) {
        Eventually.until("process " + pid + " rests", WORKER_START, () -> {
            long before = wakeUps(pid);
            Thread.sleep(REST_MILLIS);
            return wakeUps(pid) == before;
        });
        signal(pid, "STOP");
    }

    private static long wakeUps(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.contains("ctxt_switches"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    /** The server's log. */
    public ServerLog log() {
        return log;
    }

    /** The TCP port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** The data directory, readable for the server's user alone. */
    public Path data() {
        return directory.resolve("data");
    }

    /** Stops the server as it is, keeps its log in {@code target/cluster-logs}, and removes the cluster. */
    @Override
    public void close() {
        if (running) {
            stop(StopMode.IMMEDIATE);
        }
        log.keep(name);
        Command.runAsOwner(directory.getParent(), "rm", "-rf", directory.toString());
    }

    /** The class of the test that makes the cluster. */
    private static String caller() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.map(StackWalker.StackFrame::getDeclaringClass)
                        .filter(caller -> caller != PgCluster.class)
                        .findFirst()
                        .map(Class::getSimpleName)
                        .orElse("cluster"));
    }

    private void pgCtl(String action, String... options) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", limits + "exec env \"$@\"", "env"));
        command.addAll(environment);
        command.addAll(List.of(installation.program("pg_ctl"), action, "-D", data().toString()));
        command.addAll(List.of(options));
        Command.runAsOwner(directory.getParent(), command.toArray(String[]::new));
    }

    private static String lines(String... settings) {
        return settings.length == 0 ? "" : String.join("\n", settings) + "\n";
    }
}
