package org.pgnet.worker.dispatch;

import java.time.Instant;
import java.util.Optional;
import org.pgnet.worker.spi.RequestKey;

/**
 * What a policy says of an attempt that has ended, for those who decide when others to the same endpoint start.
 *
 * @param key which request it was
 * @param isRepeated whether it is what the policy tries again
 * @param leftAloneUntil until when the server asks to be left alone; empty when it does not
 */
public record Judgement(RequestKey key, boolean isRepeated, Optional<Instant> leftAloneUntil) {}
