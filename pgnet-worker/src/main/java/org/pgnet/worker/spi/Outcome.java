package org.pgnet.worker.spi;

import java.time.Duration;
import java.time.Instant;
import org.pgnet.curl.NativeBytes;

/** How one request ended: exactly one outcome for each request that was sent. */
public sealed interface Outcome {

    /** The request that ended so. */
    QueuedRequest request();

    /** When it ended. */
    Instant completed();

    /** From the start of the first hop to the end of the last. */
    Duration duration();

    /** The native memory that it owns, in bytes. */
    long responseBytes();

    /**
     * A response came, whatever its status.
     *
     * @param status the status code of the last response
     * @param headerBlock its status line and header lines as received, for {@link org.pgnet.worker.http.ResponseReader}; owned by this outcome until
     *     it is recorded
     * @param body its body, owned by this outcome until it is recorded; as {@link
     *     org.pgnet.curl.TransferResult#takeBody()} hands it over, with room before it
     * @param compressed what {@link BodyPreparer} made of the body, empty when nothing; owned likewise
     */
    record Response(
            QueuedRequest request,
            Instant completed,
            Duration duration,
            int status,
            NativeBytes headerBlock,
            NativeBytes body,
            NativeBytes compressed)
            implements Outcome {
        @Override
        public long responseBytes() {
            return headerBlock.length() + body.length() + compressed.length();
        }
    }

    /**
     * No response came.
     *
     * @param timedOut whether the request's own timeout ended it
     * @param message the reason, for the user
     */
    record Failure(QueuedRequest request, Instant completed, Duration duration, boolean timedOut, String message)
            implements Outcome {
        @Override
        public long responseBytes() {
            return 0;
        }
    }
}
