package org.pgnet.worker.spi;

/**
 * Files in PEM format for TLS, each an absolute path on the server.
 *
 * @param caBundle CA certificates, instead of those of {@link Settings#caBundle}; empty for these
 * @param clientCertificate the certificate to present to the server; empty for none
 * @param clientKey its private key; empty when there is no certificate
 */
public record TlsFiles(String caBundle, String clientCertificate, String clientKey) {

    /** None. */
    public static final TlsFiles NONE = new TlsFiles("", "", "");

    /** Whether none is named. */
    public boolean isEmpty() {
        return caBundle.isEmpty() && clientCertificate.isEmpty() && clientKey.isEmpty();
    }
}
