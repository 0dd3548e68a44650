package org.pgnet.worker.exchange;

import java.util.List;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.SecretBytes;
import org.pgnet.curl.SecretParts;

/**
 * What a hop sends.
 *
 * @param lines header lines without secrets
 * @param parts what holds secrets, closed with this
 * @param body the request's, or another one with secrets in it
 * @param filledBody what that other one lies in, closed with this
 */
record HopContent(List<String> lines, SecretParts parts, NativeBytes body, List<SecretBytes> filledBody)
        implements AutoCloseable {
    /** Nothing yet. */
    static final HopContent NONE = new HopContent(List.of(), SecretParts.NONE, NativeBytes.empty(), List.of());

    /** One without secrets. */
    static HopContent of(List<String> lines, NativeBytes body) {
        return new HopContent(lines, SecretParts.NONE, body, List.of());
    }

    /** Overwrites the secrets. */
    @Override
    public void close() {
        if (parts != SecretParts.NONE) {
            parts.close();
        }
        if (!filledBody.isEmpty()) {
            filledBody.forEach(SecretBytes::close);
        }
    }
}
