package org.pgnet.worker.spi;

/**
 * Requests that are known to be due and have not been taken out of a {@link WorkSource}.
 *
 * @param owner as in {@link DueRequest#owner}
 * @param origin as {@link org.pgnet.worker.http.Origins} gives it; empty for those of many
 * @param requests how many
 */
public record Backlog(long owner, String origin, long requests) {
    /** Whose requests, and where to. */
    public Endpoint endpoint() {
        return new Endpoint(owner, origin);
    }
}
