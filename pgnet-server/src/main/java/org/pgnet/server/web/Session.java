package org.pgnet.server.web;

import org.pgnet.server.database.RoleDatabase;

/**
 * Somebody who is logged in.
 *
 * @param token the secret of the cookie
 * @param csrfToken what each form carries, so that no other site's form is taken for one of these
 */
public record Session(String token, String csrfToken, RoleDatabase database) {
    public String role() {
        return database.role();
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "session of " + role();
    }
}
