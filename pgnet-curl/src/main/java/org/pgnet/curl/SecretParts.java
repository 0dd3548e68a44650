package org.pgnet.curl;

import java.util.List;
import java.util.Optional;

/**
 * The parts of a transfer that hold secrets. The caller owns them and closes this, which overwrites them, once the result
 * is out. The transfer's own copies for libcurl are overwritten as soon as they are handed over, or when the transfer ends.
 *
 * @param url sent instead of the transfer's, to the same origin: in ASCII, since it is sent as it is
 * @param headerLines further header lines
 */
public record SecretParts(Optional<SecretBytes> url, List<Line> headerLines) implements AutoCloseable {
    /** No such parts. */
    public static final SecretParts NONE = new SecretParts(Optional.empty(), List.of());

    /**
     * A header line.
     *
     * @param name its name, which is no secret
     * @param line all of it, {@code Name: value}
     */
    public record Line(String name, SecretBytes line) {}

    /** Its own copy of the list. */
    public SecretParts {
        headerLines = List.copyOf(headerLines);
    }

    boolean isEmpty() {
        return url.isEmpty() && headerLines.isEmpty();
    }

    @Override
    public void close() {
        url.ifPresent(SecretBytes::close);
        headerLines.forEach(each -> each.line().close());
    }
}
