package org.pgnet.testkit.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.pgnet.testkit.machine.Command;

/**
 * A key and a self-signed certificate made for a test.
 *
 * @param context for servers that show the certificate; those that ask for a client's take any
 * @param pem the certificate as it goes into a file of those to trust
 * @param keyPem the key as it goes into a file of its own
 */
public record TlsIdentity(SSLContext context, String pem, String keyPem) {
    private static final String PASSWORD = "changeit";
    private static final String ALIAS = "server";

    /** Of 127.0.0.1 and localhost, for today and tomorrow. */
    public static TlsIdentity ofThisMachine() {
        return make("ip:127.0.0.1,dns:localhost", "-1d", 3);
    }

    /** Of a host that no test server is. */
    public static TlsIdentity ofAnotherHost() {
        return make("dns:elsewhere.example", "-1d", 3);
    }

    /** Of 127.0.0.1 and localhost, until some days ago. */
    public static TlsIdentity expired() {
        return make("ip:127.0.0.1,dns:localhost", "-9d", 3);
    }

    private static TlsIdentity make(String names, String start, int days) {
        try {
            Path directory = Files.createTempDirectory("pgnet-tls");
            Path keys = directory.resolve("keys.p12");
            try {
                keytool(directory, names, start, days);
                return read(keys);
            } finally {
                Files.deleteIfExists(keys);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("what keytool made cannot be used", e);
        }
    }

    private static void keytool(Path directory, String names, String start, int days) {
        String program =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options = " -genkeypair -keyalg EC -groupname secp256r1 -dname CN=pgnet-test -alias " + ALIAS
                + " -ext san="
                + names + " -startdate " + start + " -validity " + days + " -storetype PKCS12 -storepass " + PASSWORD
                + " -keystore keys.p12";
        Command.run(directory, Map.of(), List.of((program + options).split(" ")));
    }

    private static TlsIdentity read(Path keys) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), new TrustManager[] {new Trusting()}, null);
        byte[] key = store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
        return new TlsIdentity(context, pem(store.getCertificate(ALIAS)), pem("PRIVATE KEY", key));
    }

    /** A certificate as it goes into a file. */
    public static String pem(Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static String pem(String what, byte[] content) {
        byte[] lineEnd = "\n".getBytes(StandardCharsets.US_ASCII);
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, lineEnd).encodeToString(content) + "\n-----END " + what + "-----\n";
    }

    /** Any client is welcome. */
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
