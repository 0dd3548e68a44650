package org.pgnet.worker.transfer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pgnet.curl.TransferLoop;
import org.pgnet.curl.TransferResult;
import org.pgnet.worker.dispatch.Dispatcher;
import org.pgnet.worker.dispatch.Judgement;
import org.pgnet.worker.exchange.EgressPolicy;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.exchange.Hops;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.recovery.Journal;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Counters;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.FlowReport;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.WorkerHost;

/**
 * The thread that owns the network: it starts requests that may start, waits for those in flight, and posts settlements.
 * Other threads reach it through its mailbox.
 */
public final class TransferThread implements AutoCloseable {
    /** Enough for libcurl and TLS; HotSpot's default of 1 MB would count against the worker's memory. */
    private static final long STACK_BYTES = 512 * 1024;

    private static final int LONGEST_SLEEP_MILLIS = 60_000;

    /** How often it is looked whether abandoned resolutions of names have ended. */
    private static final int LOOKUPS_MILLIS = 250;

    private final Journal journal;
    private final Counters counters;
    private final Clock clock;
    private final TransferLoop loop;
    private final Thread thread;
    private final Mailbox mailbox;
    private final PreparationThread preparation;
    private final Dispatcher dispatcher;
    private final Hops hops = new Hops();

    // Made once: to make one at each turn takes longer than what it does, in a worker that has little to do.
    private final Consumer<Exchange> adding;
    private final Runnable obeying = this::applyOrders;
    private final Consumer<Set<RequestKey>> withdrawing = this::withdraw;
    private final Consumer<Judgement> judging;
    private final Supplier<List<FlowState>> asking;
    private final BooleanSupplier sleeping = this::nothingIsNew;
    private final Consumer<TransferResult> finishing = this::finished;

    private volatile boolean stopped;
    private Mailbox.Orders applied;
    private boolean heldBack;
    /** The last probe that was ordered and has begun. */
    private long probed;

    private EgressPolicy egress;

    /**
     * Starts nothing yet.
     *
     * @param journal is told of each request that begins
     * @param host lends its bell, counters, clock and preparer of large bodies
     */
    public TransferThread(Settings settings, Journal journal, WorkerHost host) {
        this.journal = journal;
        this.counters = host.counters();
        this.clock = host.clock();
        this.loop = new TransferLoop(maxConnections(settings));
        this.mailbox = new Mailbox(settings, host.bell()::ring, loop::wakeup);
        this.dispatcher = new Dispatcher(clock, mailbox::postRecovered);
        this.adding = dispatcher::add;
        this.judging = dispatcher::judged;
        this.asking = () -> dispatcher.states(FlowReport.MOST);
        this.applied = mailbox.orders();
        this.egress = new EgressPolicy(settings.egress());
        this.preparation = new PreparationThread(host.preparer(), mailbox);
        this.thread = new Thread(null, this::run, "pgnet-transfer", STACK_BYTES);
        thread.setDaemon(true);
    }

    /** What goes to and from this thread. */
    public Mailbox mailbox() {
        return mailbox;
    }

    /** Starts the thread. Backend thread, once. */
    public void start() {
        obey(applied);
        thread.start();
    }

    /** Ends the thread and abandons what is in flight. Waits for at most 5 s. */
    @Override
    public void close() {
        stopped = true;
        if (thread.getState() == Thread.State.NEW) {
            loop.close();
            return;
        }
        mailbox.wakeTransfer();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        preparation.close();
    }

    private void run() {
        try (loop) {
            while (!stopped) {
                doWork();
            }
        } catch (Throwable unexpected) {
            mailbox.died(unexpected);
        }
    }

    private void doWork() {
        mailbox.takeRequests(adding, obeying, withdrawing);
        mailbox.takeJudgements(judging);
        dispatcher.ring();
        expire();
        limitLookups();
        startWhatMayStart();
        mailbox.answerStates(asking);
        mailbox.ringIfPosted();
        boolean maySleep = mailbox.transferMaySleep(sleeping);
        loop.cycle(maySleep ? sleepMillis() : 0, finishing);
        mailbox.transferIsAwake();
        mailbox.ringIfPosted();
    }

    private void applyOrders() {
        Mailbox.Orders current = mailbox.orders();
        if (current != applied) {
            loop.maxConnections(maxConnections(current.settings()));
            obey(current);
        }
    }

