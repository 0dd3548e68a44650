package org.pgnet.worker.spi;

/** The requests of one owner that have one priority. */
public record Line(long owner, Priority priority) {}
