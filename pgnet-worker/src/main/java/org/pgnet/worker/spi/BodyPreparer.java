package org.pgnet.worker.spi;

import java.util.Optional;
import org.pgnet.curl.NativeBytes;

/** Compresses a body as the store keeps it, so that {@link RequestStore#record} need not. Any thread. */
public interface BodyPreparer {
    /** Compresses nothing. */
    BodyPreparer NONE = body -> Optional.empty();

    /**
     * The body in a form that the store may prefer, for {@link Outcome.Response#compressed()}; empty when that gains nothing.
     *
     * @param body stays the caller's, unchanged
     */
    Optional<NativeBytes> compress(NativeBytes body);
}
