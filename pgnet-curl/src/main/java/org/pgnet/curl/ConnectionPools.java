package org.pgnet.curl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The pools of a loop's owners, and the bounds of what they keep. libcurl applies CURLMOPT_MAXCONNECTS to each pool by
 * itself, from 8.13 to 8.21 to none, and prunes a pool only when its owner sends something. So the sockets are counted here:
 * beside those of transfers in flight no more than {@code maxConnections} stay open, and those that became idle in one cycle
 * of the loop. One thread, that of the loop.
 *
 * <p>What libcurl remembers of hosts has no bound of its own: the entries of their connections, for which a pool is renewed
 * now and then, and their addresses, which are forgotten after so many new connections. A pool with transfers in flight is
 * retired, and closed when they have ended, which may be never. So an owner has at most one such, and all of these together no
 * more sockets than are kept for the others; beyond that an owner's connections are not kept.
 */
final class ConnectionPools implements AutoCloseable {

    /** Owners beyond these keep nothing, until one of them has sent nothing for a while. */
    static final int MAX_POOLS = 256;

    static final long LONGEST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Each transfer looks at all addresses that libcurl remembers. */
    private static final int MAX_NAMES = 500;

    private final SharedSinkState sinks;
    private final LongSupplier nanoTime;
    private final OpenSockets sockets = new OpenSockets();

    /** By owner; first the one whose last transfer began before those of the others. */
    private final Map<Long, ConnectionPool> pools = new LinkedHashMap<>(16, 0.75f, true);

    /** Those that are closed when their transfers have ended. */
    private final List<ConnectionPool> retired = new ArrayList<>();

    private int maxConnections;
    private int active;
    private int idleHandles;
    private long poolsMade;
    private long lookedNanos;
    private boolean full;
    private int namesRemembered;

    /** @param nanoTime the clock, as {@link System#nanoTime} */
    ConnectionPools(SharedSinkState sinks, LongSupplier nanoTime) {
        this.sinks = sinks;
        this.nanoTime = nanoTime;
        this.lookedNanos = nanoTime.getAsLong();
    }

    /** Sets how many sockets may be open beside those of transfers in flight; also how many handles may be idle. */
    void maxConnections(int connections) {
        maxConnections = connections;
        shedHandles();
    }

    int idleHandles() {
        return idleHandles;
    }

    /** All sockets of the loop. */
    OpenSockets sockets() {
        return sockets;
    }

    /** Whether a transfer that is started now may keep its connection: not when one more idle one would be too many. */
    boolean keeps(EasyHandle easy) {
        return !full && !easy.pool().keepsNoMore();
    }

    /** Whether the transfer that is started now is to make libcurl forget the addresses of all hosts. */
    boolean forgetsNames() {
        boolean now = namesRemembered >= MAX_NAMES;
        namesRemembered = now ? 0 : namesRemembered;
        return now;
    }

    /**
     * A handle for a transfer of this owner. It has served no other.
     *
     * @throws CurlException when there is no memory
     */
    EasyHandle take(long owner) {
        ConnectionPool pool = pool(owner);
        EasyHandle easy;
        if (pool.idleHandles().isEmpty()) {
            easy = new EasyHandle(sinks, sockets, pool);
        } else {
            easy = pool.idleHandles().pop();
            idleHandles--;
        }
        pool.begun();
        active++;
        return easy;
    }

    /** Takes back a handle whose transfer has ended. */
    void giveBack(EasyHandle easy) {
        ConnectionPool pool = easy.pool();
        note(easy);
        if (pool.hasNext() && easy.isSmall()) {
            pool.idleHandles().push(easy);
            idleHandles++;
            shedHandles();
        } else {
            easy.close();
        }
        ended(pool);
        if (pool.isWornOut() || pool.keepsNoMore()) {
            renew(pool);
        }
    }

