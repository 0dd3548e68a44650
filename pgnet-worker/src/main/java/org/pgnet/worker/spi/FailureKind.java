package org.pgnet.worker.spi;

/** Why a request got no response, as far as it matters for retries. People read the message instead. */
public enum FailureKind {
    /** A name that did not resolve, no connection, a TLS handshake broken off, a connection lost, an answer not in HTTP. */
    NETWORK,
    /** The request's own timeout. */
    TIMEOUT,
    /** No memory for the response, which others held. */
    NO_MEMORY,
    /** A secret that it names is not there, or cannot be read. */
    SECRET,
    /** It was too late to begin it. */
    EXPIRED,
    /** The settings refuse its host or address, or contradict each other. */
    REFUSED,
    /** The server's certificate does not verify. */
    CERTIFICATE,
    /** It cannot be sent as it is: its URL, method or headers. */
    IMPOSSIBLE,
    /** The response is larger than what is accepted. */
    TOO_LARGE,
    /** Redirected too often, or to what is no URL that can be called. */
    REDIRECT,
    /** It is of a webhook that is disabled. */
    GONE,
    /** A response came and could not be stored. */
    NOT_STORED,
    /** Anything else: what is wrong is in this process or on its machine. */
    OTHER
}
