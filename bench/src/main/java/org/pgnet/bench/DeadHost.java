package org.pgnet.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A port that answers no attempt to connect: nobody accepts, and its queue is full, so the kernel drops what comes. */
final class DeadHost implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 200;
    private static final int MOST_QUEUED = 16;

    private final ServerSocket listener;
    private final List<Socket> queued = new ArrayList<>();

    DeadHost() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        while (takesOneMore()) {
            if (queued.size() > MOST_QUEUED) {
                throw new AssertionError("the queue of a listening socket does not fill");
            }
        }
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/";
    }

    private boolean takesOneMore() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(listener.getLocalSocketAddress(), PATIENCE_MILLIS);
            queued.add(socket);
            return true;
        } catch (SocketTimeoutException e) {
            socket.close();
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : queued) {
            socket.close();
        }
        listener.close();
    }
}
