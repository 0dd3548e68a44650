package org.pgnet.server.web;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What a browser asks.
 *
 * @param form the fields that it sends; none with GET
 * @param session of who is logged in
 * @param accept the header that says which formats are wanted
 */
public record Call(
        String method,
        String path,
        Query query,
        Query form,
        InetAddress from,
        Optional<Session> session,
        String accept) {
    /** Path and query, as they stand in a link. */
    public String url() {
        return path + query.encoded();
    }

    /** The session, which must be there. */
    public Session requiredSession() {
        return session.orElseThrow();
    }
}
