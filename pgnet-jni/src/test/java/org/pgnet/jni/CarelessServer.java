package org.pgnet.jni;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ServerSocketFactory;
import org.pgnet.testkit.http.TlsIdentity;

/**
 * A server that keeps connections and reads no body but that of {@code POST /store}: what follows a head is the next
 * request to it, as to the handlers of some standard libraries.
 */
final class CarelessServer implements AutoCloseable {

    /** Answers a request. */
    @FunctionalInterface
    interface Answer {
        /**
         * @param number counts the requests on the connection from 1
         * @param head the request line and the header lines
         * @return whether the connection stays open
         */
        boolean write(int number, String head, OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final String scheme;
    private final Answer answer;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<String> stored = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "careless-server");
        thread.setDaemon(true);
        return thread;
    });

    private CarelessServer(ServerSocketFactory factory, String scheme, Answer answer) {
        try {
            this.listener = factory.createServerSocket(0, 200, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.scheme = scheme;
        this.answer = answer;
        threads.execute(this::accept);
    }

    static CarelessServer start(Answer answer) {
        return new CarelessServer(ServerSocketFactory.getDefault(), "http", answer);
    }

    static CarelessServer start(TlsIdentity identity, Answer answer) {
        return new CarelessServer(identity.context().getServerSocketFactory(), "https", answer);
    }

    static void ok(OutputStream out, String body) throws IOException {
        write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    String url(String path) {
        return scheme + "://127.0.0.1:" + listener.getLocalPort() + path;
    }

    /** The heads so far, whatever they began as. */
    List<String> heads() {
        return heads;
    }

    /** How many heads so far are of this path. */
    long requests(String path) {
        return heads.stream().filter(head -> head.split(" ")[1].equals(path)).count();
    }

    /** The bodies that were posted to /store. */
    List<String> stored() {
        return stored;
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        listener.close();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                threads.execute(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            boolean open = true;
            for (int number = 1; open; number++) {
                String head = readHead(in);
                heads.add(head);
                if (head.startsWith("POST /store ")) {
                    String length = head.replaceAll("(?is).*content-length: *(\\d+).*", "$1");
                    stored.add(new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.ISO_8859_1));
                    ok(socket.getOutputStream(), "stored");
                } else {
                    open = answer.write(number, head, socket.getOutputStream());
                }
            }
        } catch (IOException gone) {
            // The client's end, or that of the test.
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("the end");
            }
            head.append((char) octet);
        }
        return head.toString();
    }
}
