package org.pgnet.server.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** TLS out of files in PEM format. */
final class PemKeys {
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private PemKeys() {}

    /** @throws IOException when a file cannot be read or does not have what it should; its message names it */
    static SSLContext context(ListenOptions.Tls files) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            char[] password = new char[0];
            store.setKeyEntry("pgnet", key(files), password, certificates(files));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(files.certificate() + " and " + files.key() + ": " + e.getMessage(), e);
        }
    }

    private static Certificate[] certificates(ListenOptions.Tls files) throws IOException, GeneralSecurityException {
        byte[] pem = Files.readAllBytes(files.certificate());
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem))
                .toArray(Certificate[]::new);
    }

    private static PrivateKey key(ListenOptions.Tls files) throws IOException, GeneralSecurityException {
        String pem = Files.readString(files.key());
        if (!pem.contains("-----BEGIN PRIVATE KEY-----")) {
            throw new IOException(
                    files.key() + ": not a key in PKCS #8; openssl pkcs8 -topk8 -nocrypt -in FILE makes one");
        }
        String base64 = pem.replaceAll("(?s).*-----BEGIN PRIVATE KEY-----|-----END PRIVATE KEY-----.*", "");
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                continue;
            }
        }
        throw new IOException(files.key() + ": a key of neither " + String.join(", ", ALGORITHMS));
    }
}
