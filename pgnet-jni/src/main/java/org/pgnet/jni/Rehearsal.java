package org.pgnet.jni;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.WorkerAgent;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.QueuedRequest;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.RowVersion;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.WorkerHost;

/**
 * The worker without PostgreSQL, for one request to a server of its own on loopback. Run once at installation, so that the
 * JVM archives the classes which a worker loads: the next worker starts faster, and its classes are memory that all
 * workers share.
 */
final class Rehearsal implements WorkerHost, RequestStore {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int JOURNAL_BYTES = 1024 * 24;
    private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Length: 2\r\nConnection: close\r\n\r\nok";

    private final ServerSocket server;
    private final OutcomeWriter writer = new OutcomeWriter();
    private final ByteBuffer journal = ByteBuffer.allocateDirect(JOURNAL_BYTES);
    private final Object bell = new Object();
    private boolean rung;
    private boolean sent;
    private boolean answered;

    private Rehearsal(ServerSocket server) {
        this.server = server;
    }

    /**
     * Runs the rehearsal.
     *
     * @throws IllegalStateException when the request was not answered
     * @throws IOException when no server can be made on loopback
     */
    public static void main(String[] arguments) throws IOException, ClassNotFoundException {
        Class.forName(Postgres.class.getName());
        Class.forName(PostgresHost.class.getName());
        Class.forName(SettingValues.class.getName());
        Class.forName(PostgresStore.class.getName());
        Class.forName(RequestReader.class.getName());
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(TIMEOUT_MILLIS);
            Thread answering = new Thread(() -> answerOnce(server));
            answering.setDaemon(true);
            answering.start();
            Rehearsal rehearsal = new Rehearsal(server);
            try (WorkerAgent agent = new WorkerAgent(rehearsal, rehearsal, BodyPreparer.NONE)) {
                agent.run();
            }
        }
    }

    private static void answerOnce(ServerSocket server) {
        try (Socket connection = server.accept()) {
            connection.getInputStream().read(new byte[4096]);
            connection.getOutputStream().write(RESPONSE.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        if (sent) {
            return new Fetched(List.of(), true);
        }
        sent = true;
        String url = "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.getLocalPort() + "/";
        byte[] headersJson = "{\"Accept\": \"*/*\"}".getBytes(StandardCharsets.US_ASCII);
        QueuedRequest request = new QueuedRequest(
                new RowVersion(1, 1, 1), "GET", url, headersJson, NativeBytes.empty(), TIMEOUT_MILLIS);
        return new Fetched(List.of(request), true);
    }

    @Override
    public List<Disposition> record(List<Outcome> outcomes) {
        writer.write(outcomes);
        if (!(outcomes.get(0) instanceof Outcome.Response)) {
            throw new IllegalStateException("the rehearsal's request failed: " + outcomes.get(0));
        }
        answered = true;
        ring();
        return Collections.nCopies(outcomes.size(), Disposition.RECORDED);
    }

    @Override
    public Duration expire(Duration ttl, int limit) {
        return ttl;
    }

    @Override
    public void await(long timeoutMillis) {
        long millis = timeoutMillis < 0 ? TIMEOUT_MILLIS : timeoutMillis;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (bell) {
            try {
                while (!rung && deadline - System.nanoTime() > 0) {
                    bell.wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            rung = false;
        }
    }

    @Override
    public void ring() {
        synchronized (bell) {
            rung = true;
            bell.notifyAll();
        }
    }

    @Override
    public List<IdRange> drainCommitted() {
        return sent ? List.of() : List.of(new IdRange(Long.MIN_VALUE, Long.MAX_VALUE));
    }

    @Override
    public void announce(long[] ids) {}

    @Override
    public void announce(IdRange ids) {}

    @Override
    public Settings settings() {
        return MemorySettings.of(
                "pg_net.batch_size", 1,
                "pg_net.max_response_size", 1024,
                "pg_net.max_response_memory", 1 << 20);
    }

    @Override
    public boolean endRequested() {
        return answered;
    }

    @Override
    public void reportActivity(boolean active) {}

    @Override
    public void addInFlight(int change) {}

    @Override
    public ByteBuffer journal() {
        return journal;
    }

    @Override
    public boolean takeAbnormalEnd() {
        return false;
    }

    @Override
    public void log(String message) {}

    @Override
    public void warn(String message) {
        throw new IllegalStateException(message);
    }
}
