package org.pgnet.curl;

import java.util.ArrayDeque;

/**
 * What one owner's transfers leave for that owner's next ones: open connections, TLS sessions and easy handles. libcurl's
 * own matching of connections knows no owners, so each has a share handle (libcurl-share(3)), which libcurl asks instead of
 * the multi handle's pool. No lock functions: one thread, that of the loop.
 */
final class ConnectionPool implements AutoCloseable {

    /**
     * A libcurl before 8.11 forgets to take out the entry of a host whose last connection it replaces (conncache.c,
     * Curl_conncache_extract_oldest), and walks over all entries for each transfer.
     */
    private static final int WORN_OUT = 500;

    private final long owner;
    private final long number;
    private final ArrayDeque<EasyHandle> idleHandles = new ArrayDeque<>();
    private long share;
    private int active;
    private long idleSinceNanos;
    private boolean retired;
    private boolean keepsNoMore;
    private int replaced;
    private int socketsWhenRetired;

    ConnectionPool(long owner, long number, long share) {
        this.owner = owner;
        this.number = number;
        this.share = share;
    }

    /**
     * A pool that keeps what libcurl lets it.
     *
     * @param number tells it from every other pool of the loop
     * @throws CurlException when there is no memory
     */
    static ConnectionPool keeping(long owner, long number) {
        long share = ReturnCode.checkAllocated(LibCurl.curl_share_init());
        ConnectionPool pool = new ConnectionPool(owner, number, share);
        try {
            pool.share(LibCurl.CURL_LOCK_DATA_CONNECT);
            pool.share(LibCurl.CURL_LOCK_DATA_SSL_SESSION);
        } catch (CurlException e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    /** A pool that keeps nothing: each transfer connects, and closes its connection. */
    static ConnectionPool keepingNothing(long owner, long number) {
        return new ConnectionPool(owner, number, 0);
    }

    private void share(long what) {
        ReturnCode.checkShare(LibCurl.curl_share_setopt(share, LibCurl.CURLSHOPT_SHARE, what));
    }

    long owner() {
        return owner;
    }

    long number() {
        return number;
    }

    /** For CURLOPT_SHARE; 0 when nothing is kept. */
    long share() {
        return share;
    }

    /**
     * The owner has another pool from now on; this one is closed when no transfer is in flight any more.
     *
     * @param sockets how many it has
     */
    void retire(int sockets) {
        retired = true;
        socketsWhenRetired = sockets;
    }

    /** How many sockets it had when it was retired, 0 before. */
    int socketsWhenRetired() {
        return socketsWhenRetired;
    }

    /** A connection was opened while there were as many as are kept, so that libcurl closes one for it. */
    void replacedOne() {
        replaced++;
    }

    /** Whether libcurl has replaced so many connections that its list of them has become long. */
    boolean isWornOut() {
        return replaced >= WORN_OUT;
    }

    /** What is started from now on does not keep its connection. */
    void keepNoMore() {
        keepsNoMore = true;
    }

    boolean keepsNoMore() {
        return keepsNoMore;
    }

    /** Whether what a transfer leaves is of use to a next one. */
    boolean hasNext() {
        return share != 0 && !retired;
    }

    /** How many transfers of this pool are in flight. */
    int active() {
        return active;
    }

    void begun() {
        active++;
    }

    void ended(long nowNanos) {
        active--;
        idleSinceNanos = nowNanos;
    }

    boolean isIdleFor(long nanos, long nowNanos) {
        return active == 0 && nowNanos - idleSinceNanos >= nanos;
    }

    /** Handles that have no transfer. */
    ArrayDeque<EasyHandle> idleHandles() {
        return idleHandles;
    }

    /** Closes the handles and all connections. No transfer may be in flight. A second call does nothing. */
    @Override
    public void close() {
        idleHandles.forEach(EasyHandle::close);
        idleHandles.clear();
        if (share != 0) {
            ReturnCode.checkShare(LibCurl.curl_share_cleanup(share));
            share = 0;
        }
    }
}
