package org.pgnet.worker;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.pgnet.worker.delivery.Attempt;
import org.pgnet.worker.delivery.RetryAfter;
import org.pgnet.worker.delivery.RetryPolicy;
import org.pgnet.worker.delivery.Verdict;
import org.pgnet.worker.dispatch.Judgement;
import org.pgnet.worker.hosts.RequestTerms;
import org.pgnet.worker.http.ResponseReader;
import org.pgnet.worker.record.StoreOutage;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.PolicySource;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;

/**
 * Decides whether a request that was sent is sent again, and whether one that is not is kept. One without a policy passes
 * through. Backend thread.
 *
 * <p>The policies are read when there is something to decide, so they hold as they are then. While the database refuses that,
 * settlements wait here.
 */
final class Delivering {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final int GONE = 410;

    private final Policies policies;
    private final RequestTerms terms;
    private final StoreOutage outage;
    private final Consumer<Judgement> judged;
    private final Consumer<Settlement> decided;
    private final Consumer<Settlement> freed;
    private final Queue<Settlement> undecided = new ArrayDeque<>();
    private final ResponseReader reader = new ResponseReader();

    /**
     * @param terms what holds for a request's host now
     * @param outage the times in which the database refuses to be asked for policies
     * @param judged is told what policies say of the attempts that their endpoints are judged by
     * @param decided takes each settlement, or the one that it has become
     * @param freed is told of a settlement whose memory was freed
     */
    Delivering(
            PolicySource source,
            RequestTerms terms,
            StoreOutage outage,
            Consumer<Judgement> judged,
            Consumer<Settlement> decided,
            Consumer<Settlement> freed) {
        this.policies = new Policies(source);
        this.terms = terms;
        this.outage = outage;
        this.judged = judged;
        this.decided = decided;
        this.freed = freed;
    }

    /** Takes what an attempt came to. */
    void accept(Settlement settlement) {
        // Its own, or else that of its host, as it is now.
        DueRequest request = settlement.request();
        if (request.delivery().policy(terms.of(request)).isEmpty()) {
            decided.accept(settlement);
        } else {
            undecided.add(settlement);
        }
    }

    /** Decides what has come. */
    void work() {
        if (undecided.isEmpty() || !outage.mayTry()) {
            return;
        }
        policies.forget();
        try {
            while (!undecided.isEmpty()) {
                decided.accept(decide(undecided.element()));
                undecided.remove();
            }
            outage.succeeded();
        } catch (StoreException refusal) {
            outage.failed(refusal);
        }
    }

    /** The nanoseconds until {@link #work} may decide what waits; {@link Long#MAX_VALUE} when nothing does. */
    long nanosUntilDue() {
        return undecided.isEmpty() ? Long.MAX_VALUE : outage.nanosUntilRetry();
    }

    private Settlement decide(Settlement settlement) {
        Delivery delivery = settlement.request().delivery();
        Attempt attempt = new Attempt(
                delivery.nextAttempt(),
                delivery.counted(),
                delivery.firstDue(),
                delivery.expires(),
                settlement.completed(),
                settlement.match(new Result()));
        HostTerms hostTerms = terms.of(settlement.request());
        String name = delivery.policy(hostTerms);
        RetryPolicy policy = policies.named(name);
        if (delivery.hasPolicy(hostTerms)) {
            judge(settlement, policy.retryOn().contains(attempt.result()), attempt.result());
        }
        if (delivery.isOfWebhook() && isGone(attempt.result())) {
            return new Settlement.Dead(settlement, DeadReason.GONE);
        }
        Verdict verdict = policy.decide(attempt, ThreadLocalRandom.current().nextDouble());
        return verdict.match(new Verdict.Cases<>() {
            @Override
            public Settlement succeeded() {
                return settlement;
            }

            @Override
            public Settlement again(Verdict.Again again) {
                Settlement postponed = settlement.match(new Postponing(again));
                settlement.close();
                freed.accept(settlement);
                return postponed;
            }

            @Override
            public Settlement ended(Verdict.Ended ended) {
                boolean isKept =
                        ended.reason() == DeadReason.GONE || !isSuccess(attempt.result()) && policies.keepsDead(name);
                return isKept ? new Settlement.Dead(settlement, ended.reason()) : settlement;
            }
        });
    }

