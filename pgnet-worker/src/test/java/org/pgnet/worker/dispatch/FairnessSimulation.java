package org.pgnet.worker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.HostTerms;

/**
 * 100 s of 50 owners with 500 origins, in ticks of 10 ms: what each sends, and what becomes of it. The same at each run.
 *
 * <p>Each owner has ten origins. Thirty always have more to send than gets through, and fifteen send one request every 100 ms.
 * One floods twenty origins from 20 s on. Six origins of another hang from 40 s to 70 s, and its requests have no timeout. Of
 * the last three one has a rate for all its origins together, one may have two requests in flight to each, and the origins of
 * one are paused for 80 s. All others answer within 30 to 70 ms.
 */
final class FairnessSimulation {
    static final int TICKS = 10_000;
    static final int TICK_MILLIS = 10;
    static final int OWNERS = 50;
    static final int SLOTS = 200;
    static final int PER_ORIGIN = 64;

    static final int STEADY = 30;
    static final int LIGHT = 15;
    static final int FIRST_LIGHT = STEADY;
    static final int FLOODING = FIRST_LIGHT + LIGHT;
    static final int HANGING = FLOODING + 1;
    static final int RATED = HANGING + 1;
    static final int NARROW = RATED + 1;
    static final int PAUSED = NARROW + 1;

    static final int FLOOD_TICK = 2_000;
    static final int HANG_TICK = 4_000;
    static final int HANG_END_TICK = 7_000;
    static final int UNPAUSE_TICK = 8_000;

    static final double RATE_PER_SECOND = 40;
    static final int BURST = 10;
    static final int MAX_IN_FLIGHT = 2;

    private static final int ORIGINS_EACH = 10;

    /** One that is in flight, until a tick. */
    private record Running(Exchange exchange, int untilTick) {}

    /** Of each tick and owner. */
    final int[][] starts = new int[TICKS][OWNERS];

    final int[][] slots = new int[TICKS][OWNERS];
    /** Of each tick, the longest that a request of the light owners had waited that began in it. */
    final int[] longestLightWait = new int[TICKS];
    /** Starts of the flooding owner to each of its origins. */
    final Map<String, Integer> floodStarts = new HashMap<>();
    /** What should not have been: slots left empty while something might have started. */
    final List<String> idleSlots = new ArrayList<>();

    int mostInFlightToNarrow;

    private final Random random = new Random(16);
    private final Rehearsal rehearsal = new Rehearsal();
    private final PriorityQueue<Running> running =
            new PriorityQueue<>((one, other) -> Integer.compare(one.untilTick, other.untilTick));
    private final Map<Exchange, Integer> since = new HashMap<>();
    private final int[] waiting = new int[OWNERS];
    private final int[] held = new int[OWNERS];
    private final Map<String, Integer> waitingTo = new HashMap<>();
    private final Map<String, Integer> inFlightTo = new HashMap<>();

    FairnessSimulation() {
        rehearsal.dispatcher.limits(SLOTS, PER_ORIGIN);
        for (int i = 0; i < ORIGINS_EACH; i++) {
            rehearsal.rule(origin(RATED, i), Rehearsal.rate("*.rated.test", RATE_PER_SECOND, BURST));
            rehearsal.rule(origin(NARROW, i), Rehearsal.limit(MAX_IN_FLIGHT));
            rehearsal.rule(origin(PAUSED, i), Rehearsal.paused());
        }
    }

    FairnessSimulation run() {
        for (int tick = 0; tick < TICKS; tick++) {
            end(tick);
            send(tick);
            start(tick);
            lookForIdleSlots(tick);
            System.arraycopy(held, 0, slots[tick], 0, OWNERS);
            rehearsal.advance(Duration.ofMillis(TICK_MILLIS));
        }
        return this;
    }

    static String origin(int owner, int number) {
        return "http://" + number + "." + owner + ".test:80";
    }

