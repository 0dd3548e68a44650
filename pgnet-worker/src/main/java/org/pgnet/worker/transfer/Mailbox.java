package org.pgnet.worker.transfer;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pgnet.worker.dispatch.Judgement;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.Settlement;

/**
 * Messages between the backend thread and the threads of this package: requests and orders there, settlements back. Public
 * methods are for the backend thread, the others for this package.
 */
public final class Mailbox {
    /** Nothing more is begun while responses of so many bytes wait to be recorded. */
    private static final long MAX_UNRECORDED_BYTES = 64L << 20;

    /** What the backend thread wants: the settings, whether requests may begin at all, and how many all the same. */
    record Orders(Settings settings, boolean mayBegin, long probes) {}

    private final Queue<Exchange> offered = new ConcurrentLinkedQueue<>();
    private final Queue<Set<RequestKey>> withdrawn = new ConcurrentLinkedQueue<>();
    private final Queue<Judgement> judgements = new ConcurrentLinkedQueue<>();
    private final Queue<Settlement> settlements = new ConcurrentLinkedQueue<>();
    private final Queue<Endpoint> recovered = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Optional<List<FlowState>>> states = new AtomicReference<>(Optional.empty());
    private final AtomicBoolean statesWanted = new AtomicBoolean();
    private final AtomicLong unrecordedBytes = new AtomicLong();
    private final AtomicLong preparedBytes = new AtomicLong();
    private final Doorbell transferBell;
    private final Doorbell backendBell;
    private final BooleanSupplier nothingToTake = this::isNothingToTake;
    private volatile Orders orders;
    /**
     * Why a thread of this package died, null while they live. No Optional: after an OutOfMemoryError there may be no memory
     * for one.
     */
    private volatile Throwable failure;

    private volatile String failedThread = "";

    /**
     * Empty.
     *
     * @param ringBackend wakes the backend thread
     * @param wakeTransfer wakes the transfer thread
     */
    Mailbox(Settings settings, Runnable ringBackend, Runnable wakeTransfer) {
        this.orders = new Orders(settings, true, 0);
        this.backendBell = new Doorbell(ringBackend);
        this.transferBell = new Doorbell(wakeTransfer);
    }

    // ---- the backend thread's

    /**
     * Sets what is to be obeyed from the next transfer on.
     *
     * @param mayBegin false lets requests that have begun go on, and no other begin
     * @param probes when it has grown, one begins all the same
     */
    public void order(Settings settings, boolean mayBegin, long probes) {
        Orders last = orders;
        if (settings == last.settings && mayBegin == last.mayBegin && probes == last.probes) {
            return;
        }
        orders = new Orders(settings, mayBegin, probes);
        transferBell.ring();
    }

    /** Hands requests over. */
    public void offer(List<Exchange> requests) {
        if (!requests.isEmpty()) {
            offered.addAll(requests);
            transferBell.ring();
        }
    }

    /** Takes back requests that were handed over, as far as they have not begun. */
    public void withdraw(Set<RequestKey> requests) {
        withdrawn.add(requests);
        transferBell.ring();
    }

    /** Hands over what a policy says of an attempt. */
    public void judge(Judgement judgement) {
        judgements.add(judgement);
        transferBell.ring();
    }

    /** Takes the endpoints that work again. */
    public void takeRecovered(Consumer<Endpoint> taker) {
        for (Endpoint endpoint = recovered.poll(); endpoint != null; endpoint = recovered.poll()) {
            taker.accept(endpoint);
        }
    }

    /** Asks what the busiest flows do; {@link #takeStates} gives the answer in a moment. */
    public void askForStates() {
        statesWanted.set(true);
        transferBell.ring();
    }

    /** The answer to {@link #askForStates}, once. */
    public Optional<List<FlowState>> takeStates() {
        return states.getAndSet(Optional.empty());
    }

    /**
     * Takes the settlements that are there, at most {@code limit}.
     *
     * @return how many
     * @throws IllegalStateException when a thread of this package has died, with the reason as cause
     */
    public int take(int limit, Consumer<Settlement> taker) {
        Throwable reason = failure;
        if (reason != null) {
            throw new IllegalStateException("thread " + failedThread + " died: " + reason, reason);
        }
        int taken = 0;
        while (taken < limit) {
            Settlement settlement = settlements.poll();
            if (settlement == null) {
                break;
            }
            taker.accept(settlement);
            taken++;
        }
        return taken;
    }

