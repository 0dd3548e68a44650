package org.pgnet.testkit.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A TLS server on 127.0.0.1 with a certificate of its own, which takes requests and never answers. */
public final class TlsServer implements AutoCloseable {
    private final Path certificate;
    private final AtomicInteger requests = new AtomicInteger();
    private final Connections connections;

    private TlsServer(TlsIdentity identity, Path certificate) {
        this.certificate = certificate;
        this.connections = Connections.serve(
                Connections.listen(identity.context().getServerSocketFactory()), "tls-server", this::converse);
    }

    /** @param directory where the file with its certificate goes */
    public static TlsServer start(Path directory) throws IOException {
        TlsIdentity identity = TlsIdentity.ofThisMachine();
        return new TlsServer(identity, Files.writeString(directory.resolve("tls-server.pem"), identity.pem()));
    }

    /** The certificate, for clients to trust. */
    public Path certificate() {
        return certificate;
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return connections.port();
    }

    /** How many handshakes were completed, and followed by a request, so far. */
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        connections.close();
    }

    private void converse(Socket connection) throws IOException {
        InputStream in = connection.getInputStream();
        // The first read makes the handshake.
        for (int octet = in.read(), previous = 0; octet >= 0; previous = octet, octet = in.read()) {
            if (previous == 'G' && octet == 'E') {
                requests.incrementAndGet();
            }
        }
    }
}
