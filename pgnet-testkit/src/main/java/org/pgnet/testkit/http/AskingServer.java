package org.pgnet.testkit.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
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
    private final AtomicInteger handshakes = new AtomicInteger();
    private final Connections connections;

    private AskingServer(SSLServerSocket listener) {
        this.connections = Connections.serve(listener, "asking-server", this::converse);
    }

    /** On a free port, with this identity of its own. */
    public static AskingServer start(TlsIdentity identity) {
        SSLServerSocket listener =
                (SSLServerSocket) Connections.listen(identity.context().getServerSocketFactory());
        listener.setWantClientAuth(true);
        return new AskingServer(listener);
    }

    /** The address of a path on this server. */
    public String url(String path) {
        return "https://127.0.0.1:" + connections.port() + path;
    }

    /** How many handshakes were completed so far. */
    public int connections() {
        return handshakes.get();
    }

    @Override
    public void close() {
        connections.close();
    }

    private void converse(Socket connection) throws IOException {
        SSLSocket socket = (SSLSocket) connection;
        BufferedReader in = reader(socket);
        OutputStream out = socket.getOutputStream();
        socket.startHandshake();
        handshakes.incrementAndGet();
        String shown = shownBy(socket);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty()) {
                String response = "HTTP/1.1 200 OK\r\nContent-Length: " + shown.length() + "\r\n\r\n" + shown;
                out.write(response.getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
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
}
