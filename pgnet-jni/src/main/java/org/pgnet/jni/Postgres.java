package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The natives of host_natives.c and store_natives.c, bound by name and signature. Declarations and nothing else. */
final class Postgres {

    private Postgres() {}

    static native void await(long timeoutMillis);

    /** Any thread. */
    static native void ringBell();

    static native boolean endRequested();

    /** What was committed, of each entry its first and last id, its owner and its {@link Lane}, as {@link CommittedReader} has it. */
    static native long[] drain();

    /** The next moment that came with the ids of the last {@link #drain}, as {@link Micros} has it; the last one for none. */
    static native long drainScheduled();

    /** Changes when the configuration was read again. */
    static native long reloadCount();

    /** Whether no more requests should be begun, because the worker is to be started anew. */
    static native boolean restartRequested();

    /** The most requests that the process's descriptors allow in flight. */
    static native int mostInFlight();

    /** Name, value, name, value and so on, in UTF-8; numbers in decimal digits, in bytes and microseconds. */
    static native byte[][] settings();

    /**
     * Rows as {@link RequestReader} reads them, in memory that the next native call reuses.
     *
     * @param reading the ordinal of a {@link Reading}
     * @throws DatabaseException when the database refuses
     */
    static native ByteBuffer fetch(long first, long last, int limit, long maxBodyBytes, int reading);

    /** The same of chosen ids. */
    static native ByteBuffer fetch(long[] ids, long maxBodyBytes, int reading);

    /**
     * Whose requests the first part of a range holds, as {@link CommittedReader} reads it: the last id that was looked at, 1
     * when there are no more, how many rows there were, and of each run its first and last id, its owner, its origin, its
     * {@link Lane} and how many requests it has.
     *
     * @throws DatabaseException when the database refuses
     */
    static native long[] survey(long first, long last);

    /**
     * The ids of the first requests of order keys.
     *
     * @param ownersAndNumbers of each key
     * @throws DatabaseException when the database refuses
     */
    static native long[] heads(long[] ownersAndNumbers);

    /** How often requests were removed or changed by others than this worker, since the server started. */
    static native long removals();

    /**
     * Looks for requests.
     *
     * @param ids of each
     * @param versions of each, as {@link RequestReader} has read them
     * @return the places of those that are not there, or not in this version
     * @throws DatabaseException when the database refuses
     */
    static native int[] absent(long[] ids, long[] versions);

    /**
     * Finds requests that are due. Moments are as {@link Micros} has them.
     *
     * @return the moment and id of the last one, the moment at which the next look finds something, and the ids
     * @throws DatabaseException when the database refuses
     */
    static native long[] findDue(long reachedMicros, long reachedId, int limit);

    /**
     * Finds requests of an owner for whose last attempt nothing was there, among those that wait for a time and have higher ids.
     *
     * @return first a long[]: the highest id that was looked at, whether that was the last one (1), the ids, and of each
     *     whether it is a message (1); then the URL of each in UTF-8
     * @throws DatabaseException when the database refuses
     */
    static native Object[] findFailed(long owner, long after, int limit);

    /**
     * Makes requests due now.
     *
     * @throws DatabaseException when the database refuses
     */
    static native void hasten(long[] ids);

    /**
     * What net.policies says of a policy, as policies.c has it; null when there is none of this name. All in UTF-8.
     *
     * @throws DatabaseException when the database refuses
     */
    static native byte[][] policy(byte[] name);

    /** Whether somebody asks what the requests do; true once. */
    static native boolean flowsWanted();

    /** Answers that, with texts as {@link FlowTexts} has them. */
    static native void answerFlows(byte[][] texts);

    /**
     * What net.hosts says, as {@link HostRowReader} reads it. All in UTF-8.
     *
     * @throws DatabaseException when the database refuses
     */
    static native byte[][] hostRows();

    /**
     * The webhooks, as {@link WebhookRowReader} reads them. All in UTF-8.
     *
     * @throws DatabaseException when the database refuses
     */
    static native byte[][] webhookStates();

    /**
     * The wishes for probes, as {@link ProbeRowReader} reads them. All in UTF-8.
     *
     * @throws DatabaseException when the database refuses
     */
    static native byte[][] probeRows();

    /** Changes when {@link #hostRows}, {@link #webhookStates}, {@link #probeRows}, {@link #secretRows} or rights of roles may be something else; never 0. */
    static native long hostRowsVersion();

    /**
     * Whether a role has the rights of one of these.
     *
     * @param roles names as an array of PostgreSQL's, in UTF-8
     */
    static native boolean hasRightsOfAny(int role, byte[] roles);

    /** Whether a role has the rights of another one. */
    static native boolean hasRightsOf(int role, int other);

    /**
     * The secrets, as {@link SecretRowReader} reads them.
     *
     * @throws DatabaseException when the database refuses
     */
    static native Object[] secretRows();

    /**
     * Deletes attempts that are older than that.
     *
     * @return microseconds until there is more to do
     * @throws DatabaseException when the database refuses
     */
    static native long expireAttempts(long ttlMicros, int limit);

    /** The same of dead letters. */
    static native long expireDead(long ttlMicros, int limit);

    /**
     * Records outcomes in one transaction, in the {@link Manner} of this ordinal, and writes into each what became of it.
     *
     * @throws DatabaseException when the database refuses; nothing is written then
     */
    static native void record(ByteBuffer outcomes, int count, int manner);

    /**
     * Deletes the next old responses of a pass over them.
     *
     * @param newPass whether to begin with the oldest of all
     * @param pastRefused whether to leave out what the last call was refused
     * @return microseconds until there is more to do, and how many of the old ones are left
     * @throws DatabaseException when the database refuses; nothing is deleted then
     */
    static native long[] expire(long ttlMicros, int limit, boolean newPass, boolean pastRefused);

    static native void announce(long[] sortedIds);

    static native void announce(long first, long last);

    static native void reportActivity(boolean active);

    /** @param reason in UTF-8, empty while requests are sent */
    static native void reportHalt(byte[] reason);

    /** The memory of {@link CounterMemory}. */
    static native ByteBuffer counters();

    /**
     * Compresses with LZ4, into memory of malloc(3), as compress.c says. Any thread.
     *
     * @return address and length; the length is 0 when there is no LZ4 or nothing is gained
     */
    static native long[] compress(long address, long length);

    /** The memory of {@link org.pgnet.worker.spi.WorkerHost#journal}. */
    static native ByteBuffer journal();

    static native boolean takeAbnormalEnd();

    /**
     * A line in the server's log.
     *
     * @param message in UTF-8
     * @param detail in the database's encoding, empty for none
     */
    static native void log(boolean warning, byte[] message, byte[] detail);

    /** The number of the cluster and that of the database. */
    static native long[] identity();

    /** What {@link Contract} reads. */
    static native byte[] contract();

    /** Called by native_call.c, with UTF-8, and once more the message in the database's encoding. */
    static DatabaseException databaseException(byte[] sqlState, byte[] message, byte[] serverText, int source) {
        return new DatabaseException(
                new String(sqlState, StandardCharsets.UTF_8),
                new String(message, StandardCharsets.UTF_8),
                serverText,
                DatabaseException.Source.values()[source]);
    }
}
