package org.pgnet.testkit.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ServerSocketFactory;
import org.pgnet.testkit.machine.FreePort;

/**
 * An HTTP/1.1 server on 127.0.0.1 that keeps connections and remembers what it was asked. A thread for each connection;
 * fast enough (tens of thousands of requests a second) not to be what a test measures.
 *
 * <table>
 * <caption>What it answers, unless {@link #handle} says otherwise</caption>
 * <tr><td>{@code /get}, any other path</td><td>200, JSON: method and target</td></tr>
 * <tr><td>{@code /post}</td><td>200, the request's body and Content-Type</td></tr>
 * <tr><td>{@code /delay?ms=N}</td><td>200, after N milliseconds</td></tr>
 * <tr><td>{@code /status/N}</td><td>status N</td></tr>
 * <tr><td>{@code /drop}</td><td>nothing: the connection is closed</td></tr>
 * <tr><td>{@code /hang}</td><td>nothing, until the fixture is closed</td></tr>
 * </table>
 *
 * Requests are remembered by their query parameter {@code id}; those without one are only counted.
 */
public final class HttpServerFixture implements AutoCloseable {
    private final Map<String, Responder> responders = new ConcurrentHashMap<>();
    private final Map<String, List<ReceivedRequest>> byId = new ConcurrentHashMap<>();
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong hanging = new AtomicLong();
    private final Connections connections;

    private HttpServerFixture(int port, Map<String, Responder> responders) {
        this.responders.putAll(responders);
        this.connections = Connections.serve(
                Connections.listen(ServerSocketFactory.getDefault(), "127.0.0.1", port),
                "http-server-fixture",
                socket -> new HttpConnection(socket, this::answer).serve());
    }

    /** A server on a free port. */
    public static HttpServerFixture start() {
        return startOn(FreePort.next());
    }

    /** A server on this port: one that was away is back. */
    public static HttpServerFixture startOn(int port) {
        return startOn(port, Map.of());
    }

    /** The same, which answers these paths, the query not counted, like this from its first request on. */
    public static HttpServerFixture startOn(int port, Map<String, Responder> responders) {
        return new HttpServerFixture(port, responders);
    }

    /** What a path, the query not counted, is to be answered with from now on. */
    public void handle(String path, Responder responder) {
        responders.put(path, responder);
    }

    /** The address of a path on this server. */
    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    /** The port it listens on. */
    public int port() {
        return connections.port();
    }

    /** How many requests were read so far. */
    public long requests() {
        return count.get();
    }

    /** How many connections were accepted so far. */
    public long connections() {
        return connections.accepted();
    }

    /** How many requests to {@code /hang} are open now. */
    public long hanging() {
        return hanging.get();
    }

    /** The requests with query parameter {@code id}, in the order they came. */
    public List<ReceivedRequest> received(String id) {
        return List.copyOf(byId.getOrDefault(id, List.of()));
    }

    /** The ids that came, each with its requests. */
    public Map<String, List<ReceivedRequest>> received() {
        return Map.copyOf(byId);
    }

    /** Closes every connection and stops listening. */
    @Override
    public void close() {
        connections.close();
    }

    private Optional<Reply> answer(ReceivedRequest request) throws InterruptedException {
        count.incrementAndGet();
        request.parameter("id")
                .ifPresent(id -> byId.computeIfAbsent(id, key -> new CopyOnWriteArrayList<>())
                        .add(request));
        Responder responder = responders.get(request.path());
        return responder == null ? standard(request) : responder.answer(request);
    }

    private Optional<Reply> standard(ReceivedRequest request) throws InterruptedException {
        String path = request.path();
        if (path.equals("/drop")) {
            return Optional.empty();
        }
        if (path.equals("/hang")) {
            return hang();
        }
        if (path.equals("/post")) {
            String type = request.header("content-type").orElse("application/octet-stream");
            return Optional.of(new Reply(200, List.of("Content-Type: " + type), request.body()));
        }
        if (path.startsWith("/status/")) {
            return Optional.of(Reply.text(Integer.parseInt(path.substring("/status/".length())), "as asked"));
        }
        if (path.equals("/delay")) {
            Thread.sleep(Long.parseLong(request.parameter("ms").orElse("1000")));
        }
        return Optional.of(
                Reply.json("{\"method\": \"" + request.method() + "\", \"target\": \"" + request.target() + "\"}"));
    }

    private Optional<Reply> hang() throws InterruptedException {
        hanging.incrementAndGet();
        try {
            Thread.sleep(Long.MAX_VALUE);
            return Optional.empty();
        } finally {
            hanging.decrementAndGet();
        }
    }
}
