package org.pgnet.worker.transfer;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.pgnet.curl.TransferLoop;
import org.pgnet.curl.TransferResult;
import org.pgnet.worker.dispatch.Dispatcher;
import org.pgnet.worker.exchange.EgressPolicy;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.http.ResponseReader;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.spi.BodyPreparer;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.Settings;

/**
 * The thread that owns the network: it starts what may start, waits for what is in flight, and hands outcomes back. The
 * methods that are not private are the backend thread's.
 */
public final class TransferThread implements AutoCloseable {
    /** Enough for libcurl and TLS; HotSpot's default of 1 MB would count against the worker's memory. */
    private static final long STACK_BYTES = 512 * 1024;

    private static final int LONGEST_SLEEP_MILLIS = 60_000;

    /** Nothing more is begun while responses of so many bytes wait to be recorded. */
    private static final long MAX_UNRECORDED_BYTES = 64L << 20;

    /** How often it is looked whether such resolutions have ended. */
    private static final int LOOKUPS_MILLIS = 250;

    private final Journal journal;
    private final IntConsumer addInFlight;
    private final TransferLoop loop;
    private final Thread thread;
    private final LongSupplier nanoTime;
    private final Dispatcher dispatcher = new Dispatcher();
    private final ResponseReader reader = new ResponseReader();
    private final Origins origins = new Origins();
    private final Queue<Exchange> offered = new ConcurrentLinkedQueue<>();
    private final Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    private final Doorbell transferBell;
    private final Doorbell backendBell;
    private final PreparationThread compression;
    private final AtomicLong unrecordedBytes = new AtomicLong();
    private volatile Orders orders;
    private volatile boolean stopped;
    /**
     * Why this thread or the one that compresses died, null while they live. No Optional: after an OutOfMemoryError there may
     * be no memory for one.
     */
    private volatile Throwable failure;

    private volatile String failedThread = "";

    private Orders applied;
    private boolean heldBack;
    private EgressPolicy egress;

    /** What the backend thread wants: the settings, and whether requests may begin at all. */
    private record Orders(Settings settings, boolean mayBegin) {}

    /**
     * @param journal is told of each request that begins
     * @param compressor is given the large bodies
     * @param ringBackend wakes the backend thread
     * @param addInFlight takes how many more requests are begun
     * @param nanoTime the clock, as {@link System#nanoTime}
     */
    public TransferThread(
            Settings settings,
            Journal journal,
            BodyPreparer compressor,
            Runnable ringBackend,
            IntConsumer addInFlight,
            LongSupplier nanoTime) {
        this.journal = journal;
        this.addInFlight = addInFlight;
        this.orders = new Orders(settings, true);
        this.applied = orders;
        this.egress = new EgressPolicy(settings.egress());
        this.nanoTime = nanoTime;
        this.loop = new TransferLoop(maxConnections(settings));
        this.transferBell = new Doorbell(loop::wakeup);
        this.backendBell = new Doorbell(ringBackend);
        this.compression = new PreparationThread(compressor, this::compressed, this::died);
        this.thread = new Thread(null, this::run, "pgnet-transfer", STACK_BYTES);
        thread.setDaemon(true);
    }

    public void start() {
        obey(applied);
        thread.start();
    }

    /**
     * Sets what is to be obeyed from the next transfer on.
     *
     * @param mayBegin false lets requests that have begun go on, and no other begin
     */
    public void settings(Settings settings, boolean mayBegin) {
        Orders given = orders;
        if (mayBegin != given.mayBegin() || !settings.equals(given.settings())) {
            orders = new Orders(settings, mayBegin);
            transferBell.ring();
        }
    }

    /** Hands requests over. */
    public void offer(List<Exchange> requests) {
        if (!requests.isEmpty()) {
            offered.addAll(requests);
            transferBell.ring();
        }
    }

    /**
     * Takes the outcomes that are there, at most {@code limit}.
     *
     * @return how many
     * @throws IllegalStateException when this thread or the one that compresses has died, with the reason as cause
     */
    public int takeOutcomes(int limit, Consumer<Outcome> taker) {
        Throwable reason = failure;
        if (reason != null) {
            throw new IllegalStateException("thread " + failedThread + " died: " + reason, reason);
        }
        int taken = 0;
        while (taken < limit) {
            Outcome outcome = outcomes.poll();
            if (outcome == null) {
                break;
            }
            taker.accept(outcome);
            taken++;
        }
        return taken;
    }

    /** The memory of a response that was taken from this thread was freed. */
    public void freed(Outcome.Response response) {
        long bytes = response.responseBytes();
        compression.freed(response.compressed().length());
        long left = unrecordedBytes.addAndGet(-bytes);
        if (left < MAX_UNRECORDED_BYTES && left + bytes >= MAX_UNRECORDED_BYTES) {
            transferBell.ring();
        }
    }

    /** Whether the backend thread may sleep until it is rung, because nothing is to be taken. */
    public boolean backendMaySleep() {
        return backendBell.maySleep(() -> outcomes.isEmpty() && failure == null);
    }

    /** The backend thread is back from its sleep. */
    public void backendIsAwake() {
        backendBell.awake();
    }

