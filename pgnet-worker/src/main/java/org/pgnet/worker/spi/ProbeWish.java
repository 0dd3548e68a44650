package org.pgnet.worker.spi;

/**
 * A user's call of net.probe: hosts with open breakers are to be probed at once.
 *
 * @param pattern which hosts, as in the rules
 * @param asked distinguishes the wish from others with the same pattern
 */
public record ProbeWish(String pattern, String asked) {}
