package org.pgnet.worker.spi;

/**
 * Where the time of an attempt went, over all its hops, each in microseconds; what is left is the rest of the response. A connection
 * that was open needs no name, no connection and no TLS. Known of attempts that are kept: of failures, and of requests that had one.
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
