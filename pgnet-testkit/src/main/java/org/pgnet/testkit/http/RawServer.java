package org.pgnet.testkit.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ServerSocketFactory;
import org.pgnet.testkit.machine.FreePort;

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

    private final String scheme;
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final Connections connections;

    private RawServer(ServerSocketFactory factory, String address, int port, String scheme) {
        this.scheme = scheme;
        this.connections = Connections.serve(Connections.listen(factory, address, port), "raw-server", this::serve);
    }

    /** On a free port of 127.0.0.1. */
    public static RawServer start() {
        return new RawServer(ServerSocketFactory.getDefault(), "127.0.0.1", 0, "http");
    }

    /** On a port of another address of this machine, on which nobody listens on 127.0.0.1. */
    public static RawServer startOn(String address) {
        return new RawServer(ServerSocketFactory.getDefault(), address, FreePort.next(), "http");
    }

    /** With TLS, on a free port of 127.0.0.1. */
    public static RawServer start(TlsIdentity identity) {
        return new RawServer(identity.context().getServerSocketFactory(), "127.0.0.1", 0, "https");
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
        return scheme + "://" + host + ":" + connections.port() + path;
    }

    /** The address of a path on this server. */
    public String url(String path) {
        return url("127.0.0.1", path);
    }

    /** Stops listening and closes every connection. */
    @Override
    public void close() {
        connections.close();
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        try (InputStream in = new BufferedInputStream(socket.getInputStream())) {
            Script script = scripts.get(readPath(in));
            if (script != null) {
                script.play(socket.getOutputStream());
            }
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
}
