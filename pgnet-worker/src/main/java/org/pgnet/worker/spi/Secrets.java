package org.pgnet.worker.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.pgnet.curl.SecretBytes;

/** The secrets of the host's users, as they are now. */
public interface Secrets {
    /** There are none, and nobody asks for one. */
    Secrets NONE = new Secrets() {
        @Override
        public boolean expect(long owner, Collection<String> names) {
            return true;
        }

        @Override
        public Answer find(String name, long owner, Collection<String> origins, Instant now) {
            return Answer.unavailable("does not exist");
        }

        @Override
        public void refresh() {}
    };

    /** Whether a secret may be sent. */
    enum Verdict {
        /** It may. */
        USABLE,
        /** The owner of the request may not use it. */
        NOT_HIS,
        /** It is not for this place. */
        NOT_THERE,
        /** There is none, or it cannot be read. */
        UNAVAILABLE
    }

    /**
     * What became of a question for a secret.
     *
     * @param reason why it is unavailable, to follow its name in a message; empty otherwise
     * @param keys copies of its values that hold now, the one that is sent first; none unless it is usable. Whoever has asked
     *     closes them
     */
    record Answer(Verdict verdict, String reason, List<SecretBytes> keys) implements AutoCloseable {
        /** It can be sent. */
        public static Answer usable(List<SecretBytes> keys) {
            return new Answer(Verdict.USABLE, "", keys);
        }

        /** It must not be. */
        public static Answer refused(Verdict verdict) {
            return new Answer(verdict, "", List.of());
        }

        /** It cannot be, for this reason. */
        public static Answer unavailable(String reason) {
            return new Answer(Verdict.UNAVAILABLE, reason, List.of());
        }

        @Override
        public void close() {
            keys.forEach(SecretBytes::close);
        }
    }

    /**
     * Requests of this owner come that need secrets of these names: {@link #find} will be asked. Backend thread.
     *
     * @return whether it can say how they are now; else nothing is to be sent
     */
    boolean expect(long owner, Collection<String> names);

    /**
     * A secret, for a request of an owner. Transfer thread.
     *
     * @param origins where it would be sent, and where it would seem to be sent: it must be for all of these, which are as
     *     {@link org.pgnet.worker.http.Origins} gives them
     */
    Answer find(String name, long owner, Collection<String> origins, Instant now);

    /** A server has not accepted one: what was read of files is read again. Transfer thread. */
    void refresh();
}