    /** The memory of a settlement that was taken here was freed. */
    public void freed(Settlement settlement) {
        preparedBytes.addAndGet(-settlement.preparedBytes());
        long bytes = settlement.responseBytes();
        long left = unrecordedBytes.addAndGet(-bytes);
        if (left < MAX_UNRECORDED_BYTES && left + bytes >= MAX_UNRECORDED_BYTES) {
            transferBell.ring();
        }
    }

    /** Whether the backend thread may sleep until it is rung, because nothing is to be taken. */
    public boolean backendMaySleep() {
        return backendBell.maySleep(nothingToTake);
    }

    private boolean isNothingToTake() {
        return settlements.isEmpty() && recovered.isEmpty() && states.get().isEmpty() && failure == null;
    }

    /** The backend thread is back from its sleep. */
    public void backendIsAwake() {
        backendBell.awake();
    }

    // ---- the transfer thread's

    /** The orders as last given. */
    Orders orders() {
        return orders;
    }

    /**
     * Takes what was handed over and what was taken back, so that each that was taken back is among the others by then, and
     * obeys the orders between the two: what was handed over after an order is not begun before it, and what was taken back
     * before an order is not begun by it.
     */
    void takeRequests(Consumer<Exchange> taker, Runnable obey, Consumer<Set<RequestKey>> withdrawing) {
        Set<RequestKey> takenBack = new HashSet<>(0);
        do {
            for (Exchange exchange = offered.poll(); exchange != null; exchange = offered.poll()) {
                taker.accept(exchange);
            }
            obey.run();
        } while (takeWithdrawn(takenBack));
        if (!takenBack.isEmpty()) {
            withdrawing.accept(takenBack);
        }
    }

    /** Whether there were some. */
    private boolean takeWithdrawn(Set<RequestKey> into) {
        boolean wereSome = false;
        for (Set<RequestKey> keys = withdrawn.poll(); keys != null; keys = withdrawn.poll()) {
            into.addAll(keys);
            wereSome = true;
        }
        return wereSome;
    }

    /** Takes what policies have said. */
    void takeJudgements(Consumer<Judgement> taker) {
        for (Judgement judgement = judgements.poll(); judgement != null; judgement = judgements.poll()) {
            taker.accept(judgement);
        }
    }

    /** Whether something was handed over or asked for. */
    boolean hasNews() {
        return !offered.isEmpty() || !withdrawn.isEmpty() || !judgements.isEmpty() || statesWanted.get();
    }

    /** Tells of an endpoint that works again. */
    void postRecovered(Endpoint endpoint) {
        recovered.add(endpoint);
        backendBell.ring();
    }

    /** Answers {@link #askForStates}, if somebody has asked. */
    void answerStates(Supplier<List<FlowState>> answer) {
        if (statesWanted.get() && statesWanted.getAndSet(false)) {
            states.set(Optional.of(answer.get()));
            backendBell.ring();
        }
    }

    /** A settlement has its memory from now on, be it posted now or after its body was prepared. */
    void owned(Settlement settlement) {
        unrecordedBytes.addAndGet(settlement.responseBytes());
    }

    /** Hands a settlement back, and wakes nobody. */
    void post(Settlement settlement) {
        settlements.add(settlement);
    }

    /** Wakes the backend thread if it sleeps and something was posted. */
    void ringIfPosted() {
        if (!settlements.isEmpty()) {
            backendBell.ring();
        }
    }

    /** Whether so much waits to be recorded that nothing more should begin. */
    boolean isFull() {
        return unrecordedBytes.get() >= MAX_UNRECORDED_BYTES;
    }

    /** Whether the transfer thread may sleep until it is woken. */
    boolean transferMaySleep(BooleanSupplier nothingIsNew) {
        return transferBell.maySleep(nothingIsNew);
    }

    void transferIsAwake() {
        transferBell.awake();
    }

    void wakeTransfer() {
        transferBell.ring();
    }

    // ---- the preparation thread's

    /** The bytes of prepared bodies that are not recorded. */
    long preparedBytes() {
        return preparedBytes.get();
    }

    /** Hands a settlement back whose body was prepared, if that gained anything. */
    void postPrepared(Settlement settlement) {
        preparedBytes.addAndGet(settlement.preparedBytes());
        unrecordedBytes.addAndGet(settlement.preparedBytes());
        settlements.add(settlement);
        backendBell.ring();
    }

    // ---- any thread's

    /** This thread cannot go on. The backend thread throws it, and the worker starts anew: every request is still queued. */
    void died(Throwable unexpected) {
        failedThread = Thread.currentThread().getName();
        failure = unexpected;
        backendBell.ring();
    }
}
