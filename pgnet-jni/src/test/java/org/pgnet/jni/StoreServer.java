package org.pgnet.jni;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.curl.CurlLibrary;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.hosts.RequestTerms;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.Priority;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.Stages;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.Survey;

/**
 * In the place of the engine, in the worker's process: does with the store what {@link RemoteStore} asks for. Each call is a
 * connection of its own to a socket in the data directory. The worker's main thread.
 */
final class StoreServer {
    /** Relative to the data directory, in which the process runs. */
    static final String SOCKET = "store.socket";

    private static final int PAUSE_MILLIS = 2;
    /** As before the bodies that libcurl's sink has received. */
    private static final int ROOM = 16;
    /** As the engine has bodies prepared. */
    private static final int LARGE_BODY = 1 << 20;

    /** What the first byte of a call says. */
    enum Call {
        DRAIN,
        DRAIN_SCHEDULED,
        DRAIN_FREED,
        DRAIN_REMOVED,
        ABSENT,
        HEADS,
        SURVEY,
        FETCH_CHOSEN,
        DUE,
        FAILED,
        HASTEN,
        FETCH,
        REFUSE,
        SETTLE,
        EXPIRE,
        EXPIRE_ATTEMPTS,
        EXPIRE_DEAD
    }

    // Which kind of settlement follows.
    static final int ANSWERED = 0;
    static final int FAILED = 1;
    static final int POSTPONED = 2;
    /** The reason follows, and then how it ended. */
    static final int DEAD = 3;

    private final PostgresStore store = new PostgresStore(
            new CounterMemory(Postgres.counters()), new RequestTerms(() -> HostRules.NONE, new Origins()));
    private final List<Long> roomyBlocks = new ArrayList<>();

    private StoreServer() {}

