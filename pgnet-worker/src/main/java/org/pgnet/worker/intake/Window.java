package org.pgnet.worker.intake;

import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Priority;

/**
 * How many requests are worth holding in memory, and how many more each may hold. Backend thread.
 *
 * <p>All that are held of an owner fit into a window of a few times what may be in flight, less three quarters of what others
 * hold: so beside one owner's window there is always room for a third as much. Of one half of its window an origin may hold no
 * more than is still free of it. The other half is for those that end what they hold: an origin may have twice what has ended
 * within a second, and each a small part, however many there are. So hundreds of origins that are held back do not take the
 * room of the others. Requests of different priorities count as if they were to different origins, and urgent ones have some
 * room on top.
 */
final class Window {
    private static final int SMALLEST = 2_000;
    private static final int PER_SLOT = 4;
    /** So many parts of it is each sure of, divided by how many there are. */
    private static final int PARTS = 16;

    /**
     * The bodies of the requests that are held and, by their weight, the rest, in bytes; may be exceeded by one body. One
     * owner's take no more than three quarters of what others leave.
     */
    private static final long MAX_HELD_BYTES = 64L << 20;
    /** URLs and headers are on the Java heap, which is small, and are copied when they are sent. */
    private static final long HEAP_WEIGHT = 6;

    /** What the name of a secret takes there. */
    private static final long NAME_BYTES = 128;

    private final Clock clock;
    private long size = SMALLEST;
    private int held;
    private long heldBytes;

    Window(Clock clock) {
        this.clock = clock;
    }

    /** Sets its size by the most requests in flight. */
    void maxInFlight(int maxInFlight) {
        size = maxInFlight == 0 ? 0 : Math.max(SMALLEST, (long) PER_SLOT * maxInFlight);
    }

    boolean isClosed() {
        return size == 0;
    }

    static long bytesOf(DueRequest request) {
        return request.http().body().length()
                + request.contextBytes()
                + HEAP_WEIGHT
                        * (request.http().url().length()
                                + request.http().headersJson().length
                                + NAME_BYTES
                                        * request.http().secrets().inserted().size());
    }

    void hold(OriginBacklog backlog, long bytes) {
        held++;
        heldBytes += bytes;
        backlog.held++;
        backlog.owner.held++;
        backlog.owner.heldBytes += bytes;
    }

    void release(OriginBacklog backlog, long bytes) {
        held--;
        heldBytes -= bytes;
        backlog.held--;
        backlog.owner.held--;
        backlog.owner.heldBytes -= bytes;
        backlog.ended(clock.nanoTime());
    }

    /** Whether one more request may be held. */
    boolean mayHold(OriginBacklog backlog) {
        return backlog.held < free(backlog) && isRoomInBytes(backlog.owner);
    }

    /** How many more requests a backlog may hold, negative when it holds more already. */
    long roomOf(OriginBacklog backlog) {
        long free = free(backlog);
        long ofOwner = ofOwner(backlog.owner);
        if (free > ofOwner / 2) {
            return (free - backlog.held) / 2;
        }
        long share = Math.max(1, ofOwner / PARTS / backlog.owner.backlogs().size());
        long ended = Math.min(2 * backlog.endedLately(clock.nanoTime()), free - ofOwner / 4);
        return Math.min(free, Math.max(share, ended) - backlog.held);
    }

    /** The same, beside so many others of the owner that are about to be read. */
    long roomOf(OriginBacklog backlog, int others) {
        return Math.min(roomOf(backlog), free(backlog) - others);
    }

    /** Whether it is worth a query to read more of it. */
    boolean wantsMore(OriginBacklog backlog) {
        long room = roomOf(backlog);
        return room > 0 && (room >= backlog.held || room >= size / 8) && isRoomInBytes(backlog.owner);
    }

    /** How many requests an owner may hold of a priority that has no backlog yet. */
    long roomForNew(OwnerBacklog owner, Priority priority) {
        return (ofOwner(owner) - owner.held + onTop(priority)) / 2;
    }

    /** The same of an owner that holds none. */
    long roomForAnother() {
        return isRoomInBytes() ? (size - 3L * held / 4) / 2 : 0;
    }

    /** Whether reading so many is worth a query of its own. */
    boolean isWorthwhile(long requests) {
        return requests > 0 && requests >= size / 8;
    }

    boolean isRoomInBytes(OwnerBacklog owner) {
        return isRoomInBytes() && (roomInBytes(owner) > 0 || owner.held == 0);
    }

    /** How many more bytes an owner may hold. */
    long roomInBytes(OwnerBacklog owner) {
        return (MAX_HELD_BYTES - (heldBytes - owner.heldBytes)) / 4 * 3 - owner.heldBytes;
    }

    /** The same, of all. */
    long roomInBytes() {
        return MAX_HELD_BYTES - heldBytes;
    }

    private boolean isRoomInBytes() {
        return size > 0 && (heldBytes < MAX_HELD_BYTES || held == 0);
    }

    private long ofOwner(OwnerBacklog owner) {
        return size - 3L * (held - owner.held) / 4;
    }

    private long free(OriginBacklog backlog) {
        return ofOwner(backlog.owner) - backlog.owner.held + onTop(backlog.priority);
    }

    private long onTop(Priority priority) {
        return priority == Priority.URGENT ? size / PARTS : 0;
    }
}
