package org.pgnet.worker.spi;

/**
 * Where the time of an attempt went, over all its hops, in microseconds; the remainder is the rest of the response. An open
 * connection needs no name, connection or TLS. Known for recorded attempts: failures, and attempts of requests that had
 * one.
 *
 * @param nameLookupMicros for the host's address
 * @param connectMicros for the connection
 * @param tlsMicros for the TLS handshake
 * @param firstByteMicros from then to the first byte of the response
 */
public record Stages(long nameLookupMicros, long connectMicros, long tlsMicros, long firstByteMicros) {
    /** Of an attempt that nobody asked for them. */
    public static final Stages UNKNOWN = new Stages(-1, -1, -1, -1);

    public boolean isKnown() {
        return nameLookupMicros >= 0;
    }
}
