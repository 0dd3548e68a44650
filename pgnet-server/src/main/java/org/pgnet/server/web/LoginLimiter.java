package org.pgnet.server.web;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How often somebody may try passwords: five times at once for a role and twenty for an address, then once in ten seconds. A
 * right password gives a role its five tries back. Thread-safe.
 */
public final class LoginLimiter {
    private static final int TRIES_OF_ROLE = 5;
    private static final int TRIES_OF_ADDRESS = 20;
    private static final Duration REFILL = Duration.ofSeconds(10);
    private static final int MOST_REMEMBERED = 10_000;

    private final Clock clock;
    private final Map<Object, Tries> tries = new LinkedHashMap<>();

    public LoginLimiter(Clock clock) {
        this.clock = clock;
    }

    /** Takes a try; how long to wait when there is none left. */
    public synchronized Optional<Duration> take(String role, InetAddress from) {
        Duration wait = longer(waitOf(role, TRIES_OF_ROLE), waitOf(from, TRIES_OF_ADDRESS));
        if (!wait.isZero()) {
            return Optional.of(wait);
        }
        count(role);
        count(from);
        while (tries.size() > MOST_REMEMBERED) {
            tries.remove(tries.keySet().iterator().next());
        }
        return Optional.empty();
    }

    public synchronized void succeeded(String role) {
        tries.remove(role);
    }

    private Duration waitOf(Object who, int most) {
        Tries made = current(who);
        return made.count() < most
                ? Duration.ZERO
                : Duration.between(clock.instant(), made.since().plus(REFILL));
    }

    private void count(Object who) {
        Tries made = current(who);
        tries.remove(who);
        tries.put(who, new Tries(made.count() + 1, made.count() == 0 ? clock.instant() : made.since()));
    }

    /** Without those tries that have been given back meanwhile. */
    private Tries current(Object who) {
        Tries made = tries.getOrDefault(who, new Tries(0, clock.instant()));
        long back = Math.min(
                made.count(), Duration.between(made.since(), clock.instant()).dividedBy(REFILL));
        return new Tries((int) (made.count() - back), made.since().plus(REFILL.multipliedBy(back)));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private record Tries(int count, Instant since) {}
}
