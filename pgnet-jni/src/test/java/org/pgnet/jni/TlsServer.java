package org.pgnet.jni;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.pgnet.jni.cluster.Command;

/** A TLS server on 127.0.0.1 with a certificate of its own, which takes requests and never answers. */
final class TlsServer implements AutoCloseable {
    private static final String PASSWORD = "changeit";

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

    /** @param directory where its key and certificate go */
    static TlsServer start(Path directory) throws IOException, GeneralSecurityException {
        Path keys = directory.resolve("tls-server.p12");
        Path certificate = directory.resolve("tls-server.pem");
        keytool(keys, "-genkeypair -keyalg EC -dname CN=127.0.0.1 -ext SAN=IP:127.0.0.1 -validity 2");
        keytool(keys, "-exportcert -rfc -file " + certificate);
        TlsServer server = new TlsServer(
                context(keys).getServerSocketFactory().createServerSocket(0, 512, InetAddress.getByName("127.0.0.1")),
                certificate);
        server.threads.execute(server::accept);
        return server;
    }

    /** The certificate, for clients to trust. */
    Path certificate() {
        return certificate;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many handshakes were completed, and followed by a request, so far. */
    int requests() {
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

    private static void keytool(Path keys, String options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of(
                "-alias", "server", "-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore", keys.toString()));
        Command.run(keys.getParent(), Map.of(), command);
    }

    private static SSLContext context(Path keys) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}
