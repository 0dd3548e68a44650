package org.pgnet.testkit.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A TLS server on 127.0.0.1 that asks each client for a certificate, any will do, and answers each request with the one that
 * the client showed, or with {@code nothing}. It keeps connections.
 */
public final class AskingServer implements AutoCloseable {
    private final SSLServerSocket listener;
    private final AtomicInteger connections = new AtomicInteger();

    private AskingServer(SSLServerSocket listener) {
        this.listener = listener;
        start(this::accept);
    }

    /** On a free port, with this identity of its own. */
    public static AskingServer start(TlsIdentity identity) {
        try {
            SSLServerSocket listener = (SSLServerSocket) identity.context()
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
            listener.setWantClientAuth(true);
            return new AskingServer(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address of a path on this server. */
    public String url(String path) {
        return "https://127.0.0.1:" + listener.getLocalPort() + path;
    }

    /** How many handshakes were completed so far. */
    public int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) listener.accept();
                start(() -> converse(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(SSLSocket socket) {
        try (socket;
                BufferedReader in = reader(socket);
                OutputStream out = socket.getOutputStream()) {
            socket.startHandshake();
            connections.incrementAndGet();
            String shown = shownBy(socket);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    String response = "HTTP/1.1 200 OK\r\nContent-Length: " + shown.length() + "\r\n\r\n" + shown;
                    out.write(response.getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                }
            }
        } catch (IOException gone) {
            // The client went away, or did not trust the certificate.
            return;
        }
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    private static String shownBy(SSLSocket socket) {
        try {
            return TlsIdentity.pem(socket.getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException nothing) {
            return "nothing";
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "asking-server");
        thread.setDaemon(true);
        thread.start();
    }
}
