package org.pgnet.curl;

import java.util.List;

/**
 * One HTTP exchange to be sent: a single hop, since redirects are not followed here.
 *
 * @param owner the owner of the request: connections, TLS sessions and everything else that libcurl keeps serve one owner
 *     only
 * @param method the request method, sent as written: a token of RFC 9110, section 9.1
 * @param url an absolute http or https URL
 * @param headerLines header lines without line ends, {@code Name: value}; {@code Name;} sends an empty value and {@code
 *     Name:} suppresses the header that libcurl would add (CURLOPT_HTTPHEADER)
 * @param secretParts the parts of the URL and the header lines that hold secrets
 * @param body the request's body, owned by the caller, who keeps it open until the result is out; empty for none. POST,
 *     PUT and PATCH send {@code Content-Length: 0} for an empty body, other methods send no body then
 * @param timeoutMillis the most milliseconds from the start to the last byte, without those spent waiting for
 *     memory ({@link TransferLoop#maxBodyMemory}); 0 for no limit
 * @param connectTimeoutMillis the most milliseconds until the connection is established; 0 for as long as the transfer may
 *     take, or 300 s if that is longer
 * @param certificates files for TLS
 * @param maxBodyBytes the largest response body accepted, in bytes; a larger one fails the transfer
 * @param staged whether {@link Timings} are wanted in full of a success, too: each of its figures is a call into libcurl
 * @param attachment the caller's own object, handed back by {@link TransferResult#transfer()}
 */
public record Transfer(
        long owner,
        String method,
        String url,
        List<String> headerLines,
        SecretParts secretParts,
        NativeBytes body,
        int timeoutMillis,
        int connectTimeoutMillis,
        Certificates certificates,
        long maxBodyBytes,
        boolean staged,
        Object attachment) {

    /** One of whose success nobody asks for the stages. */
    public Transfer(
            long owner,
            String method,
            String url,
            List<String> headerLines,
            SecretParts secretParts,
            NativeBytes body,
            int timeoutMillis,
            int connectTimeoutMillis,
            Certificates certificates,
            long maxBodyBytes,
            Object attachment) {
        this(
                owner,
                method,
                url,
                headerLines,
                secretParts,
                body,
                timeoutMillis,
                connectTimeoutMillis,
                certificates,
                maxBodyBytes,
                false,
                attachment);
    }

    /** One without secrets, without a limit of its own for connecting, and without files of its own. */
    public Transfer(
            long owner,
            String method,
            String url,
            List<String> headerLines,
            NativeBytes body,
            int timeoutMillis,
            long maxBodyBytes,
            Object attachment) {
        this(
                owner,
                method,
                url,
                headerLines,
                SecretParts.NONE,
                body,
                timeoutMillis,
                0,
                Certificates.NONE,
                maxBodyBytes,
                attachment);
    }
}
