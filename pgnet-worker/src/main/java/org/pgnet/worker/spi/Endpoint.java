package org.pgnet.worker.spi;

/**
 * A target that is broken or busy for all requests of one owner to it.
 *
 * @param owner as in {@link DueRequest#owner}
 * @param origin as {@link org.pgnet.worker.http.Origins} gives it
 * @param path of messages, which are requests of webhooks and signed ones, the part of the URL between origin and query, as
 *     {@link org.pgnet.worker.http.Origins#path} gives it; empty for all other requests to the origin
 */
public record Endpoint(long owner, String origin, String path) {
    /** That of all requests to an origin but messages. */
    public Endpoint(long owner, String origin) {
        this(owner, origin, "");
    }

    /** Looked up for each request, where the methods of a record cost several times as much. */
    @Override
    public boolean equals(Object object) {
        return object instanceof Endpoint other
                && owner == other.owner
                && origin.equals(other.origin)
                && path.equals(other.path);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(owner) + origin.hashCode()) + path.hashCode();
    }
}
