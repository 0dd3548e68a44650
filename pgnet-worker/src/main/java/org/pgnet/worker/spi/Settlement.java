package org.pgnet.worker.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.pgnet.curl.NativeBytes;

/**
 * The outcome of a request: exactly one settlement for each request that was sent. It ends the request, unless it postpones
 * it.
 */
public sealed interface Settlement {
    /** The request that is settled so. */
    DueRequest request();

    /** When it ended. */
    Instant completed();

    /** From the start of the first hop to the end of the last. */
    Duration duration();

    /** Where the time went. */
    Stages stages();

    /** How often the request was sent, by earlier processes of the worker too; its hops count as one. */
    int attempts();

    /** Calls the case that this settlement is. */
    <R> R match(Cases<R> cases);

    /** The native memory that it owns, in bytes; none unless a response came. */
    default long responseBytes() {
        return 0;
    }

    /** Of these, what {@link BodyPreparer} made. */
    default long preparedBytes() {
        return 0;
    }

    /** Frees the memory that it owns. A second call does nothing. */
    default void close() {}

    /**
     * One method for each kind of settlement, so that the compiler tells who has not thought of a new one.
     *
     * @param <R> what they return
     */
    interface Cases<R> {
        /** A response came. */
        R answered(Answered settlement);

        /** No response came, or none that can be stored. */
        R failed(Failed settlement);

        /** It did not succeed and is sent again. */
        R postponed(Postponed settlement);

        /** It did not succeed and is kept, to be sent again by hand. */
        R dead(Dead settlement);
    }

    /**
     * A response came, whatever its status.
     *
     * @param status the status code of the last response
     * @param headerBlock its status line and header lines as received; owned by this settlement until it is recorded
     * @param body its body, owned by this settlement until it is recorded; as {@link
     *     org.pgnet.curl.TransferResult#takeBody()} hands it over, with room before it
     * @param prepared what {@link BodyPreparer} made of the body, empty when nothing; owned likewise
     * @param stages unknown of most first attempts
     */
    record Answered(
            DueRequest request,
            Instant completed,
            Duration duration,
            int attempts,
            int status,
            NativeBytes headerBlock,
            NativeBytes body,
            NativeBytes prepared,
            Stages stages)
            implements Settlement {
        /** One whose stages are not known. */
        public Answered(
                DueRequest request,
                Instant completed,
                Duration duration,
                int attempts,
                int status,
                NativeBytes headerBlock,
                NativeBytes body,
                NativeBytes prepared) {
            this(request, completed, duration, attempts, status, headerBlock, body, prepared, Stages.UNKNOWN);
        }

        /** The same with what was made of its body. */
        public Answered prepared(NativeBytes bytes) {
            return new Answered(request, completed, duration, attempts, status, headerBlock, body, bytes, stages);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.answered(this);
        }

        @Override
        public long responseBytes() {
            return headerBlock.length() + body.length() + prepared.length();
        }

        @Override
        public long preparedBytes() {
            return prepared.length();
        }

        @Override
        public void close() {
            headerBlock.close();
            body.close();
            prepared.close();
        }
    }

    /**
     * No response came, or none that can be stored.
     *
     * @param kind why
     * @param message the reason, for the user. The end of a long one is cut off: it may quote what a caller or a server
     *     made as long as it could
     * @param bare whether its row leaves out the request's method and URL, since they may be what is refused
     */
    record Failed(
            DueRequest request,
            Instant completed,
            Duration duration,
            int attempts,
            FailureKind kind,
            String message,
            boolean bare,
            Stages stages)
            implements Settlement {
        /** In characters. */
        private static final int LONGEST_MESSAGE = 2_000;

        /** Cuts off the message. */
        public Failed {
            if (message.length() > LONGEST_MESSAGE) {
                message = message.substring(0, LONGEST_MESSAGE - 3) + "...";
            }
        }

        /** One whose row says which request it was, and whose stages are not known. */
        public Failed(
                DueRequest request,
                Instant completed,
                Duration duration,
                int attempts,
                FailureKind kind,
                String message) {
            this(request, completed, duration, attempts, kind, message, false, Stages.UNKNOWN);
        }

        /** Whether the request's own timeout ended it. */
        public boolean timedOut() {
            return kind == FailureKind.TIMEOUT;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.failed(this);
        }
    }

    /**
     * It did not succeed and is sent again.
     *
     * @param status the status code of the response, 0 when none came; nothing else of it is kept
     * @param timedOut whether the request's own timeout ended it
     * @param message why no response came, empty when one came
     * @param due when it is sent again; whole microseconds
     * @param counted how many attempts count towards the most that its policy allows
     * @param leftAloneUntil until when the server asks to be left alone; whole microseconds, empty when it does not
     */
    record Postponed(
            DueRequest request,
            Instant completed,
            Duration duration,
            int attempts,
            int status,
            boolean timedOut,
            String message,
            Instant due,
            int counted,
            Optional<Instant> leftAloneUntil,
            Stages stages)
            implements Settlement {
        /** One whose stages are not known. */
        public Postponed(
                DueRequest request,
                Instant completed,
                Duration duration,
                int attempts,
                int status,
                boolean timedOut,
                String message,
                Instant due,
                int counted,
                Optional<Instant> leftAloneUntil) {
            this(
                    request,
                    completed,
                    duration,
                    attempts,
                    status,
                    timedOut,
                    message,
                    due,
                    counted,
                    leftAloneUntil,
                    Stages.UNKNOWN);
        }

        /** The same with another message. */
        public Postponed message(String other) {
            return new Postponed(
                    request,
                    completed,
                    duration,
                    attempts,
                    status,
                    timedOut,
                    other,
                    due,
                    counted,
                    leftAloneUntil,
                    stages);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.postponed(this);
        }
    }

    /**
     * It did not succeed, is not sent again by itself, and is kept whole.
     *
     * @param outcome how it ended, which is its response: answered or failed
     * @param reason why it is not sent again
     */
    record Dead(Settlement outcome, DeadReason reason) implements Settlement {
        @Override
        public DueRequest request() {
            return outcome.request();
        }

        @Override
        public Instant completed() {
            return outcome.completed();
        }

        @Override
        public Duration duration() {
            return outcome.duration();
        }

        @Override
        public Stages stages() {
            return outcome.stages();
        }

        @Override
        public int attempts() {
            return outcome.attempts();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.dead(this);
        }

        @Override
        public long responseBytes() {
            return outcome.responseBytes();
        }

        @Override
        public long preparedBytes() {
            return outcome.preparedBytes();
        }

        @Override
        public void close() {
            outcome.close();
        }
    }
}
