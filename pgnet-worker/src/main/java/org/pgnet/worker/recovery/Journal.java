package org.pgnet.worker.recovery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.pgnet.worker.spi.RequestKey;

/**
 * Notes which requests are in flight, from the start of their first hop until their outcome is recorded, at how many
 * abnormal ends of the worker each was in flight, and how often it was sent. Written by plain stores to memory that
 * outlives the process: no system call, and no heap memory for a request.
 *
 * <p>The memory is a hash table: a request's place is that of its id or one of the next few, so ids that follow each other
 * do not meet. A request that finds these taken is in flight without a note; this happens with about as many requests as
 * there are places.
 */
public final class Journal {
    private static final int BYTES_PER_REQUEST = 24;

    /** Names the layout, behind the places: another value for another layout. Not 0, as in new memory. */
    private static final long LAYOUT = 0x70676e6574000003L;

    private static final VarHandle STATES = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    // Offsets in a place.
    private static final int STATE = 0;
    private static final int ENDS = 4;
    private static final int SENDINGS = 6;
    private static final int VERSION = 8;
    private static final int ID = 16;

    // States of a place. Free comes first: new memory is zeros.
    private static final int FREE = 0;
    private static final int IN_FLIGHT = 1;
    private static final int SENT_BEFORE = 2;

    private static final int NEIGHBOURS = 16;

    private final ByteBuffer memory;
    private final int places;
    private final Map<RequestKey, Earlier> earlier = new ConcurrentHashMap<>();
    /** How many of the earlier ones were in flight at an abnormal end. Backend thread. */
    private int suspects;

    /** A request that was in flight when a process ended, and may be again. */
    private record Earlier(int place, int ends, int sendings) {}

    /**
     * Reads what the last process left.
     *
     * @param memory direct, zeros when new, {@link #bytesFor} 16 requests or more; of what is more than for a
     *     power of two nothing is used
     * @param endedAbnormally whether the last process did
     */
    public Journal(ByteBuffer memory, boolean endedAbnormally) {
        this.memory = memory.duplicate().order(ByteOrder.nativeOrder());
        this.places = Integer.highestOneBit((memory.capacity() - bytesFor(0)) / BYTES_PER_REQUEST);
        if (places < NEIGHBOURS) {
            throw new IllegalArgumentException(memory.capacity() + " bytes are too few");
        }
        forgetOtherLayout();
        for (int i = 0; i < places; i++) {
            read(i * BYTES_PER_REQUEST, endedAbnormally);
        }
    }

    /** The memory that so many requests take, in bytes, with that of {@link ReadingJournal} behind them. */
    public static int bytesFor(int requests) {
        return requests * BYTES_PER_REQUEST + Long.BYTES + ReadingJournal.BYTES;
    }

    private void forgetOtherLayout() {
        int layoutAt = places * BYTES_PER_REQUEST;
        long found = memory.getLong(layoutAt);
        for (int i = 0; found != 0 && found != LAYOUT && i < layoutAt; i++) {
            memory.put(i, (byte) 0);
        }
        memory.putLong(layoutAt, LAYOUT);
    }

    /**
     * A request is in flight from now on. Transfer thread.
     *
     * @return how often it was sent before, by processes that have ended
     */
    public int begun(RequestKey key) {
        if (!earlier.isEmpty()) {
            Earlier known = earlier.get(key);
            if (known != null) {
                memory.putShort(known.place() + SENDINGS, (short) Math.min(known.sendings() + 1, Short.MAX_VALUE));
                state(known.place(), IN_FLIGHT);
                return known.sendings();
            }
        }
        for (int i = 0; i < NEIGHBOURS; i++) {
            int place = place(key.id(), i);
            if (state(place) == FREE) {
                memory.putShort(place + ENDS, (short) 0);
                memory.putShort(place + SENDINGS, (short) 1);
                memory.putLong(place + VERSION, key.version());
                memory.putLong(place + ID, key.id());
                state(place, IN_FLIGHT);
                return 0;
            }
        }
        return 0;
    }

    /** A request, in flight or not, is recorded or gone. Backend thread. */
    public void ended(RequestKey key) {
        if (!earlier.isEmpty()) {
            Earlier known = earlier.remove(key);
            if (known != null) {
                forget(known);
                return;
            }
        }
        for (int i = 0; i < NEIGHBOURS; i++) {
            int place = place(key.id(), i);
            if (state(place) == IN_FLIGHT && holds(place, key)) {
                state(place, FREE);
                return;
            }
        }
    }

    /** Whether any request was in flight at an abnormal end and is not recorded. Backend thread. */
    public boolean hasSuspects() {
        return suspects > 0;
    }

    /** At how many abnormal ends of the worker a request was in flight. Backend thread. */
    int ends(RequestKey key) {
        Earlier known = earlier.get(key);
        return known == null ? 0 : known.ends();
    }

    /** How often a request was sent by processes that have ended. Any thread. */
    int sendings(RequestKey key) {
        Earlier known = earlier.get(key);
        return known == null ? 0 : known.sendings();
    }

    /** There is no request any more: somebody has deleted the rows of those that are left. Backend thread. */
    public void forgetSuspects() {
        earlier.values().removeIf(known -> {
            forget(known);
            return true;
        });
    }

    private void forget(Earlier known) {
        suspects -= known.ends() > 0 ? 1 : 0;
        state(known.place(), FREE);
    }

    private void read(int place, boolean endedAbnormally) {
        int state = state(place);
        if (state == FREE) {
            return;
        }
        int ends = memory.getShort(place + ENDS);
        if (state == IN_FLIGHT && endedAbnormally) {
            ends++;
        }
        suspects += ends > 0 ? 1 : 0;
        memory.putShort(place + ENDS, (short) Math.min(ends, Short.MAX_VALUE));
        state(place, SENT_BEFORE);
        RequestKey key = new RequestKey(memory.getLong(place + ID), memory.getLong(place + VERSION));
        earlier.put(key, new Earlier(place, ends, memory.getShort(place + SENDINGS)));
    }

    private boolean holds(int place, RequestKey key) {
        return memory.getLong(place + ID) == key.id() && memory.getLong(place + VERSION) == key.version();
    }

    private int place(long id, int neighbour) {
        return ((int) (id + neighbour) & (places - 1)) * BYTES_PER_REQUEST;
    }

    private int state(int place) {
        return (int) STATES.getAcquire(memory, place + STATE);
    }

    /** Released: whoever sees the state, the next process too, sees the request that was stored before it. */
    private void state(int place, int state) {
        STATES.setRelease(memory, place + STATE, state);
    }
}
