package org.pgnet.testkit.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ServerSocketFactory;

/**
 * A server that answers each path with bytes, whether or not they are HTTP, and then closes the connection. It reads the
 * head of one request on each connection, and no body; what is no request of HTTP gets the answer of the empty path.
 */
public final class RawServer implements AutoCloseable {
    /** What a connection is to see. Runs on a thread of its own, so it may take its time. */
    @FunctionalInterface
    public interface Script {
        /** Writes bytes; the connection is closed on return. */
        void play(OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final String scheme;
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "raw-server");
        thread.setDaemon(true);
        return thread;
    });

    private RawServer(ServerSocket listener, String scheme) {
        this.listener = listener;
        this.scheme = scheme;
        threads.execute(this::accept);
    }

    /** On a free port of 127.0.0.1. */
    public static RawServer start() {
        return new RawServer(listen(ServerSocketFactory.getDefault(), "127.0.0.1"), "http");
    }

    /** On a free port of another address of this machine. */
    public static RawServer startOn(String address) {
        return new RawServer(listen(ServerSocketFactory.getDefault(), address), "http");
    }

    /** With TLS, on a free port of 127.0.0.1. */
    public static RawServer start(TlsIdentity identity) {
        return new RawServer(listen(identity.context().getServerSocketFactory(), "127.0.0.1"), "https");
    }

    /** Answers a path with these characters, a byte each. */
    public void reply(String path, String bytes) {
        reply(path, out -> out.write(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Answers a path with what the script writes. */
    public void reply(String path, Script script) {
        scripts.put(path, script);
    }

    /** Answers a path with these characters, a byte each, and then neither says more nor closes. */
    public void stall(String path, String bytes) {
        reply(path, out -> {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            Thread.sleep(Long.MAX_VALUE);
        });
    }

    /** The address of a path on this server, with a host name or address of the caller's choice. */
    public String url(String host, String path) {
        return scheme + "://" + host + ":" + listener.getLocalPort() + path;
    }

    /** The address of a path on this server. */
    public String url(String path) {
        return url("127.0.0.1", path);
    }

    /** Stops listening and closes every connection. */
    @Override
    public void close() {
        threads.shutdownNow();
        closeQuietly(listener);
        open.forEach(RawServer::closeQuietly);
    }

    private static ServerSocket listen(ServerSocketFactory factory, String address) {
        try {
            return factory.createServerSocket(0, 100, InetAddress.getByName(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                threads.execute(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            Script script = scripts.get(readPath(in));
            if (script != null) {
                script.play(socket.getOutputStream());
            }
        } catch (IOException refused) {
            // The client went away, which is what most of these replies make it do.
            return;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    /** Reads the head of a request; the path is empty when what comes is none. */
    private static String readPath(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
            int octet = in.read();
            if (octet < 0 || (head.isEmpty() && !Character.isLetter(octet))) {
                return "";
            }
            head.append((char) octet);
        }
        return head.toString().split(" ", 3)[1];
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new AssertionError("a loopback socket could not be closed", e);
        }
    }
}
