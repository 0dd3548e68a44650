package org.pgnet.testkit.http;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLServerSocket;

/**
 * An HTTP/1.1 server on 127.0.0.1 that reads whole requests and writes, byte by byte, what a test wants, so that every fault
 * can be made. It keeps connections unless an answer ends them. A thread for each connection.
 */
public final class ScriptedServer implements AutoCloseable {

    /** What to send for a request. Runs on the connection's thread. */
    @FunctionalInterface
    public interface Answer {
        /** Writes the response; returns whether the connection stays open. An exception closes it. */
        boolean write(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    /** The same, for a connection that stays open. What it writes is sent when it returns or flushes. */
    @FunctionalInterface
    public interface Handler {
        /** Writes the response. An exception closes the connection. */
        void answer(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    /** A request as it came; {@code number} counts those on its connection from 1. */
    public record Request(int number, String line, List<String> headerLines, byte[] body) {
        /** As it was written. */
        public String method() {
            return line.split(" ")[0];
        }

        /** Path and query, or a whole URL when the server is a proxy. */
        public String target() {
            return line.split(" ")[1];
        }

        /** The values of a header, in order. */
        public List<String> values(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return headerLines.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(header -> header.substring(prefix.length()).strip())
                    .toList();
        }

        /** The body, read as UTF-8. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final String scheme;
    private final Optional<Answer> toAll;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Connections connections;

    private ScriptedServer(ServerSocket listener, String scheme, Optional<Answer> toAll) {
        this.scheme = scheme;
        this.toAll = toAll;
        this.connections = Connections.serve(listener, "scripted-server", this::serve);
    }

    /** Answers the paths that {@link #on} names; a request for another ends its connection. */
    public static ScriptedServer start() {
        return new ScriptedServer(Connections.listen(ServerSocketFactory.getDefault()), "http", Optional.empty());
    }

    /** The same over TLS of this version, {@code TLSv1.3} for example. */
    public static ScriptedServer start(TlsIdentity identity, String protocol) {
        SSLServerSocket listener =
                (SSLServerSocket) Connections.listen(identity.context().getServerSocketFactory());
        listener.setEnabledProtocols(new String[] {protocol});
        return new ScriptedServer(listener, "https", Optional.empty());
    }

    /** Answers every request in this way. */
    public static ScriptedServer answering(Handler handler) {
        Answer answer = (request, out) -> {
            OutputStream buffered = new BufferedOutputStream(out);
            handler.answer(request, buffered);
            buffered.flush();
            return true;
        };
        return new ScriptedServer(Connections.listen(ServerSocketFactory.getDefault()), "http", Optional.of(answer));
    }

    /** Answers every request with 200 and this text. */
    public static ScriptedServer of(String body) {
        return answering((request, out) -> respond(out, 200, body));
    }

    /** Reads requests and never answers. */
    public static ScriptedServer hanging() {
        return answering((request, out) -> new CountDownLatch(1).await());
    }

    /** Writes a response whose length is announced. */
    public static void respond(OutputStream out, int status, String body, String... headerLines) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\nContent-Length: " + bytes.length + "\r\n");
        for (String line : headerLines) {
            head.append(line).append("\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        out.write(bytes);
    }

    /** Answers a path with these characters, sent as ISO-8859-1, and keeps the connection; returns its URL. */
    public String on(String path, String response) {
        return on(path, response, true);
    }

    /** The same, and closes the connection. */
    public String onThenClose(String path, String response) {
        return on(path, response, false);
    }

    /** Answers a path, the query not counted; returns its URL. */
    public String on(String path, Answer answer) {
        answers.put(path, answer);
        return url(path);
    }

    private String on(String path, String response, boolean staysOpen) {
        byte[] bytes = response.getBytes(StandardCharsets.ISO_8859_1);
        return on(path, (request, out) -> {
            out.write(bytes);
            return staysOpen;
        });
    }

    /** The address of a path on this server. */
    public String url(String target) {
        return scheme + "://127.0.0.1:" + port() + target;
    }

    /** The port it listens on. */
    public int port() {
        return connections.port();
    }

    /** The requests so far, in the order of their arrival. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** How many connections were accepted so far. */
    public int connections() {
        return connections.accepted();
    }

    /** Closes every connection and stops listening. */
    @Override
    public void close() {
        connections.close();
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream();
        boolean more = true;
        for (int number = 1; more; number++) {
            Optional<Request> request = read(number, in);
            request.ifPresent(requests::add);
            more = request.isPresent() && answer(request.get(), out);
            out.flush();
        }
    }

    private boolean answer(Request request, OutputStream out) throws IOException, InterruptedException {
        Optional<Answer> ofPath =
                Optional.ofNullable(answers.get(request.target().split("\\?")[0]));
        Optional<Answer> answer = ofPath.or(() -> toAll);
        return answer.isPresent() && answer.get().write(request, out);
    }

    /** Nothing at the end of the connection. */
    private static Optional<Request> read(int number, InputStream in) throws IOException {
        String line = readLine(in);
        if (line.isEmpty()) {
            return Optional.empty();
        }
        List<String> headers = new ArrayList<>();
        for (String header = readLine(in); !header.isEmpty(); header = readLine(in)) {
            headers.add(header);
        }
        Request head = new Request(number, line, headers, new byte[0]);
        int length = head.values("Content-Length").stream()
                .mapToInt(Integer::parseInt)
                .sum();
        return Optional.of(new Request(number, line, headers, in.readNBytes(length)));
    }

    /** A line without its end; the end of the input reads as an empty line. */
    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
