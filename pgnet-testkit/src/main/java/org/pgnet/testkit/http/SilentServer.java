package org.pgnet.testkit.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Accepts connections on 127.0.0.1 and never says a word: a plain request hangs, and so does a TLS handshake. */
public final class SilentServer implements AutoCloseable {
    private final ServerSocket listener;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();

    private SilentServer(ServerSocket listener) {
        this.listener = listener;
    }

    /** On a free port. */
    public static SilentServer start() {
        try {
            SilentServer server = new SilentServer(new ServerSocket(0, 512, InetAddress.getByName("127.0.0.1")));
            Thread thread = new Thread(server::accept, "silent-server");
            thread.setDaemon(true);
            thread.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections were accepted so far. */
    public int accepted() {
        return accepted.get();
    }

    /** Closes the connections that are open now. */
    public void hangUp() {
        for (Socket socket = open.poll(); socket != null; socket = open.poll()) {
            closeQuietly(socket);
        }
    }

    @Override
    public void close() {
        closeQuietly(listener);
        hangUp();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                open.add(listener.accept());
                accepted.incrementAndGet();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new AssertionError("a loopback socket could not be closed", e);
        }
    }
}
