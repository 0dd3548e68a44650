package org.pgnet.worker.spi;

/**
 * Somebody has said that hosts work again: where a breaker is open, they are to be probed at once.
 *
 * @param pattern which hosts, as in the rules
 * @param asked tells the wish from others about the same pattern
 */
public record ProbeWish(String pattern, String asked) {}
