package org.pgnet.worker.spi;

/**
 * What identifies one request. The id alone does not: after {@code TRUNCATE ... RESTART IDENTITY} or a new {@code CREATE
 * EXTENSION} another request has the same one.
 *
 * @param id the request id
 * @param version opaque to the engine: the store compares it for equality, to know whether a row is still the one that was
 *     read
 */
public record RequestKey(long id, long version) {
    /** Looked up many times for each request, where the method of a record costs several times as much. */
    @Override
    public boolean equals(Object object) {
        return object instanceof RequestKey other && id == other.id && version == other.version;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(31 * id + version);
    }
}
