package org.pgnet.jni;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.pgnet.curl.NativeBytes;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Line;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.Priority;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.Survey;

/** The store of a worker in which {@link StoreServer} runs. */
final class RemoteStore implements RequestStore, RequestQueue {
    private static final Duration WORKER_START = Duration.ofSeconds(20);

    private final UnixDomainSocketAddress address;

    /** @param data the data directory of the worker's cluster */
    RemoteStore(Path data) {
        address = UnixDomainSocketAddress.of(data.resolve(StoreServer.SOCKET));
    }

    private interface Arguments {
        void write(DataOutputStream out) throws IOException;
    }

    private interface Result<T> {
        T read(DataInputStream in) throws IOException;
    }

    @Override
    public List<Committed> drainCommitted() {
        return call(StoreServer.Call.DRAIN, out -> {}, in -> {
            List<Committed> committed = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                IdRange ids = new IdRange(in.readLong(), in.readLong());
                Optional<Line> line = in.readBoolean()
                        ? Optional.of(new Line(in.readLong(), Priority.valueOf(in.readUTF())))
                        : Optional.empty();
                committed.add(new Committed(ids, line));
            }
            return committed;
        });
    }

    @Override
    public List<OrderKey> drainFreed() {
        return call(StoreServer.Call.DRAIN_FREED, out -> {}, in -> {
            List<OrderKey> freed = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                freed.add(new OrderKey(in.readLong(), in.readUTF()));
            }
            return freed;
        });
    }

    @Override
    public List<Long> heads(List<OrderKey> keys) {
        Arguments arguments = out -> {
            out.writeInt(keys.size());
            for (OrderKey key : keys) {
                out.writeLong(key.owner());
                out.writeUTF(key.name());
            }
        };
        return call(StoreServer.Call.HEADS, arguments, in -> {
            List<Long> heads = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                heads.add(in.readLong());
            }
            return heads;
        });
    }

    @Override
    public boolean drainRemoved() {
        return call(StoreServer.Call.DRAIN_REMOVED, out -> {}, DataInputStream::readBoolean);
    }

    @Override
    public List<RequestKey> absent(List<RequestKey> keys) {
        Arguments arguments = out -> {
            out.writeInt(keys.size());
            for (RequestKey key : keys) {
                out.writeLong(key.id());
                out.writeLong(key.version());
            }
        };
        return call(StoreServer.Call.ABSENT, arguments, in -> {
            List<RequestKey> absent = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                absent.add(new RequestKey(in.readLong(), in.readLong()));
            }
            return absent;
        });
    }

    @Override
    public Survey survey(long first, long last) {
        Arguments arguments = out -> {
            out.writeLong(first);
            out.writeLong(last);
        };
        return call(StoreServer.Call.SURVEY, arguments, in -> {
            boolean complete = in.readBoolean();
            long lookedAt = in.readLong();
            int rows = in.readInt();
            List<Survey.Run> runs = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                runs.add(new Survey.Run(
                        new IdRange(in.readLong(), in.readLong()),
                        in.readLong(),
                        in.readLong(),
                        Priority.valueOf(in.readUTF()),
                        in.readInt()));
            }
            return new Survey(runs, complete, lookedAt, rows);
        });
    }

    @Override
    public Fetched fetch(long[] ids, long maxBodyBytes) {
        Arguments arguments = out -> {
            out.writeInt(ids.length);
            for (long id : ids) {
                out.writeLong(id);
            }
            out.writeLong(maxBodyBytes);
        };
        return call(StoreServer.Call.FETCH_CHOSEN, arguments, RemoteStore::readFetched);
    }

    @Override
    public Optional<Instant> drainScheduled() {
        return call(StoreServer.Call.DRAIN_SCHEDULED, out -> {}, RemoteStore::readMoment);
    }

    @Override
    public DueIds due(DueIds.Place from, int limit) {
        Arguments arguments = out -> {
            out.writeLong(Micros.of(from.due()));
            out.writeLong(from.id());
            out.writeInt(limit);
        };
        return call(StoreServer.Call.DUE, arguments, in -> {
            DueIds.Place reached = new DueIds.Place(Micros.moment(in.readLong()), in.readLong());
            Optional<Instant> next = readMoment(in);
            List<Long> ids = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                ids.add(in.readLong());
            }
            return new DueIds(ids, reached, next);
        });
    }

    private static Optional<Instant> readMoment(DataInputStream in) throws IOException {
        return Optional.of(Micros.moment(in.readLong())).filter(moment -> !moment.equals(Instant.MAX));
    }

    @Override
    public FailedRequests failed(long owner, long after, int limit) {
        Arguments arguments = out -> {
            out.writeLong(owner);
            out.writeLong(after);
            out.writeInt(limit);
        };
        return call(StoreServer.Call.FAILED, arguments, in -> {
            long reached = in.readLong();
            boolean complete = in.readBoolean();
            List<FailedRequests.Attempted> requests = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                requests.add(new FailedRequests.Attempted(in.readLong(), in.readUTF(), in.readBoolean()));
            }
            return new FailedRequests(requests, reached, complete);
        });
    }

    @Override
    public void hasten(List<Long> ids) {
        Arguments arguments = out -> {
            out.writeInt(ids.size());
            for (long id : ids) {
                out.writeLong(id);
            }
        };
        call(StoreServer.Call.HASTEN, arguments, in -> true);
    }

    @Override
    public Fetched fetch(long first, long last, int limit, long maxBodyBytes) {
        Arguments arguments = out -> {
            out.writeLong(first);
            out.writeLong(last);
            out.writeInt(limit);
            out.writeLong(maxBodyBytes);
        };
        return call(StoreServer.Call.FETCH, arguments, RemoteStore::readFetched);
    }

    @Override
    public Optional<DueRequest> refuse(long first, long last, String reason) {
        Arguments arguments = out -> {
            out.writeLong(first);
            out.writeLong(last);
            out.writeUTF(reason);
        };
        return call(StoreServer.Call.REFUSE, arguments, RemoteStore::readFetched).requests().stream()
                .findFirst();
    }

    @Override
    public List<Disposition> settle(List<Settlement> settlements) {
        Arguments arguments = out -> {
            out.writeInt(settlements.size());
            for (Settlement settlement : settlements) {
                write(settlement, out);
            }
        };
        return call(StoreServer.Call.SETTLE, arguments, in -> {
            List<Disposition> dispositions = new ArrayList<>();
            for (Settlement settlement : settlements) {
                dispositions.add(Disposition.values()[in.readByte()]);
                if (settlement instanceof Settlement.Answered answered) {
                    requireUnchanged(answered.headerBlock(), StoreServer.readBytes(in));
                    requireUnchanged(answered.body(), StoreServer.readBytes(in));
                }
            }
            return dispositions;
        });
    }

    @Override
    public Duration expire(Duration ttl, int limit) {
        Arguments arguments = out -> {
            out.writeLong(ttl.toNanos());
            out.writeInt(limit);
        };
        return call(StoreServer.Call.EXPIRE, arguments, in -> Duration.ofNanos(in.readLong()));
    }

    @Override
    public Duration expireAttempts(Duration ttl, int limit) {
        Arguments arguments = out -> {
            out.writeLong(ttl.toNanos());
            out.writeInt(limit);
        };
        return call(StoreServer.Call.EXPIRE_ATTEMPTS, arguments, in -> Duration.ofNanos(in.readLong()));
    }

    @Override
    public Duration expireDead(Duration ttl, int limit) {
        Arguments arguments = out -> {
            out.writeLong(ttl.toNanos());
            out.writeInt(limit);
        };
        return call(StoreServer.Call.EXPIRE_DEAD, arguments, in -> Duration.ofNanos(in.readLong()));
    }

    private <T> T call(StoreServer.Call call, Arguments arguments, Result<T> result) {
        try (SocketChannel connection = Eventually.get("a worker that serves its store", WORKER_START, this::connect);
                DataOutputStream out =
                        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(connection)));
                DataInputStream in =
                        new DataInputStream(new BufferedInputStream(Channels.newInputStream(connection)))) {
            out.writeByte(call.ordinal());
            arguments.write(out);
            out.flush();
            if (in.readBoolean()) {
                return result.read(in);
            }
            throw new StoreException(StoreException.Kind.values()[in.readByte()], in.readUTF(), in.readUTF());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty while there is no worker that listens. */
    private Optional<SocketChannel> connect() {
        try {
            return Optional.of(SocketChannel.open(address));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    private static Fetched readFetched(DataInputStream in) throws IOException {
        boolean complete = in.readBoolean();
        long last = in.readLong();
        List<DueRequest> requests = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            requests.add(readRequest(in));
        }
        return new Fetched(requests, complete, last);
    }

    private static DueRequest readRequest(DataInputStream in) throws IOException {
        RequestKey key = new RequestKey(in.readLong(), in.readLong());
        long owner = in.readLong();
        Delivery delivery = StoreServer.readDelivery(in);
        String refusal = in.readUTF();
        String method = in.readUTF();
        String url = in.readUTF();
        byte[] headersJson = StoreServer.readBytes(in);
        NativeBytes body = NativeBytes.copyOf(StoreServer.readBytes(in));
        HttpRequest http = new HttpRequest(method, url, headersJson, body, in.readInt());
        return refusal.isEmpty()
                ? new DueRequest(key, owner, http, delivery)
                : DueRequest.refused(key, owner, delivery, refusal);
    }

    private static void write(Settlement settlement, DataOutputStream out) throws IOException {
        out.writeLong(settlement.request().key().id());
        out.writeLong(settlement.request().key().version());
        StoreServer.writeDelivery(settlement.request().delivery(), out);
        out.writeLong(settlement.completed().getEpochSecond());
        out.writeInt(settlement.completed().getNano());
        out.writeLong(settlement.duration().toNanos());
        out.writeInt(settlement.attempts());
        settlement
                .match(new Settlement.Cases<Arguments>() {
                    @Override
                    public Arguments answered(Settlement.Answered answered) {
                        return it -> {
                            it.writeByte(StoreServer.ANSWERED);
                            it.writeInt(answered.status());
                            StoreServer.writeBytes(answered.headerBlock().toByteArray(), it);
                            StoreServer.writeBytes(answered.body().toByteArray(), it);
                        };
                    }

                    @Override
                    public Arguments failed(Settlement.Failed failed) {
                        return it -> {
                            it.writeByte(StoreServer.FAILED);
                            it.writeUTF(failed.kind().name());
                            it.writeUTF(failed.message());
                            it.writeBoolean(failed.bare());
                        };
                    }

                    @Override
                    public Arguments postponed(Settlement.Postponed postponed) {
                        return it -> {
                            it.writeByte(StoreServer.POSTPONED);
                            it.writeInt(postponed.status());
                            it.writeBoolean(postponed.timedOut());
                            it.writeUTF(postponed.message());
                            it.writeLong(Micros.of(postponed.due()));
                            it.writeInt(postponed.counted());
                            it.writeLong(Micros.of(postponed.leftAloneUntil().orElse(Instant.MIN)));
                        };
                    }

                    @Override
                    public Arguments dead(Settlement.Dead dead) {
                        return it -> {
                            it.writeByte(StoreServer.DEAD);
                            it.writeUTF(dead.reason().name());
                            RemoteStore.write(dead.outcome(), it);
                        };
                    }
                })
                .write(out);
    }

    private static void requireUnchanged(NativeBytes sent, byte[] afterwards) {
        if (!Arrays.equals(sent.toByteArray(), afterwards)) {
            throw new AssertionError("the store changed memory that is its caller's");
        }
    }
}
