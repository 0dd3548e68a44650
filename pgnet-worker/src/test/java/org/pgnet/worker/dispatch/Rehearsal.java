package org.pgnet.worker.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.memory.FakeClock;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.NamedSecrets;
import org.pgnet.worker.spi.Priority;
import org.pgnet.worker.spi.ProbeWish;
import org.pgnet.worker.spi.RateLimit;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.TlsFiles;

/** A dispatcher with a clock that stands, and what surrounds it. */
final class Rehearsal {
    final FakeClock clock = new FakeClock();
    final List<Endpoint> recovered = new ArrayList<>();
    final Dispatcher dispatcher = new Dispatcher(clock, recovered::add);
    private final Map<String, HostTerms> terms = new HashMap<>();
    private final Set<ProbeWish> wishes = new HashSet<>();
    private long lastId;

    /** One state of rules, whose patterns are origins. */
    private record Rules(Map<String, HostTerms> terms, Set<ProbeWish> probeWishes) implements HostRules {
        @Override
        public HostTerms of(String origin) {
            return terms.getOrDefault(origin, HostTerms.NONE);
        }

        @Override
        public boolean concern(Set<ProbeWish> some, String origin) {
            return some.stream().anyMatch(wish -> wish.pattern().equals(origin));
        }
    }

    Rehearsal() {
        dispatcher.limits(200, 64);
    }

    /** Sets what holds for an origin. */
    void rule(String origin, HostTerms ofOrigin) {
        rules(List.of(origin), ofOrigin);
    }

    /** The same for many. */
    void rules(List<String> origins, HostTerms ofEach) {
        origins.forEach(origin -> terms.put(origin, ofEach));
        obey();
    }

    /** Somebody wants an origin probed. */
    void wishProbe(String origin) {
        wishes.add(new ProbeWish(origin, "wish " + wishes.size()));
        obey();
    }

    private void obey() {
        dispatcher.rules(new Rules(Map.copyOf(terms), Set.copyOf(wishes)));
    }

    static HostTerms limit(int maxInFlight) {
        return terms(OptionalInt.of(maxInFlight), Optional.empty(), Optional.empty(), false);
    }

    static HostTerms rate(String rule, double perSecond, double burst) {
        return terms(OptionalInt.empty(), Optional.of(new RateLimit(rule, perSecond, burst)), Optional.empty(), false);
    }

    static HostTerms breaker() {
        return terms(OptionalInt.empty(), Optional.empty(), Optional.of(true), false);
    }

    static HostTerms noBreaker() {
        return terms(OptionalInt.empty(), Optional.empty(), Optional.of(false), false);
    }

    static HostTerms paused() {
        return terms(OptionalInt.empty(), Optional.empty(), Optional.empty(), true);
    }

    private static HostTerms terms(
            OptionalInt maxInFlight, Optional<RateLimit> rate, Optional<Boolean> breaker, boolean paused) {
        HostTerms none = HostTerms.NONE;
        return new HostTerms(
                none.policy(),
                none.timeoutMillis(),
                none.connectTimeoutMillis(),
                maxInFlight,
                rate,
                breaker,
                none.store(),
                none.headersJson(),
                none.rolesRule(),
                TlsFiles.NONE,
                paused);
    }

    /** A request that waits. */
    Exchange add(long owner, String origin) {
        return add(owner, origin, Delivery.PLAIN);
    }

    void addMany(long owner, String origin, int count) {
        for (int i = 0; i < count; i++) {
            add(owner, origin);
        }
    }

    Exchange add(long owner, String origin, Delivery delivery) {
        return add(
                owner, origin, new HttpRequest("GET", "http://x/", new byte[0], NativeBytes.empty(), 1_000), delivery);
    }

    /** A request of a webhook that waits, under a policy. */
    Exchange addOfWebhook(long owner, String origin, String path, String webhook) {
        HttpRequest http = new HttpRequest("POST", origin + path, new byte[0], NativeBytes.empty(), 1_000);
        return add(
                owner,
                origin,
                http,
                new Delivery(
                        "standard",
                        Instant.EPOCH,
                        Optional.empty(),
                        Priority.NORMAL,
                        "",
                        Instant.EPOCH,
                        0,
                        0,
                        true,
                        webhook));
    }

    /** A request that is signed and waits. */
    Exchange addSigned(long owner, String origin, String path, String key) {
        NamedSecrets secrets = new NamedSecrets(List.of(), Optional.of(key));
        return add(
                owner,
                origin,
                new HttpRequest("POST", origin + path, new byte[0], NativeBytes.empty(), 1_000, secrets),
                Delivery.PLAIN);
    }

    private Exchange add(long owner, String origin, HttpRequest http, Delivery delivery) {
        Exchange exchange =
                new Exchange(new DueRequest(new RequestKey(++lastId, 1), owner, http, delivery), origin, clock);
        dispatcher.add(exchange);
        return exchange;
    }

    static Delivery of(Priority priority) {
        return new Delivery("", Instant.EPOCH, Optional.empty(), priority, "", Instant.EPOCH, 0, 0, false);
    }

    static Delivery underPolicy() {
        return new Delivery("standard", Instant.EPOCH, Optional.empty(), Instant.EPOCH, 0, 0, true);
    }

    static Delivery expiring(Instant expires) {
        return new Delivery("", Instant.EPOCH, Optional.of(expires), Instant.EPOCH, 0, 0, false);
    }

    /** All that may start now, in turn. */
    List<Exchange> start() {
        dispatcher.ring();
        List<Exchange> started = new ArrayList<>();
        for (Optional<Exchange> next = dispatcher.next(); next.isPresent(); next = dispatcher.next()) {
            started.add(next.get());
        }
        return started;
    }

    /** The only one that may start now. */
    Exchange startOne() {
        List<Exchange> started = start();
        if (started.size() != 1) {
            throw new AssertionError(started.size() + " start");
        }
        return started.get(0);
    }

    void advance(Duration by) {
        clock.advance(by);
    }

    void answer(Exchange exchange, int status) {
        end(
                exchange,
                new Settlement.Answered(
                        exchange.request(),
                        clock.now(),
                        Duration.ZERO,
                        1,
                        status,
                        NativeBytes.empty(),
                        NativeBytes.empty(),
                        NativeBytes.empty()));
    }

    /** Nothing could connect. */
    void fail(Exchange exchange) {
        end(exchange, exchange.failed(FailureKind.NETWORK, "", clock.nanoTime()));
    }

    void refuse(Exchange exchange) {
        end(exchange, exchange.failed(FailureKind.REFUSED, "", clock.nanoTime()));
    }

    private void end(Exchange exchange, Settlement settlement) {
        dispatcher.left(exchange);
        dispatcher.ended(exchange, settlement);
    }

    void judge(Exchange exchange, boolean isRepeated, Optional<Duration> retryAfter) {
        dispatcher.judged(new Judgement(
                exchange.request().key(),
                isRepeated,
                retryAfter.map(wait -> clock.now().plus(wait))));
    }
}