    private void obey(Mailbox.Orders current) {
        applied = current;
        Settings settings = current.settings();
        loop.caBundle(settings.caBundle());
        loop.maxBodyMemory(settings.maxResponseMemoryBytes());
        egress = new EgressPolicy(settings.egress());
        egress.applyTo(loop);
        dispatcher.rules(settings.hosts());
        dispatcher.limits(current.mayBegin() ? settings.maxInFlight() : 0, settings.maxPerHost());
    }

    private void expire() {
        if (dispatcher.mayExpire()) {
            long now = clock.nanoTime();
            dispatcher.expireHops(now, exchange -> end(exchange, exchange.timedOut(now)));
            dispatcher.expireWaiting(exchange -> postNotBegun(exchange.expired(now)));
        }
    }

    /** They are settled like others, by which it is found that there is nothing to record. */
    private void withdraw(Set<RequestKey> keys) {
        long now = clock.nanoTime();
        dispatcher.withdraw(keys, exchange -> postNotBegun(exchange.removed(now)));
    }

    /** Counted like one that was begun, since it will be settled like one. */
    private void postNotBegun(Settlement settlement) {
        counters.addInFlight(1);
        mailbox.post(settlement);
    }

    /**
     * A name that hangs longer than its request's time leaves a thread and a descriptor behind. These and the requests that
     * resolve a name for the first time have together at most twice as many threads as requests may be in flight.
     */
    private void limitLookups() {
        int abandoned = loop.abandonedLookups();
        int most = 2 * applied.settings().maxInFlight() / TransferLoop.threadsPerLookup();
        dispatcher.maxUnresolved(abandoned == 0 ? Integer.MAX_VALUE : Math.max(0, most - abandoned));
    }

    private void startWhatMayStart() {
        startProbe();
        heldBack = mailbox.isFull();
        while (!heldBack) {
            Optional<Exchange> next = dispatcher.next();
            if (next.isEmpty()) {
                return;
            }
            begin(next.get());
            heldBack = mailbox.isFull();
        }
    }

    /** Whose turn it is may begin although the others may not. */
    private void startProbe() {
        if (applied.probes() == probed) {
            return;
        }
        if (applied.mayBegin()) {
            probed = applied.probes();
            return;
        }
        int maxPerHost = applied.settings().maxPerHost();
        dispatcher.limits(Math.min(1, applied.settings().maxInFlight()) * (dispatcher.slotsTaken() + 1), maxPerHost);
        Optional<Exchange> next = dispatcher.next();
        dispatcher.limits(0, maxPerHost);
        if (next.isPresent()) {
            if (!next.get().begun()) {
                probed = applied.probes();
            }
            begin(next.get());
        }
    }

    private void begin(Exchange exchange) {
        long now = clock.nanoTime();
        if (!exchange.begun()) {
            exchange.sentBefore(journal.begun(exchange.request().key()));
            counters.addInFlight(1);
        }
        try {
            loop.start(exchange.nextTransfer(applied.settings(), egress, now));
        } catch (RequestException refused) {
            dispatcher.left(exchange);
            end(exchange, exchange.failed(refused.kind(), refused.getMessage(), now));
        } catch (RuntimeException unexpected) {
            dispatcher.left(exchange);
            end(exchange, exchange.failed(FailureKind.OTHER, "request could not be sent: " + unexpected, now));
        }
    }

    private void finished(TransferResult finished) {
        try (TransferResult result = finished) {
            Exchange exchange = (Exchange) result.transfer().attachment();
            if (!result.failed() || result.timings().nameLookupMicros() > 0) {
                dispatcher.resolved(exchange);
            }
            if (result.sendings() > 1) {
                dispatcher.resent(exchange, result.sendings() - 1);
            }
            dispatcher.left(exchange);
            long now = clock.nanoTime();
            try {
                Optional<Settlement> ending = exchange.finish(result, hops, now);
                if (ending.isPresent()) {
                    end(exchange, ending.get());
                } else {
                    dispatcher.addHop(exchange);
                }
            } catch (RuntimeException unexpected) {
                end(exchange, exchange.failed(FailureKind.OTHER, "response could not be read: " + unexpected, now));
            }
        }
    }

    private void end(Exchange exchange, Settlement settlement) {
        dispatcher.ended(exchange, settlement);
        mailbox.owned(settlement);
        if (!preparation.take(settlement)) {
            mailbox.post(settlement);
        }
    }

    private boolean nothingIsNew() {
        return !mailbox.hasNews() && mailbox.orders() == applied && !stopped && !(heldBack && !mailbox.isFull());
    }

    private int sleepMillis() {
        long nanos = dispatcher.nanosUntilDue(clock.nanoTime());
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
