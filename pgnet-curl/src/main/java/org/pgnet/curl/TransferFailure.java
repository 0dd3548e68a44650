package org.pgnet.curl;

/** Why a transfer has no complete response, as far as it matters for retries. */
public enum TransferFailure {
    /**
     * The way to the server: a name that did not resolve, no connection, a TLS handshake broken off, a connection lost, or
     * an answer that is not HTTP.
     */
    NETWORK,
    /** The transfer's own time limit. */
    TIMEOUT,
    /** The server's certificate does not verify. */
    CERTIFICATE,
    /** Each address that the host has is in a denied network. */
    DENIED,
    /** It cannot be sent as it is: its URL, method or headers. */
    IMPOSSIBLE,
    /** The response is larger than what is accepted. */
    TOO_LARGE,
    /** This process had no memory for it. */
    NO_MEMORY,
    /** Anything else, such as a file of certificates that cannot be read. */
    OTHER;

    /**
     * What a CURLcode of libcurl-errors(3) means, but for the success.
     *
     * @param connected whether the request had its connection
     */
    static TransferFailure of(int curlCode, boolean connected) {
        return switch (curlCode) {
            case LibCurl.CURLE_OPERATION_TIMEDOUT -> TIMEOUT;
            case LibCurl.CURLE_COULDNT_RESOLVE_PROXY,
                    LibCurl.CURLE_COULDNT_RESOLVE_HOST,
                    LibCurl.CURLE_COULDNT_CONNECT,
                    LibCurl.CURLE_WEIRD_SERVER_REPLY,
                    LibCurl.CURLE_HTTP2,
                    LibCurl.CURLE_PARTIAL_FILE,
                    LibCurl.CURLE_SSL_CONNECT_ERROR,
                    LibCurl.CURLE_ABORTED_BY_CALLBACK,
                    LibCurl.CURLE_GOT_NOTHING,
                    LibCurl.CURLE_SEND_ERROR,
                    LibCurl.CURLE_RECV_ERROR,
                    LibCurl.CURLE_SEND_FAIL_REWIND,
                    LibCurl.CURLE_SSL_SHUTDOWN_FAILED,
                    LibCurl.CURLE_HTTP2_STREAM,
                    LibCurl.CURLE_PROXY -> NETWORK;
            // Of what a server sends it means another protocol than HTTP, and else that of the URL.
            case LibCurl.CURLE_UNSUPPORTED_PROTOCOL -> connected ? NETWORK : IMPOSSIBLE;
            case LibCurl.CURLE_URL_MALFORMAT, LibCurl.CURLE_BAD_FUNCTION_ARGUMENT -> IMPOSSIBLE;
            case LibCurl.CURLE_PEER_FAILED_VERIFICATION,
                    LibCurl.CURLE_SSL_ISSUER_ERROR,
                    LibCurl.CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                    LibCurl.CURLE_SSL_INVALIDCERTSTATUS -> CERTIFICATE;
            case LibCurl.CURLE_FILESIZE_EXCEEDED, LibCurl.CURLE_TOO_LARGE -> TOO_LARGE;
            case LibCurl.CURLE_OUT_OF_MEMORY -> NO_MEMORY;
            default -> OTHER;
        };
    }
}
