package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.pgnet.worker.spi.StoreException;

/** The natives of host_natives.c and store_natives.c, bound by name and signature. Declarations and nothing else. */
final class Postgres {

    private Postgres() {}

    static native void await(long timeoutMillis);

    /** Any thread. */
    static native void ringBell();

    static native boolean endRequested();

    /** Ranges of committed ids: first, last, first, last and so on. */
    static native long[] drain();

    /** Changes when the configuration was read again. */
    static native long reloadCount();

    /** Whether no more requests should be begun, because the worker is to be started anew. */
    static native boolean restartRequested();

    /** The most requests that the process's descriptors allow in flight. */
    static native int mostInFlight();

    /** Name, value, name, value and so on, in UTF-8; numbers in decimal digits, in bytes and microseconds. */
    static native byte[][] settings();

    /** Rows as {@link RequestReader} reads them, in memory that the next native call reuses. */
    static native ByteBuffer fetch(long first, long last, int limit, long maxBodyBytes);

    /** One ordinal of a {@link org.pgnet.worker.spi.RequestStore.Disposition} for each outcome. */
    static native byte[] record(ByteBuffer outcomes, int count);

    /** Microseconds until there is more to expire. */
    static native long expire(long ttlMicros, int limit);

    static native void announce(long[] sortedIds);

    static native void announce(long first, long last);

    static native void reportActivity(boolean active);

    /** Any thread. */
    static native void addInFlight(int change);

    /**
     * Compresses with LZ4, into memory of malloc(3), as compress.c says. Any thread.
     *
     * @return address and length; the length is 0 when there is no LZ4 or nothing is gained
     */
    static native long[] compress(long address, long length);

    /** The memory of {@link org.pgnet.worker.spi.WorkerHost#journal}. */
    static native ByteBuffer journal();

    static native boolean takeAbnormalEnd();

    static native void log(boolean warning, byte[] message);

    /** Called by native_call.c, with UTF-8. */
    static StoreException storeException(byte[] sqlState, byte[] message) {
        return new StoreException(
                new String(sqlState, StandardCharsets.UTF_8), new String(message, StandardCharsets.UTF_8));
    }
}
