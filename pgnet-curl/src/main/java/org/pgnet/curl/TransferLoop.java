package org.pgnet.curl;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Runs many transfers at once on one thread, over connections that are kept and reused. Only that thread calls its methods,
 * except {@link #wakeup()}.
 *
 * <pre>{@code
 * loop.start(transfer);
 * while (loop.inFlight() > 0) {
 *     loop.cycle(1000, result -> ...);
 * }
 * }</pre>
 */
public final class TransferLoop implements AutoCloseable {

    private final MultiHandle multi;
    private final MemoryBudget budget;
    private final SharedSinkState sinks = new SharedSinkState();
    private final PausedTransfers paused;
    private final AbandonedLookups abandonedLookups = new AbandonedLookups();
    private final ConnectionPools pools;
    private final Map<Long, EasyHandle> active = new HashMap<>();
    private final ArrayDeque<TransferResult> failed = new ArrayDeque<>();
    private final DeniedNetworks denied = new DeniedNetworks();
    private String caBundle = "";
    private Proxy proxy = new Proxy.FromEnvironment();
    private boolean closed;

    /**
     * @param maxConnections the most connections to keep open while nothing uses them, at least 1; also how many handles
     *     are kept for the next transfers. No limit to the transfers in flight
     * @throws CurlException when libcurl cannot be used, see {@link CurlLibrary#initialise()}
     */
    public TransferLoop(int maxConnections) {
        this(maxConnections, System::nanoTime);
    }

    /** @param nanoTime the clock that says how long connections are idle and bodies wait for memory */
    TransferLoop(int maxConnections, LongSupplier nanoTime) {
        CurlLibrary.initialise();
        this.multi = new MultiHandle();
        this.budget = new MemoryBudget(this::wakeup, LibPgnet::pgnet_blocks_free, nanoTime);
        this.paused = new PausedTransfers(budget, sinks, nanoTime);
        this.pools = new ConnectionPools(sinks, nanoTime);
        maxConnections(maxConnections);
    }

    /** Changes the limit given to the constructor. Connections over a lower one are closed as they become idle. */
    public void maxConnections(int connections) {
        requireOpen();
        multi.maxConnections(connections);
        pools.maxConnections(connections);
    }

    /**
     * Sets whom to trust in TLS from the next {@link #start} on.
     *
     * @param path a file of CA certificates in PEM format (CURLOPT_CAINFO); empty for those that libcurl was built to
     *     trust, which are the system's
     */
    public void caBundle(String path) {
        requireOpen();
        caBundle = path;
    }

    /**
     * Sets how much memory the bodies of more than 1 MB may take together, from their transfer on until they are closed;
     * no limit at first. A body leases memory by steps: 4 MB when it passes 1 MB, and twice as much each time that it is
     * not enough, up to the length announced, or else the most that is accepted. It is paused while there is none for its
     * next step. Who waited longest gets it first, but one owner's bodies have at most three quarters and those of one origin
     * half, and what is larger than the limit passes when there is no other. A transfer fails that has waited for 20 s in
     * which no memory was given back, or for 300 s. May change while transfers run and wait. As long as there are such
     * bodies, up to 32 MB of memory are kept beside the limit for the next ones.
     *
     * <p>Bodies of up to 1 MB take up to 32 MB together beside it. When many arrive at once, each may have only 1/16 of what
     * is left of these, and waits like a large one when it passes that. A body of up to 16 kB never waits, and one whose
     * length says that it will have to wait does so before it has received anything.
     *
     * @param bytes at least 1
     */
    public void maxBodyMemory(long bytes) {
        requireOpen();
        budget.limit(bytes);
    }

    /** How much memory bodies have without a lease, in bytes. */
    long unleasedBodyMemory() {
        return sinks.unleasedBytes();
    }

    /** How much memory bodies have leased, in bytes. */
    long leasedBodyMemory() {
        return budget.leased();
    }

    /** How many sockets are open, those of idle connections included. */
    int openSockets() {
        return pools.sockets().count();
    }

    /** How many handles are kept for the next transfers. */
    int idleHandles() {
        return pools.idleHandles();
    }

    /** How many transfers wait for memory. */
    int waitingForMemory() {
        return paused.waiting();
    }

    /**
     * Sets the proxy from the next {@link #start} on.
     *
     * @param newProxy behind one, denied networks mean the proxy's own address, and not that of the host
     */
    public void proxy(Proxy newProxy) {
        requireOpen();
        proxy = newProxy;
    }

    /**
     * Sets the networks that no connection may lead to, at once: no socket connects to an address in one of them, and no
     * request is sent over a connection that does. A transfer that finds no other address of its host fails, with a text
     * that names the address and the network. What was sent already is not ended.
     *
     * @param networks in CIDR notation, IPv4 and IPv6, separated by commas; empty for none. An IPv4 network also means the
     *     IPv4-mapped and IPv4-compatible addresses of IPv6; one that holds a loopback address, also the unspecified one
     * @throws CurlException when that is no such list; nothing changes then
     */
    public void deniedNetworks(String networks) {
        requireOpen();
        denied.set(networks);
    }

    /**
     * Begins a transfer; the next {@link #cycle} sends it. May be called by {@code cycle}'s consumer. A transfer that is
     * impossible (line ends in a header, a method that is no token, what libcurl refuses, no memory) comes out as a failed
     * result like any other. A HEAD is sent without its body. The body stays open until the result is out. Connecting may
     * take the transfer's time limit or 300 s, whichever is longer; 300 s without a limit.
     */
    public void start(Transfer transfer) {
        requireOpen();
        EasyHandle easy;
        try {
            easy = pools.take(transfer.owner());
        } catch (CurlException e) {
            failed.add(TransferResult.refused(transfer, e));
            return;
        }
        try {
            easy.prepare(transfer, caBundle, proxy, pools.keeps(easy), pools.forgetsNames(), denied);
            begin(easy);
        } catch (CurlException e) {
            refused(transfer, easy, e);
        }
    }

    private void beginAgain(EasyHandle easy) {
        Transfer transfer = easy.transfer();
        try {
            easy.resend(multi);
            begin(easy);
        } catch (CurlException e) {
            refused(transfer, easy, e);
        }
    }

    private void begin(EasyHandle easy) {
        multi.add(easy.address());
        active.put(easy.address(), easy);
    }

    private void refused(Transfer transfer, EasyHandle easy, CurlException reason) {
        pools.discard(easy);
        failed.add(TransferResult.refused(transfer, reason));
    }

    /**
     * Sends and receives what can be, and hands out each transfer that ended. Only when none did, waits until there is
     * something to do, and does that.
     *
     * @param timeoutMillis the most milliseconds to wait, 0 not at all. May wait shorter for no reason
     * @param done gets every result once and closes it. May call {@link #start}, but not {@code cycle} or {@code close}.
     *     What it throws comes out of this method, with its result handed out and the others kept for the next cycle
     * @throws CurlException when libcurl's loop itself fails, which no single transfer can cause
     */
    public void cycle(int timeoutMillis, Consumer<? super TransferResult> done) {
        requireOpen();
        if (work(done) == 0) {
            multi.poll(failed.isEmpty() ? paused.shorten(timeoutMillis) : 0);
            work(done);
        }
    }

    private int work(Consumer<? super TransferResult> done) {
        sinks.subtractFreed();
        multi.perform();
        paused.find(active.values());
        int count = handOut(done);
        // After the others: one that ended while it was paused cannot go on.
        for (MultiHandle.Completion completion : paused.resume(active.values())) {
            failed.add(finish(active.remove(completion.easy()), completion.curlCode()));
        }
        pools.prune();
        return count;
    }

    private int handOut(Consumer<? super TransferResult> done) {
        int count = handOutFailed(done);
        Optional<MultiHandle.Completion> next = multi.nextCompletion();
        while (next.isPresent()) {
            EasyHandle easy = active.remove(next.get().easy());
            int curlCode = next.get().curlCode();
            if (easy.isToBeResent(curlCode)) {
                beginAgain(easy);
            } else {
                done.accept(finish(easy, curlCode));
            }
            count++;
            next = multi.nextCompletion();
        }
        return count;
    }

    /** Not those that {@code done} adds: a consumer that starts again what was refused would never get out. */
    private int handOutFailed(Consumer<? super TransferResult> done) {
        int count = failed.size();
        for (int i = 0; i < count; i++) {
            done.accept(failed.remove());
        }
        return count;
    }

    private TransferResult finish(EasyHandle easy, int curlCode) {
        paused.remove(easy);
        TransferResult result = easy.finish(multi, curlCode);
        abandonedLookups.ended(result);
        pools.giveBack(easy);
        return result;
    }

    /** How many threads libcurl has for one lookup of a name: since 8.20 each kind of address may have its own. */
    public static int threadsPerLookup() {
        return CurlLibrary.isAtLeast(CurlLibrary.RESOLVER_POOL_VERSION) ? 2 : 1;
    }

    /**
     * How many name resolutions go on, each in a thread and with a descriptor or two, though their transfers have timed out;
     * at most, and 0 when there is none. They end by themselves.
     */
    public int abandonedLookups() {
        return abandonedLookups.count();
    }

    /** How many transfers were started whose results are not out. */
    public int inFlight() {
        return active.size() + failed.size();
    }

    /** Ends the wait of {@link #cycle}, now or at its next call. Any thread, also when closed. */
    public void wakeup() {
        multi.wakeup();
    }

    /** Abandons what is in flight, without results, and closes all connections. A second call does nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (EasyHandle easy : active.values()) {
            easy.abandon(multi);
            easy.close();
        }
        active.clear();
        pools.close();
        failed.forEach(TransferResult::close);
        failed.clear();
        multi.close();
        pools.sockets().close();
        sinks.close();
        denied.close();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the loop is closed");
        }
    }
}
