package org.pgnet.worker.intake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgnet.worker.spi.Backlog;
import org.pgnet.worker.spi.Line;

/** All backlogs: of which there is how much to read next. Backend thread. */
final class Backlogs {
    /** Bounds the memory of deferred ids; beyond it, surveys wait. */
    private static final int MAX_DEFERRING = 4_000;

    private final Window window;
    private final Map<Long, OwnerBacklog> owners = new HashMap<>();
    private final Set<OriginBacklog> deferring = new LinkedHashSet<>();

    /** Ids of one owner's backlogs that are to be read now. */
    static final class Turn {
        private final OwnerBacklog owner;
        private final List<OriginBacklog> backlogs = new ArrayList<>();
        private final List<Long> ends = new ArrayList<>();
        private long[] ids;
        private int count;

        private Turn(OwnerBacklog owner, int most) {
            this.owner = owner;
            this.ids = new long[most];
        }

        OwnerBacklog owner() {
            return owner;
        }

        /** In ascending order. */
        long[] ids() {
            return ids;
        }

        /** Takes those up to and including {@code last} out of their backlogs. */
        void removeThrough(long last) {
            for (int i = 0; i < backlogs.size(); i++) {
                backlogs.get(i).deferred.removeThrough(Math.min(last, ends.get(i)));
            }
        }

        /** Returns how many. */
        private int add(OriginBacklog backlog, int limit) {
            int added = backlog.deferred.copyLowest(ids, count, limit);
            if (added == 0) {
                return 0;
            }
            count += added;
            backlogs.add(backlog);
            ends.add(ids[count - 1]);
            return added;
        }

        private void sort() {
            ids = Arrays.copyOf(ids, count);
            Arrays.sort(ids);
        }
    }

    Backlogs(Window window) {
        this.window = window;
    }

    /** Of an owner. */
    OwnerBacklog of(long owner) {
        return owners.computeIfAbsent(owner, OwnerBacklog::new);
    }

    boolean areEmpty() {
        return deferring.isEmpty();
    }

    /** Whether more ids may be deferred. */
    boolean mayDefer() {
        return !window.isClosed() && deferring.size() <= MAX_DEFERRING;
    }

    /** Whether a backlog has ids to read. */
    boolean wantMore() {
        for (OriginBacklog backlog : deferring) {
            if (window.wantsMore(backlog)) {
                return true;
            }
        }
        return false;
    }

    /** What to read next, by owner; not more than so many ids. */
    List<Turn> turns(int most) {
        if (deferring.isEmpty()) {
            return List.of();
        }
        Map<OwnerBacklog, Turn> turns = new LinkedHashMap<>();
        int left = most;
        for (OriginBacklog backlog : deferring) {
            if (left > 0 && backlog.deferred.isLowestKnown() && window.wantsMore(backlog)) {
                Turn turn = turns.computeIfAbsent(backlog.owner, owner -> new Turn(owner, most));
                left -= turn.add(backlog, (int) Math.min(left, window.roomOf(backlog, turn.count)));
            }
        }
        turns.values().removeIf(turn -> turn.count == 0);
        turns.values().forEach(Turn::sort);
        return List.copyOf(turns.values());
    }

    /** To the end of the line, so that all have their turn. */
    void served(Turn turn) {
        for (OriginBacklog backlog : turn.backlogs) {
            if (deferring.remove(backlog)) {
                deferring.add(backlog);
            }
            noteDeferring(backlog);
            forgetIfIdle(backlog);
        }
    }

    /** One that has requests to read next, and they must be searched for. */
    Optional<OriginBacklog> unknown() {
        for (OriginBacklog backlog : deferring) {
            if (!backlog.deferred.isLowestKnown() && window.wantsMore(backlog)) {
                return Optional.of(backlog);
            }
        }
        return Optional.empty();
    }

    /** Its deferred ids have changed. */
    void noteDeferring(OriginBacklog backlog) {
        boolean isEmpty = backlog.deferred.isEmpty();
        if (isEmpty ? deferring.remove(backlog) : deferring.add(backlog)) {
            backlog.owner.deferring += isEmpty ? -1 : 1;
        }
    }

    void forgetIfIdle(OriginBacklog backlog) {
        if (backlog.held == 0 && backlog.deferred.isEmpty()) {
            backlog.owner.forget(backlog);
            if (backlog.owner.isIdle()) {
                owners.remove(backlog.owner.owner);
            }
        }
    }

    /** How many requests of one owner and priority may be read so that each backlog may hold all of them; 0 for too few. */
    long portionOf(Line line) {
        OwnerBacklog owner = owners.get(line.owner());
        if (owner == null) {
            long room = window.roomForAnother();
            return window.isWorthwhile(room) ? room : 0;
        }
        if (!window.isRoomInBytes(owner)) {
            return 0;
        }
        long portion = window.roomForNew(owner, line.priority());
        for (OriginBacklog backlog : owner.backlogs()) {
            if (backlog.priority == line.priority()) {
                portion = Math.min(portion, window.roomOf(backlog));
            }
        }
        return window.isWorthwhile(portion) ? portion : 0;
    }

    /** The same of requests of nobody knows whom. */
    long portionOfAny() {
        long portion = window.roomForAnother();
        for (OwnerBacklog owner : owners.values()) {
            if (!window.isRoomInBytes(owner)) {
                return 0;
            }
            for (OriginBacklog backlog : owner.backlogs()) {
                portion = Math.min(portion, window.roomOf(backlog));
            }
        }
        return window.isWorthwhile(portion) ? portion : 0;
    }

    /** What waits. */
    List<Backlog> all() {
        return deferring.stream()
                .map(each -> new Backlog(each.owner.owner, each.originName(), each.deferred.count()))
                .toList();
    }
}
