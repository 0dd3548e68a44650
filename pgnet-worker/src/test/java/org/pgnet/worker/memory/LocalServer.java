package org.pgnet.worker.memory;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** A small HTTP/1.1 server on a loopback address: a thread for each connection, and answers byte by byte as a test wants. */
public final class LocalServer implements AutoCloseable {

    /** Writes the answer to one request; an exception closes the connection. */
    public interface Handler {
        void answer(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    public record Request(String method, String target, List<String> headerLines, byte[] body) {
        public String bodyText() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final ServerSocket listener;
    private final Handler handler;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closed;

    public LocalServer(Handler handler) throws IOException {
        this(handler, new CountDownLatch(1));
    }

    private LocalServer(Handler handler, CountDownLatch closed) throws IOException {
        this.closed = closed;
        this.listener = new ServerSocket(0, 1_000, InetAddress.getByName("127.0.0.1"));
        this.handler = handler;
        daemon(this::accept);
    }

    /** Answers everything with 200 and this text. */
    public static LocalServer of(String body) throws IOException {
        return new LocalServer((request, out) -> respond(out, 200, body));
    }

    /** Reads requests and never answers. */
    public static LocalServer hanging() throws IOException {
        CountDownLatch closed = new CountDownLatch(1);
        return new LocalServer((request, out) -> closed.await(), closed);
    }

    public static void respond(OutputStream out, int status, String body, String... headerLines) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\nContent-Length: " + bytes.length + "\r\n");
        for (String line : headerLines) {
            head.append(line).append("\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        out.write(bytes);
    }

    public String url(String target) {
        return "http://127.0.0.1:" + listener.getLocalPort() + target;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** The requests so far, in the order of their arrival. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public int connectionCount() {
        return sockets.size();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() throws IOException {
        while (closed.getCount() > 0) {
            Socket socket = listener.accept();
            socket.setTcpNoDelay(true);
            sockets.add(socket);
            daemon(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = new BufferedOutputStream(socket.getOutputStream());
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                Request request = read(line, in);
                requests.add(request);
                handler.answer(request, out);
                out.flush();
            }
        }
    }

    private static Request read(String requestLine, InputStream in) throws IOException {
        String[] words = requestLine.split(" ");
        List<String> headers = new ArrayList<>();
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            headers.add(line);
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        return new Request(words[0], words[1], headers, in.readNBytes(length));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        task.run();
                    } catch (IOException | InterruptedException over) {
                        // The connection, or the server, was closed.
                    }
                },
                "local-server",
                256 * 1024);
        thread.setDaemon(true);
        thread.start();
    }
}
