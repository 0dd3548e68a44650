package org.pgnet.testkit.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A TLS server on 127.0.0.1 with a certificate of its own, which takes requests and never answers. */
public final class TlsServer implements AutoCloseable {
    private final ServerSocket listener;
    private final Path certificate;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "tls-server");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger requests = new AtomicInteger();

    private TlsServer(ServerSocket listener, Path certificate) {
        this.listener = listener;
        this.certificate = certificate;
    }

    /** @param directory where the file with its certificate goes */
    public static TlsServer start(Path directory) throws IOException {
        TlsIdentity identity = TlsIdentity.ofThisMachine();
        Path certificate = Files.writeString(directory.resolve("tls-server.pem"), identity.pem());
        ServerSocket listener = identity.context()
                .getServerSocketFactory()
                .createServerSocket(0, 512, InetAddress.getByName("127.0.0.1"));
        TlsServer server = new TlsServer(listener, certificate);
        server.threads.execute(server::accept);
        return server;
    }

    /** The certificate, for clients to trust. */
    public Path certificate() {
        return certificate;
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return listener.getLocalPort();
    }

    /** How many handshakes were completed, and followed by a request, so far. */
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                threads.execute(() -> converse(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(Socket connection) {
        try (connection;
                InputStream in = connection.getInputStream()) {
            // The first read makes the handshake.
            for (int octet = in.read(), previous = 0; octet >= 0; previous = octet, octet = in.read()) {
                if (previous == 'G' && octet == 'E') {
                    requests.incrementAndGet();
                }
            }
        } catch (IOException gone) {
            // The client went away, or did not trust the certificate.
            return;
        }
    }
}
