package org.pgnet.worker.dispatch;

import java.time.Duration;
import org.pgnet.worker.spi.RequestKey;

/**
 * What a policy says of an attempt that has ended, for those who decide when others to the same endpoint start.
 *
 * @param key which request it was
 * @param isRepeated whether it is what the policy tries again
 * @param retryAfter how long the server asks to be left alone; zero when it does not
 */
public record Judgement(RequestKey key, boolean isRepeated, Duration retryAfter) {}
