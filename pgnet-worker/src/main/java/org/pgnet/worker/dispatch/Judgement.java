package org.pgnet.worker.dispatch;

import java.time.Instant;
import java.util.Optional;
import org.pgnet.worker.spi.RequestKey;

/**
 * A policy's judgement of an ended attempt, for the decision when others to the same endpoint start.
 *
 * @param key which request it was
 * @param isRepeated whether the policy retries this outcome
 * @param leftAloneUntil until when the server asked for a pause; empty if it did not
 */
public record Judgement(RequestKey key, boolean isRepeated, Optional<Instant> leftAloneUntil) {}
