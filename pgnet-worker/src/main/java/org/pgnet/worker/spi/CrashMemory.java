package org.pgnet.worker.spi;

import java.nio.ByteBuffer;

/**
 * Memory that survives any end of the process; the next process gets it as this one left it.
 *
 * @param bytes direct, zeros when new; any thread
 * @param endedAbnormally whether the process before this one was killed, crashed, or ended by an exception
 */
public record CrashMemory(ByteBuffer bytes, boolean endedAbnormally) {}