    private void note(EasyHandle easy) {
        if (easy.lookedForHost()) {
            namesRemembered++;
            if (sockets.count() >= maxConnections) {
                easy.pool().replacedOne();
            }
        }
    }

    /** Closes a handle that cannot be used again. */
    void discard(EasyHandle easy) {
        easy.close();
        ended(easy.pool());
    }

    /** Closes what was kept long enough, and what is too much. To be called in each cycle. */
    void prune() {
        long now = nanoTime.getAsLong();
        if (now - lookedNanos >= LOOK_NANOS) {
            lookedNanos = now;
            closeThose(pool -> pool.isIdleFor(LONGEST_IDLE_NANOS, now));
        }
        if (isOverLimit()) {
            makeRoom(now);
        }
        full = isOverLimit();
    }

    private ConnectionPool pool(long owner) {
        ConnectionPool known = pools.get(owner);
        if (known != null) {
            return known;
        }
        poolsMade++;
        if (pools.size() >= MAX_POOLS) {
            return ConnectionPool.keepingNothing(owner, poolsMade);
        }
        ConnectionPool pool = ConnectionPool.keeping(owner, poolsMade);
        pools.put(owner, pool);
        return pool;
    }

    private void ended(ConnectionPool pool) {
        active--;
        pool.ended(nanoTime.getAsLong());
        if (pool.active() == 0 && retired.remove(pool)) {
            pool.close();
        }
    }

    /** By the connections of those that are not retired. */
    private boolean isOverLimit() {
        int idle = sockets.count() - active;
        for (ConnectionPool pool : retired) {
            idle -= Math.max(0, pool.socketsWhenRetired() - pool.active());
        }
        return idle > maxConnections;
    }

    /** By the owners that send nothing, if that is enough; else by the one that has most. */
    private void makeRoom(long now) {
        closeThose(pool -> isOverLimit() && pool.isIdleFor(0, now));
        if (isOverLimit()) {
            pools.values().stream().max(Comparator.comparingInt(sockets::count)).ifPresent(this::renew);
        }
    }

    /** Closes a pool now or when its transfers have ended, so that its owner begins anew; or lets it keep nothing more. */
    private void renew(ConnectionPool pool) {
        if (pools.get(pool.owner()) != pool) {
            return;
        }
        int count = sockets.count(pool);
        if (pool.active() > 0 && !mayRetire(pool.owner(), count)) {
            pool.keepNoMore();
            return;
        }
        pools.remove(pool.owner());
        idleHandles -= pool.idleHandles().size();
        if (pool.active() == 0) {
            pool.close();
        } else {
            pool.retire(count);
            retired.add(pool);
        }
    }

    private boolean mayRetire(long owner, int count) {
        int all = count;
        for (ConnectionPool pool : retired) {
            if (pool.owner() == owner) {
                return false;
            }
            all += pool.socketsWhenRetired();
        }
        return all <= 2 * maxConnections;
    }

    /** Closes pools without transfers in flight. */
    private void closeThose(Predicate<ConnectionPool> unwanted) {
        for (Iterator<ConnectionPool> each = pools.values().iterator(); each.hasNext(); ) {
            ConnectionPool pool = each.next();
            if (unwanted.test(pool)) {
                each.remove();
                idleHandles -= pool.idleHandles().size();
                pool.close();
            }
        }
    }

    private void shedHandles() {
        for (ConnectionPool pool : pools.values()) {
            if (idleHandles <= maxConnections) {
                return;
            }
            while (idleHandles > maxConnections && !pool.idleHandles().isEmpty()) {
                pool.idleHandles().pollLast().close();
                idleHandles--;
            }
        }
    }

    /** Closes what is kept. Handles in flight must be closed; the multi handle is closed next, and then {@link #sockets()}. */
    @Override
    public void close() {
        pools.values().forEach(ConnectionPool::close);
        pools.clear();
        retired.forEach(ConnectionPool::close);
        retired.clear();
    }
}
