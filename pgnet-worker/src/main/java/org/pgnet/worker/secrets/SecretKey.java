package org.pgnet.worker.secrets;

import java.time.Instant;
import org.pgnet.curl.SecretBytes;

/**
 * A value of a secret.
 *
 * @param value closed by the table that it is in
 * @param until when it stops being valid; {@link Instant#MAX} for never
 */
public record SecretKey(SecretBytes value, Instant until) {
    boolean holds(Instant now) {
        return now.isBefore(until);
    }
}
