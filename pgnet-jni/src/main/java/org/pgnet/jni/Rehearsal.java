package org.pgnet.jni;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.pgnet.worker.WorkerAgent;
import org.pgnet.worker.hosts.HostTable;
import org.pgnet.worker.hosts.RequestTerms;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.secrets.SecretTable;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Line;

/**
 * The worker without PostgreSQL, for two requests to a server of its own on loopback. Run once at installation, so that the
 * JVM archives the classes which a worker loads: the next worker starts faster, and its classes are memory that all
 * workers share.
 */
final class Rehearsal {
    private static final int REQUESTS = 2;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Length: 2\r\nConnection: close\r\n\r\nok";

    private Rehearsal() {}

    /**
     * Runs the rehearsal.
     *
     * @throws IllegalStateException when a request was not answered
     * @throws IOException when no server can be made on loopback
     */
    public static void main(String[] arguments) throws IOException, ClassNotFoundException {
        for (Class<?> ofTheProcess : new Class<?>[] {
            Postgres.class,
            PostgresHost.class,
            CaBundle.class,
            SettingValues.class,
            PostgresStore.class,
            ExpiryPass.class,
            RequestReader.class,
            WorkerMain.class,
            Contract.class,
            PackedRequest.class,
            PackedBatch.class,
            BatchRecording.class,
            Manner.class,
            Micros.class,
            CommittedReader.class,
            Lane.class,
            Line.class,
            OrderKeyName.class,
            PolicyReader.class,
            HostRowReader.class,
            WatchedHosts.class,
            WebhookRowReader.class,
            ProbeRowReader.class,
            SecretRowReader.class,
            WatchedSecrets.class,
            Lz4Compressor.class,
            Reading.class,
            CounterMemory.class,
            Counter.class
        }) {
            Class.forName(ofTheProcess.getName());
        }
        WorkerMain.loadLibcurl();
        new CaBundle().name("/");
        new SecretTable((owner, secret) -> false, Clock.SYSTEM).close();
        Micros.moment(Micros.of(Instant.EPOCH));
        PostgresHost.sorted(new long[] {2, 1});
        new CounterMemory(ByteBuffer.allocateDirect(Counter.values().length * Long.BYTES)).addInFlight(1);
        try (ServerSocket server = new ServerSocket(0, REQUESTS, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(TIMEOUT_MILLIS);
            Thread answering = new Thread(() -> answer(server));
            answering.setDaemon(true);
            answering.start();
            rehearse("http://" + server.getInetAddress().getHostAddress() + ":" + server.getLocalPort() + "/");
        }
    }

    private static void rehearse(String url) {
        MemoryStore store = new MemoryStore();
        MemoryHost host = new MemoryHost(store);
        host.settings(MemorySettings.of(
                        "pg_net.batch_size", 1, "pg_net.max_response_size", 1024, "pg_net.max_response_memory", 1 << 20)
                .with(new HostTable(List.of(), (owner, roles) -> false).followedBy(List.of(), List.of(), Set.of())));
        OutcomeWriter writer = new OutcomeWriter(new RequestTerms(() -> HostRules.NONE, new Origins()));
        // The first waits when the worker starts, the others are committed while it runs.
        store.beforeRecord(settlements -> {
            writer.write(settlements);
            if (store.responses().size() + settlements.size() < REQUESTS) {
                request(store, url);
                host.ring();
            } else {
                host.requestEnd();
            }
        });
        request(store, url);
        try (WorkerAgent agent = new WorkerAgent(host)) {
            agent.run();
        }
        Collection<MemoryStore.Stored> stored = store.responses().values();
        if (stored.size() != REQUESTS || stored.stream().anyMatch(each -> each.status() != 200)) {
            throw new IllegalStateException("the rehearsal's requests failed: " + stored);
        }
    }

    private static void request(MemoryStore store, String url) {
        long id = store.insert("GET", url, "{\"Accept\": \"*/*\"}", "", TIMEOUT_MILLIS);
        store.commit(new IdRange(id, id));
    }

    private static void answer(ServerSocket server) {
        for (int i = 0; i < REQUESTS; i++) {
            try (Socket connection = server.accept()) {
                connection.getInputStream().read(new byte[4096]);
                connection.getOutputStream().write(RESPONSE.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
