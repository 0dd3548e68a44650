package org.pgnet.testkit.http;

import javax.net.ServerSocketFactory;

/** Accepts connections on 127.0.0.1 and never says a word: a plain request hangs, and so does a TLS handshake. */
public final class SilentServer implements AutoCloseable {
    private final Connections connections =
            Connections.hold(Connections.listen(ServerSocketFactory.getDefault()), "silent-server");

    private SilentServer() {}

    /** On a free port. */
    public static SilentServer start() {
        return new SilentServer();
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return connections.port();
    }

    /** How many connections were accepted so far. */
    public int accepted() {
        return connections.accepted();
    }

    /** Closes the connections that are open now. */
    public void hangUp() {
        connections.hangUp();
    }

    @Override
    public void close() {
        connections.close();
    }
}
