package org.pgnet.curl;

import java.util.ArrayList;
import java.util.List;

/**
 * PEM files for the TLS of one transfer. A connection or TLS session serves only transfers with the same files.
 *
 * @param caBundle CA certificates to trust, instead of {@link TransferLoop#caBundle}'s (CURLOPT_CAINFO); empty for these
 * @param clientCertificate what the server is shown (CURLOPT_SSLCERT); empty for nothing
 * @param clientKey its private key (CURLOPT_SSLKEY); empty when it is in the certificate's file
 */
public record Certificates(String caBundle, String clientCertificate, String clientKey) {
    /** None. */
    public static final Certificates NONE = new Certificates("", "", "");

    /**
     * A transfer's CURLcode by one name in every libcurl: since 8.22 a client key that is missing, broken or another
     * certificate's is a bad argument.
     */
    int codeOf(int curlCode) {
        return curlCode == LibCurl.CURLE_BAD_FUNCTION_ARGUMENT && !clientCertificate.isEmpty()
                ? LibCurl.CURLE_SSL_CERTPROBLEM
                : curlCode;
    }

    /** Those of the files that a failure of this kind may be about, in words; empty for none. Nothing of their content. */
    String namedIn(int curlCode) {
        List<String> files = new ArrayList<>();
        if (curlCode == LibCurl.CURLE_SSL_CACERT_BADFILE && !caBundle.isEmpty()) {
            files.add("CA bundle \"" + caBundle + "\"");
        }
        if (curlCode == LibCurl.CURLE_SSL_CERTPROBLEM && !clientCertificate.isEmpty()) {
            files.add("client certificate \"" + clientCertificate + "\"");
        }
        if (curlCode == LibCurl.CURLE_SSL_CERTPROBLEM && !clientKey.isEmpty()) {
            files.add("client key \"" + clientKey + "\"");
        }
        return String.join(", ", files);
    }
}
