package org.pgnet.jni;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pgnet.worker.spi.Counters;

/** The counters of net.stats, in shared memory. Any thread. */
final class CounterMemory implements Counters {
    private static final VarHandle VALUES =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer memory;

    /** @param memory as {@link Postgres#counters} returns it */
    CounterMemory(ByteBuffer memory) {
        this.memory = memory;
    }

    /** @param change how much more, or less when negative */
    void add(Counter counter, long change) {
        VALUES.getAndAdd(memory, counter.ordinal() * Long.BYTES, change);
    }

    @Override
    public void setAside(int count) {
        VALUES.setRelease(memory, Counter.SET_ASIDE.ordinal() * Long.BYTES, (long) count);
    }

    @Override
    public void addInFlight(int change) {
        add(Counter.IN_FLIGHT, change);
    }
}
