package org.pgnet.server.site;

import java.util.List;
import java.util.Optional;

/**
 * What is around a page.
 *
 * @param server for people: host, port and database
 * @param csrf the token of the forms
 * @param live the address of the stream that keeps the page up to date; empty when it does not change
 * @param notice what became of a change, once
 */
public record Frame(
        String title,
        List<Link> links,
        String role,
        String server,
        String csrf,
        String live,
        Optional<String> notice,
        String self) {
    public record Link(String label, String path, boolean current) {}

    public boolean loggedIn() {
        return !role.isEmpty();
    }
}
