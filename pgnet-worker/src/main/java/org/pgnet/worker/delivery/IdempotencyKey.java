package org.pgnet.worker.delivery;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * The key by which receivers recognize attempts of one request: the same for each attempt, and unique for each request
 * across clusters. Derived from the request, so that it need not be stored.
 */
public final class IdempotencyKey {
    /** The name of the header (draft-ietf-httpapi-idempotency-key-header). */
    public static final String HEADER = "Idempotency-Key";

    /** So that no other hash of the same numbers is the same. */
    private static final byte[] PURPOSE = "pg_net Idempotency-Key 1".getBytes(StandardCharsets.US_ASCII);

    private static final long VERSION_8 = 0x8000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private IdempotencyKey() {}

    /**
     * A UUID of version 8 (RFC 9562, section 5.8): of the SHA-256 of the purpose and five numbers of 8 bytes, highest byte
     * first, the first 16 bytes, with version and variant in their places.
     *
     * @param systemIdentifier the cluster's
     * @param database the database's number
     * @param id the request's id
     * @param created when the request was made; whole microseconds count
     * @param owner whose it is
     */
    public static UUID of(long systemIdentifier, long database, long id, Instant created, long owner) {
        ByteBuffer hashed = ByteBuffer.allocate(PURPOSE.length + 5 * Long.BYTES)
                .put(PURPOSE)
                .putLong(systemIdentifier)
                .putLong(database)
                .putLong(id)
                .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, created))
                .putLong(owner);
        ByteBuffer hash = ByteBuffer.wrap(sha256(hashed.array()));
        return new UUID(hash.getLong() & ~0xF000L | VERSION_8, hash.getLong() << 2 >>> 2 | VARIANT);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
