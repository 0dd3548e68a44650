package org.pgnet.worker.http;

import java.nio.charset.StandardCharsets;
import org.pgnet.worker.spi.Endpoint;

/**
 * A number by which stores identify an origin without its text: the 64 bits of FNV-1a over its name in {@link Origins} and,
 * for messages, the path of their endpoint. Never 0. Any thread.
 */
public final class OriginNumber {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private OriginNumber() {}

    /** Of where requests go. */
    public static long of(Endpoint endpoint) {
        return of(endpoint.path().isEmpty() ? endpoint.origin() : endpoint.origin() + endpoint.path());
    }

    /** Of an origin as {@link Origins} gives it. */
    public static long of(String origin) {
        long hash = BASIS;
        for (byte each : origin.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (each & 0xff)) * PRIME;
        }
        return hash == 0 ? 1 : hash;
    }
}
