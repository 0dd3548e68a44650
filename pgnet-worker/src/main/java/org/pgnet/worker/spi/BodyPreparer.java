package org.pgnet.worker.spi;

import java.util.Optional;
import org.pgnet.curl.NativeBytes;

/**
 * Turns a large body into its stored form, compressed for instance, so that {@link RequestStore#settle} need not. Any
 * thread.
 */
public interface BodyPreparer {
    /** Leaves every body as it is. */
    BodyPreparer NONE = body -> Optional.empty();

    /**
     * The body in a form that the store may prefer, for {@link Settlement.Answered#prepared()}; empty when that gains nothing.
     *
     * @param body stays the caller's, unchanged
     */
    Optional<NativeBytes> prepare(NativeBytes body);
}