    /** Before it is recorded, so that others to the same endpoint do not start meanwhile. */
    private void judge(Settlement settlement, boolean isRepeated, Attempt.Result result) {
        Optional<Duration> wish = result.match(Delivering::wishToBeLeftAlone, failure -> Optional.empty());
        judged.accept(new Judgement(
                settlement.request().key(),
                isRepeated,
                wish.map(wait -> settlement.completed().plus(wait))));
    }

    private static Optional<Duration> wishToBeLeftAlone(Attempt.Status status) {
        return status.code() == TOO_MANY_REQUESTS || status.code() == SERVICE_UNAVAILABLE
                ? status.retryAfter()
                : Optional.empty();
    }

    /** A policy may end with a 2xx status that it would have repeated: that got through. */
    private static boolean isSuccess(Attempt.Result result) {
        return result.match(status -> isSuccess(status.code()), failure -> false);
    }

    private static boolean isSuccess(int status) {
        return status / 100 == 2;
    }

    /** The receiver of a webhook wants nothing more, whatever the policy says. */
    private static boolean isGone(Attempt.Result result) {
        return result.match(status -> status.code() == GONE, failure -> false);
    }

    private static IllegalStateException decided(Settlement settlement) {
        return new IllegalStateException(
                "it is decided already: request " + settlement.request().key().id());
    }

    /** What a policy goes by. */
    private final class Result implements Settlement.Cases<Attempt.Result> {
        @Override
        public Attempt.Result answered(Settlement.Answered response) {
            return new Attempt.Status(response.status(), retryAfter(response));
        }

        @Override
        public Attempt.Result failed(Settlement.Failed failure) {
            return new Attempt.Failure(failure.kind());
        }

        @Override
        public Attempt.Result postponed(Settlement.Postponed again) {
            throw decided(again);
        }

        @Override
        public Attempt.Result dead(Settlement.Dead dead) {
            throw decided(dead);
        }

        /** A success is seldom repeated, and then at the policy's pace. */
        private Optional<Duration> retryAfter(Settlement.Answered response) {
            if (isSuccess(response.status())) {
                return Optional.empty();
            }
            reader.read(response.headerBlock().toByteArray());
            return reader.retryAfter().flatMap(value -> RetryAfter.parse(value, response.completed()));
        }
    }

    /** What is kept of an attempt. */
    private record Postponing(Verdict.Again verdict) implements Settlement.Cases<Settlement> {
        @Override
        public Settlement answered(Settlement.Answered response) {
            return postponed(response, response.status(), false, "");
        }

        @Override
        public Settlement failed(Settlement.Failed failure) {
            return postponed(failure, 0, failure.timedOut(), failure.message());
        }

        @Override
        public Settlement postponed(Settlement.Postponed again) {
            throw decided(again);
        }

        @Override
        public Settlement dead(Settlement.Dead dead) {
            throw decided(dead);
        }

        private Settlement postponed(Settlement attempt, int status, boolean timedOut, String message) {
            return new Settlement.Postponed(
                    attempt.request(),
                    attempt.completed(),
                    attempt.duration(),
                    attempt.attempts(),
                    status,
                    timedOut,
                    message,
                    inMicros(verdict.due()),
                    verdict.counted(),
                    verdict.leftAloneUntil().map(Postponing::inMicros),
                    attempt.stages());
        }

        /** Not before the moment that it was. */
        private static Instant inMicros(Instant moment) {
            return moment.plusNanos(999).truncatedTo(ChronoUnit.MICROS);
        }
    }
}
