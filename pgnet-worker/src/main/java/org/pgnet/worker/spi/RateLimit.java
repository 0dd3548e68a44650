package org.pgnet.worker.spi;

/**
 * How often requests may start: a token bucket for all origins of one rule, redirect hops and resends included.
 *
 * @param rule the name of the rule, by which its bucket is known
 * @param perSecond tokens that come in a second, more than 0
 * @param burst the most tokens that gather, at least 1
 */
public record RateLimit(String rule, double perSecond, double burst) {}