    private void send(int tick) {
        for (int owner = 0; owner < STEADY; owner++) {
            keepWaiting(owner, 30, tick);
        }
        for (int owner = FIRST_LIGHT; owner < FLOODING; owner++) {
            if (tick % 10 == owner % 10) {
                add(owner, origin(owner, random.nextInt(ORIGINS_EACH)), tick);
            }
        }
        if (tick >= FLOOD_TICK) {
            keepWaiting(FLOODING, 500, tick);
        }
        keepWaiting(HANGING, 30, tick);
        keepWaiting(RATED, 200, tick);
        keepWaiting(NARROW, 200, tick);
        if (tick == 0) {
            keepWaiting(PAUSED, 2_000, tick);
        }
        if (tick == UNPAUSE_TICK) {
            for (int i = 0; i < ORIGINS_EACH; i++) {
                rehearsal.rule(origin(PAUSED, i), HostTerms.NONE);
            }
        }
    }

    private void keepWaiting(int owner, int requests, int tick) {
        for (int i = 0; waiting[owner] < requests; i++) {
            // The flooding owner's other ten are those of its neighbours.
            int neighbour = owner == FLOODING && i % 2 == 1 ? i / 2 % STEADY : owner;
            add(owner, origin(neighbour, (tick + i / 2) % ORIGINS_EACH), tick);
        }
    }

    private void add(int owner, String origin, int tick) {
        since.put(rehearsal.add(owner, origin), tick);
        waiting[owner]++;
        waitingTo.merge(key(owner, origin), 1, Integer::sum);
    }

    private void start(int tick) {
        for (Exchange exchange : rehearsal.start()) {
            int owner = (int) exchange.owner();
            String origin = exchange.origin();
            starts[tick][owner]++;
            waiting[owner]--;
            held[owner]++;
            waitingTo.merge(key(owner, origin), -1, Integer::sum);
            inFlightTo.merge(origin, 1, Integer::sum);
            int waited = tick - since.remove(exchange);
            if (owner >= FIRST_LIGHT && owner < FLOODING) {
                longestLightWait[tick] = Math.max(longestLightWait[tick], waited);
            }
            if (owner == FLOODING) {
                floodStarts.merge(origin, 1, Integer::sum);
            }
            if (owner == NARROW) {
                mostInFlightToNarrow = Math.max(mostInFlightToNarrow, inFlightTo.get(origin));
            }
            running.add(new Running(exchange, tick + ticksOf(owner, origin, tick)));
        }
    }

    private int ticksOf(int owner, String origin, int tick) {
        boolean hangs = owner == HANGING && tick >= HANG_TICK && tick < HANG_END_TICK && isOneOfSix(origin);
        return hangs ? HANG_END_TICK - tick : 3 + random.nextInt(5);
    }

    private static boolean isOneOfSix(String origin) {
        return origin.charAt("http://".length()) < '6';
    }

    private void end(int tick) {
        while (!running.isEmpty() && running.element().untilTick <= tick) {
            Exchange exchange = running.remove().exchange;
            held[(int) exchange.owner()]--;
            inFlightTo.merge(exchange.origin(), -1, Integer::sum);
            rehearsal.answer(exchange, 200);
        }
    }

    /** By the rules as they are written down, and not as the dispatcher has them. */
    private void lookForIdleSlots(int tick) {
        int taken = 0;
        for (int each : held) {
            taken += each;
        }
        if (taken >= SLOTS) {
            return;
        }
        for (int owner = 0; owner < RATED; owner++) {
            boolean mayHaveMore = held[owner] < SLOTS - SLOTS / 8;
            for (int i = 0; mayHaveMore && i < ORIGINS_EACH; i++) {
                String origin = origin(owner, i);
                boolean waits = waitingTo.getOrDefault(key(owner, origin), 0) > 0;
                if (waits && inFlightTo.getOrDefault(origin, 0) < SLOTS / 4 - SLOTS / 4 / 8) {
                    idleSlots.add("tick " + tick + ": " + taken + " slots taken, " + origin + " waits");
                }
            }
        }
    }

    private static String key(int owner, String origin) {
        return owner + " " + origin;
    }
}
