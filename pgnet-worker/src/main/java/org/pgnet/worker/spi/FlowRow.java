package org.pgnet.worker.spi;

/**
 * What the requests of one owner to one origin do, and what became of those before.
 *
 * @param now as it is now
 * @param sinceStart since the worker started
 */
public record FlowRow(FlowState now, FlowTotals sinceStart) {}
