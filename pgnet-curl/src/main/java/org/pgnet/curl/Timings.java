package org.pgnet.curl;

/**
 * Microseconds from the start of a transfer to each of its stages; 0 for a stage that was not reached, or not needed on an
 * open connection. Without a failure the stages are known only if the transfer asks for them ({@link Transfer#staged()}),
 * otherwise they are 0. From CURLINFO_NAMELOOKUP_TIME_T(3) and its kin.
 *
 * @param nameLookupMicros until the host name was resolved
 * @param connectMicros until the connection to the host or proxy was open
 * @param appConnectMicros until the TLS handshake was done, 0 without TLS
 * @param firstByteMicros until the first byte of the response came
 * @param totalMicros until the end
 */
public record Timings(
        long nameLookupMicros, long connectMicros, long appConnectMicros, long firstByteMicros, long totalMicros) {

    /** Of a transfer that was never sent. */
    static final Timings NONE = new Timings(0, 0, 0, 0, 0);
}