    /** Serves until the worker is asked to end. */
    static void run() {
        CurlLibrary.initialise();
        StoreServer server = new StoreServer();
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.deleteIfExists(Path.of(SOCKET));
            socket.bind(UnixDomainSocketAddress.of(SOCKET));
            socket.configureBlocking(false);
            while (!Postgres.endRequested()) {
                Postgres.await(PAUSE_MILLIS);
                SocketChannel connection = socket.accept();
                if (connection != null) {
                    server.answer(connection);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(SocketChannel connection) throws IOException {
        try (connection;
                DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(connection)));
                DataOutputStream out =
                        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(connection)))) {
            try {
                answer(Call.values()[in.readByte()], in, out);
            } catch (StoreException refusal) {
                out.writeBoolean(false);
                out.writeByte(refusal.kind().ordinal());
                out.writeUTF(refusal.sqlState());
                out.writeUTF(refusal.getMessage());
            }
        }
    }

    private void answer(Call call, DataInputStream in, DataOutputStream out) throws IOException {
        switch (call) {
            case DRAIN -> writeCommitted(store.drainCommitted(), out);
            case DRAIN_FREED -> {
                List<OrderKey> freed = store.drainFreed();
                out.writeBoolean(true);
                out.writeInt(freed.size());
                for (OrderKey key : freed) {
                    out.writeLong(key.owner());
                    out.writeUTF(key.name());
                }
            }
            case DRAIN_REMOVED -> {
                boolean wereSome = store.drainRemoved();
                out.writeBoolean(true);
                out.writeBoolean(wereSome);
            }
            case ABSENT -> {
                List<RequestKey> keys = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    keys.add(new RequestKey(in.readLong(), in.readLong()));
                }
                List<RequestKey> absent = store.absent(keys);
                out.writeBoolean(true);
                out.writeInt(absent.size());
                for (RequestKey key : absent) {
                    out.writeLong(key.id());
                    out.writeLong(key.version());
                }
            }
            case HEADS -> {
                List<OrderKey> keys = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    keys.add(new OrderKey(in.readLong(), in.readUTF()));
                }
                List<Long> heads = store.heads(keys);
                out.writeBoolean(true);
                out.writeInt(heads.size());
                for (long id : heads) {
                    out.writeLong(id);
                }
            }
            case SURVEY -> writeSurvey(store.survey(in.readLong(), in.readLong()), out);
            case FETCH_CHOSEN -> {
                long[] ids = new long[in.readInt()];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = in.readLong();
                }
                writeFetched(store.fetch(ids, in.readLong()), out);
            }
            case DRAIN_SCHEDULED -> {
                Optional<Instant> scheduled = store.drainScheduled();
                out.writeBoolean(true);
                out.writeLong(Micros.of(scheduled.orElse(Instant.MAX)));
            }
            case DUE -> {
                DueIds.Place from = new DueIds.Place(Micros.moment(in.readLong()), in.readLong());
                writeDue(store.due(from, in.readInt()), out);
            }
            case FAILED -> writeFailed(store.failed(in.readLong(), in.readLong(), in.readInt()), out);
            case HASTEN -> {
                List<Long> ids = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    ids.add(in.readLong());
                }
                store.hasten(ids);
                out.writeBoolean(true);
            }
            case FETCH -> writeFetched(store.fetch(in.readLong(), in.readLong(), in.readInt(), in.readLong()), out);
            case REFUSE -> {
                List<DueRequest> refused = store.refuse(in.readLong(), in.readLong(), in.readUTF()).stream()
                        .toList();
                writeFetched(Fetched.all(refused), out);
            }
            case SETTLE -> settle(in, out);
            case EXPIRE_ATTEMPTS -> {
                Duration next = store.expireAttempts(Duration.ofNanos(in.readLong()), in.readInt());
                out.writeBoolean(true);
                out.writeLong(next.toNanos());
            }
            case EXPIRE_DEAD -> {
                Duration next = store.expireDead(Duration.ofNanos(in.readLong()), in.readInt());
                out.writeBoolean(true);
                out.writeLong(next.toNanos());
            }
            case EXPIRE -> {
                Duration next = store.expire(Duration.ofNanos(in.readLong()), in.readInt());
                out.writeBoolean(true);
                out.writeLong(next.toNanos());
            }
        }
    }

    private static void writeCommitted(List<Committed> committed, DataOutputStream out) throws IOException {
        out.writeBoolean(true);
        out.writeInt(committed.size());
        for (Committed each : committed) {
            out.writeLong(each.ids().first());
            out.writeLong(each.ids().last());
            out.writeBoolean(each.line().isPresent());
            if (each.line().isPresent()) {
                out.writeLong(each.line().get().owner());
                out.writeUTF(each.line().get().priority().name());
            }
        }
    }

    private static void writeSurvey(Survey survey, DataOutputStream out) throws IOException {
        out.writeBoolean(true);
        out.writeBoolean(survey.complete());
        out.writeLong(survey.last());
        out.writeInt(survey.rows());
        out.writeInt(survey.runs().size());
        for (Survey.Run run : survey.runs()) {
            out.writeLong(run.ids().first());
            out.writeLong(run.ids().last());
            out.writeLong(run.owner());
            out.writeLong(run.origin());
            out.writeUTF(run.priority().name());
            out.writeInt(run.count());
        }
    }

    private static void writeDue(DueIds due, DataOutputStream out) throws IOException {
        out.writeBoolean(true);
        out.writeLong(Micros.of(due.reached().due()));
        out.writeLong(due.reached().id());
        out.writeLong(Micros.of(due.next().orElse(Instant.MAX)));
        out.writeInt(due.ids().size());
        for (long id : due.ids()) {
            out.writeLong(id);
        }
    }

    private static void writeFailed(FailedRequests failed, DataOutputStream out) throws IOException {
        out.writeBoolean(true);
        out.writeLong(failed.reached());
        out.writeBoolean(failed.complete());
        out.writeInt(failed.requests().size());
        for (FailedRequests.Attempted request : failed.requests()) {
            out.writeLong(request.id());
            out.writeUTF(request.url());
            out.writeBoolean(request.isMessage());
        }
    }

    private static void writeFetched(Fetched fetched, DataOutputStream out) throws IOException {
        out.writeBoolean(true);
        out.writeBoolean(fetched.complete());
        out.writeLong(fetched.last());
        out.writeInt(fetched.requests().size());
        for (DueRequest request : fetched.requests()) {
            out.writeLong(request.key().id());
            out.writeLong(request.key().version());
            out.writeLong(request.owner());
            writeDelivery(request.delivery(), out);
            out.writeUTF(request.refusal().orElse(""));
            out.writeUTF(request.http().method());
            out.writeUTF(request.http().url());
            writeBytes(request.http().headersJson(), out);
            writeBytes(request.http().body().toByteArray(), out);
            out.writeInt(request.http().timeoutMillis());
            request.http().body().close();
        }
    }

    /** Answers with what is in the settlements' memory afterwards, too. */
    private void settle(DataInputStream in, DataOutputStream out) throws IOException {
        List<Settlement> settlements = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            settlements.add(readSettlement(in));
        }
        List<PostgresStore.Disposition> dispositions = store.settle(settlements);
        out.writeBoolean(true);
        for (int i = 0; i < settlements.size(); i++) {
            out.writeByte(dispositions.get(i).ordinal());
            if (settlements.get(i) instanceof Settlement.Answered answered) {
                writeBytes(answered.headerBlock().toByteArray(), out);
                writeBytes(answered.body().toByteArray(), out);
                answered.headerBlock().close();
                answered.prepared().close();
            }
        }
        roomyBlocks.forEach(Native::free);
        roomyBlocks.clear();
    }

    private Settlement readSettlement(DataInputStream in) throws IOException {
        HttpRequest sent = new HttpRequest("", "", new byte[0], NativeBytes.empty(), 0);
        DueRequest request = new DueRequest(new RequestKey(in.readLong(), in.readLong()), 0, sent, readDelivery(in));
        Instant completed = Instant.ofEpochSecond(in.readLong(), in.readInt());
        Duration duration = Duration.ofNanos(in.readLong());
        int attempts = in.readInt();
        int kind = in.readByte();
        if (kind == DEAD) {
            DeadReason reason = DeadReason.valueOf(in.readUTF());
            return new Settlement.Dead(readSettlement(in), reason);
        }
        if (kind == POSTPONED) {
            return new Settlement.Postponed(
                    request,
                    completed,
                    duration,
                    attempts,
                    in.readInt(),
                    in.readBoolean(),
                    in.readUTF(),
                    Micros.moment(in.readLong()),
                    in.readInt(),
                    Optional.of(Micros.moment(in.readLong())).filter(moment -> !moment.equals(Instant.MIN)));
        }
        if (kind == FAILED) {
            return new Settlement.Failed(
                    request,
                    completed,
                    duration,
                    attempts,
                    FailureKind.valueOf(in.readUTF()),
                    in.readUTF(),
                    in.readBoolean(),
                    Stages.UNKNOWN);
        }
        int status = in.readInt();
        NativeBytes headers = NativeBytes.copyOf(readBytes(in));
        NativeBytes body = withRoom(readBytes(in));
        NativeBytes prepared = body.length() < LARGE_BODY
                ? NativeBytes.empty()
                : new Lz4Compressor().prepare(body).orElse(NativeBytes.empty());
        return new Settlement.Answered(request, completed, duration, attempts, status, headers, body, prepared);
    }

    private NativeBytes withRoom(byte[] bytes) {
        if (bytes.length == 0) {
            return NativeBytes.empty();
        }
        long block = Native.malloc(ROOM + bytes.length);
        roomyBlocks.add(block);
        new Pointer(block).write(ROOM, bytes, 0, bytes.length);
        return new NativeBytes(block + ROOM, bytes.length);
    }

    static void writeDelivery(Delivery delivery, DataOutputStream out) throws IOException {
        out.writeUTF(delivery.policy());
        out.writeLong(Micros.of(delivery.created()));
        out.writeLong(Micros.of(delivery.expires().orElse(Instant.MAX)));
        out.writeUTF(delivery.priority().name());
        out.writeUTF(delivery.orderKey());
        out.writeLong(Micros.of(delivery.firstDue()));
        out.writeInt(delivery.attempts());
        out.writeInt(delivery.counted());
        out.writeBoolean(delivery.isKept());
    }

    static Delivery readDelivery(DataInputStream in) throws IOException {
        return new Delivery(
                in.readUTF(),
                Micros.moment(in.readLong()),
                Optional.of(Micros.moment(in.readLong())).filter(moment -> !moment.equals(Instant.MAX)),
                Priority.valueOf(in.readUTF()),
                in.readUTF(),
                Micros.moment(in.readLong()),
                in.readInt(),
                in.readInt(),
                in.readBoolean());
    }

    static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static byte[] readBytes(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }
}