    /** Ends the thread and abandons what is in flight. Waits for at most 5 s. */
    @Override
    public void close() {
        stopped = true;
        if (thread.getState() == Thread.State.NEW) {
            loop.close();
            return;
        }
        transferBell.ring();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        compression.close();
    }

    private void run() {
        try (loop) {
            while (!stopped) {
                doWork();
            }
        } catch (Throwable unexpected) {
            died(unexpected);
        }
    }

    /** The backend thread throws it, and the worker starts anew: every request is still queued. */
    private void died(Throwable unexpected) {
        failedThread = Thread.currentThread().getName();
        failure = unexpected;
        backendBell.ring();
    }

    private void doWork() {
        // In this order: what was offered after an order is not sent before the order is obeyed.
        takeOffered();
        applyOrders();
        expireHops();
        limitLookups();
        startWhatMayStart();
        ringIfDone();
        boolean maySleep = transferBell.maySleep(this::nothingIsNew);
        loop.cycle(maySleep ? sleepMillis() : 0, this::finished);
        transferBell.awake();
        ringIfDone();
    }

    private void ringIfDone() {
        if (!outcomes.isEmpty()) {
            backendBell.ring();
        }
    }

    private void applyOrders() {
        Orders current = orders;
        if (current != applied) {
            loop.maxConnections(maxConnections(current.settings()));
            obey(current);
        }
    }

    private void obey(Orders current) {
        applied = current;
        Settings settings = current.settings();
        loop.caBundle(settings.caBundle());
        loop.maxBodyMemory(settings.maxResponseMemoryBytes());
        egress = new EgressPolicy(settings.egress());
        egress.applyTo(loop);
        dispatcher.limits(current.mayBegin() ? settings.maxInFlight() : 0, settings.maxPerHost());
    }

    private void takeOffered() {
        for (Exchange exchange = offered.poll(); exchange != null; exchange = offered.poll()) {
            dispatcher.add(exchange);
        }
    }

    private void expireHops() {
        long now = nanoTime.getAsLong();
        dispatcher.expireHops(now, exchange -> end(exchange.timedOut(now)));
    }

    /**
     * A name that hangs longer than its request's time leaves a thread and a descriptor behind. These and the requests that
     * resolve a name for the first time are together at most twice what may be in flight.
     */
    private void limitLookups() {
        int abandoned = loop.abandonedLookups();
        int most = 2 * applied.settings().maxInFlight();
        dispatcher.maxUnresolved(abandoned == 0 ? Integer.MAX_VALUE : Math.max(0, most - abandoned));
    }

    private void startWhatMayStart() {
        heldBack = isFull();
        while (!heldBack) {
            Optional<Exchange> next = dispatcher.next();
            if (next.isEmpty()) {
                return;
            }
            begin(next.get());
            heldBack = isFull();
        }
    }

    private boolean isFull() {
        return unrecordedBytes.get() >= MAX_UNRECORDED_BYTES;
    }

    private void begin(Exchange exchange) {
        long now = nanoTime.getAsLong();
        if (!exchange.begun()) {
            journal.begun(exchange.request().row());
            addInFlight.accept(1);
        }
        try {
            loop.start(exchange.nextTransfer(applied.settings(), egress, now));
        } catch (RequestException refused) {
            dispatcher.left(exchange);
            end(exchange.failed(refused.getMessage(), now));
        } catch (RuntimeException unexpected) {
            dispatcher.left(exchange);
            end(exchange.failed("request could not be sent: " + unexpected, now));
        }
    }

    private void finished(TransferResult finished) {
        try (TransferResult result = finished) {
            Exchange exchange = (Exchange) result.transfer().attachment();
            if (!result.failed() || result.timings().nameLookupMicros() > 0) {
                dispatcher.resolved(exchange);
            }
            dispatcher.left(exchange);
            long now = nanoTime.getAsLong();
            try {
                exchange.finish(result, reader, origins, now)
                        .ifPresentOrElse(this::end, () -> dispatcher.addHop(exchange));
            } catch (RuntimeException unexpected) {
                end(exchange.failed("response could not be read: " + unexpected, now));
            }
        }
    }

    private void end(Outcome outcome) {
        dispatcher.ended();
        unrecordedBytes.addAndGet(outcome.responseBytes());
        if (!compression.take(outcome)) {
            outcomes.add(outcome);
        }
    }

    /** Compression thread. */
    private void compressed(Outcome outcome) {
        if (outcome instanceof Outcome.Response response) {
            unrecordedBytes.addAndGet(response.compressed().length());
        }
        outcomes.add(outcome);
        backendBell.ring();
    }

    private boolean nothingIsNew() {
        return offered.isEmpty() && orders == applied && !stopped && !(heldBack && !isFull());
    }

    private int sleepMillis() {
        long nanos = dispatcher.nanosUntilExpiry(nanoTime.getAsLong());
        int longest = loop.abandonedLookups() > 0 ? LOOKUPS_MILLIS : LONGEST_SLEEP_MILLIS;
        if (nanos == Long.MAX_VALUE) {
            return longest;
        }
        return (int) Math.max(0, Math.min(longest, TimeUnit.NANOSECONDS.toMillis(nanos) + 1));
    }

    private static int maxConnections(Settings settings) {
        return Math.max(1, settings.maxInFlight());
    }
}
