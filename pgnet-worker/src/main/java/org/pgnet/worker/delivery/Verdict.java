package org.pgnet.worker.delivery;

import java.time.Instant;
import java.util.Optional;
import org.pgnet.worker.spi.DeadReason;

/** What follows from an attempt for its request. */
public sealed interface Verdict {

    /** Calls the case that this verdict is. */
    <R> R match(Cases<R> cases);

    /**
     * One method for each kind of verdict.
     *
     * @param <R> what they return
     */
    interface Cases<R> {
        /** It has got through. */
        R succeeded();

        /** It is sent again, not before this moment. */
        R again(Again verdict);

        /** It is not sent again. */
        R ended(Ended verdict);
    }

    /** It has got through: a 2xx status that its policy does not repeat. */
    record Succeeded() implements Verdict {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.succeeded();
        }
    }

    /**
     * It is sent again.
     *
     * @param due not before that
     * @param counted how many attempts now count towards the most that its policy allows
     * @param leftAloneUntil until when the server asks to be left alone, whatever hastens the request; empty when it does not
     */
    record Again(Instant due, int counted, Optional<Instant> leftAloneUntil) implements Verdict {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.again(this);
        }
    }

    /** It failed for good. */
    record Ended(DeadReason reason) implements Verdict {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.ended(this);
        }
    }
}
