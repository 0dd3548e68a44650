package org.pgnet.curl;

import java.io.BufferedInputStream;
import java.io.Closeable;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP/1.1 server on loopback that does what it is told to, byte by byte, so that every fault can be made. An answer
 * that throws, or returns false, ends its connection.
 */
final class FaultServer implements Closeable {

    /** What to send for a request. */
    @FunctionalInterface
    interface Answer {
        /** Writes the response; returns whether the connection stays open. */
        boolean write(Request request, OutputStream out) throws IOException;
    }

    /** A request as it came; {@code number} counts those on its connection from 1. */
    record Request(int number, String line, List<String> headers, byte[] body) {
        /** The values of a header, in order. */
        List<String> values(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(header -> header.substring(prefix.length()).strip())
                    .toList();
        }
    }

    private final ServerSocket listener = new ServerSocket(0, 200, InetAddress.getByName("127.0.0.1"));
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();

    FaultServer() throws IOException {
        startThread(this::accept);
    }

    /** Answers a path with these characters, sent as ISO-8859-1, and keeps the connection. */
    String on(String path, String response) {
        byte[] bytes = response.getBytes(StandardCharsets.ISO_8859_1);
        return on(path, (request, out) -> {
            out.write(bytes);
            return true;
        });
    }

    /** The same, and closes the connection. */
    String onThenClose(String path, String response) {
        byte[] bytes = response.getBytes(StandardCharsets.ISO_8859_1);
        return on(path, (request, out) -> {
            out.write(bytes);
            return false;
        });
    }

    /** Answers a path; returns its URL. */
    String on(String path, Answer answer) {
        answers.put(path, answer);
        return url(path);
    }

    String url(String path) {
        return "http://127.0.0.1:" + listener.getLocalPort() + path;
    }

    /** The requests that came, in order. */
    List<Request> requests() {
        return requests;
    }

    /** How many connections were opened. */
    int connectionsAccepted() {
        return accepted.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                connection.setTcpNoDelay(true);
                connections.add(connection);
                accepted.incrementAndGet();
                startThread(() -> serve(connection));
            } catch (IOException e) {
                // Closed: the loop's condition ends it.
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            boolean open = true;
            for (int number = 1; open; number++) {
                Request request = read(number, in);
                requests.add(request);
                String path = request.line().split(" ")[1].split("\\?")[0];
                OutputStream out = connection.getOutputStream();
                open = answers.get(path).write(request, out);
                out.flush();
            }
        } catch (IOException e) {
            // The client went away, or the server is being closed.
        } finally {
            connections.remove(connection);
        }
    }

    private static Request read(int number, InputStream in) throws IOException {
        String line = readLine(in);
        List<String> headers = new ArrayList<>();
        for (String header = readLine(in); !header.isEmpty(); header = readLine(in)) {
            headers.add(header);
        }
        Request head = new Request(number, line, headers, new byte[0]);
        int length = head.values("Content-Length").stream()
                .mapToInt(Integer::parseInt)
                .sum();
        return new Request(number, line, headers, in.readNBytes(length));
    }

    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("end of connection");
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }

    private static void startThread(Runnable work) {
        Thread thread = new Thread(work, "fault-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
