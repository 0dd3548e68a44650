package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.pgnet.worker.spi.RequestStore.Disposition;

/**
 * Chooses the manner in which batches are recorded: {@link Manner#TRUSTFUL} until something is in the way, and again when no
 * row of a batch was locked. When an owner's trigger may have raised an error, a batch is recorded once more without
 * triggers: a response is worth more than what a trigger does with it. Main thread.
 */
final class BatchRecording {
    private boolean careful;

    /**
     * Records a batch in one transaction.
     *
     * @throws DatabaseException when no manner may do better; nothing is written then
     */
    void record(PackedBatch batch) {
        if (!careful && attempt(batch, Manner.TRUSTFUL).isEmpty()) {
            return;
        }
        careful = true;
        Optional<DatabaseException> refusal = attempt(batch, Manner.CAREFUL);
        if (refusal.isPresent()) {
            attempt(batch, Manner.WITHOUT_TRIGGERS);
            warnOfTriggers(batch.count(), refusal.get());
        }
        careful = batch.dispositions().contains(Disposition.LOCKED);
    }

    /** Why it could not be recorded, when another manner may do better; empty when it was. */
    private static Optional<DatabaseException> attempt(PackedBatch batch, Manner manner) {
        try {
            Postgres.record(batch.memory(), batch.count(), manner.ordinal());
            return Optional.empty();
        } catch (DatabaseException refusal) {
            if (refusal.isFinal(manner)) {
                throw refusal;
            }
            return Optional.of(refusal);
        }
    }

    private static void warnOfTriggers(int count, DatabaseException refusal) {
        String message = "pg_net worker recorded " + count + " responses without the triggers of its tables";
        Postgres.log(true, message.getBytes(StandardCharsets.UTF_8), refusal.detail("With them: "));
    }
}
