package org.pgnet.worker.spi;

/**
 * The requests of one owner to one origin: their state now, and totals.
 *
 * @param now the state now
 * @param sinceStart since the worker started
 */
public record FlowRow(FlowState now, FlowTotals sinceStart) {}
