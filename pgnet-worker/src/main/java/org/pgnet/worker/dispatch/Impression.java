package org.pgnet.worker.dispatch;

import org.pgnet.worker.delivery.RetryOn;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.PolicyTerms;
import org.pgnet.worker.spi.Settlement;

/** What the end of an attempt says about its endpoint, before a policy has said what it thinks of it. */
enum Impression {
    /** It has taken the request. */
    ACCEPTED,
    /** It has answered otherwise. */
    ANSWERED,
    /** The connection or the time has ended without an answer. */
    BROKEN,
    /** There was no connection. */
    UNREACHED,
    /** Nothing: the request was not sent, or it is to blame itself. */
    NONE;

    /** By this requests are judged that have no policy. */
    private static final RetryOn USUAL = RetryOn.of(PolicyTerms.USUAL_RETRY_ON);

    /** Whether a policy may see a failure in it. */
    boolean isDebatable() {
        return this == ANSWERED || this == BROKEN;
    }

    /** @param isRepeated whether it is what leads to another attempt */
    Breaker.Result result(boolean isRepeated) {
        return switch (this) {
            case ACCEPTED -> Breaker.Result.SUCCESS;
            case ANSWERED -> isRepeated ? Breaker.Result.FAILURE : Breaker.Result.SUCCESS;
            case BROKEN -> isRepeated ? Breaker.Result.FAILURE : Breaker.Result.NOTHING;
            case UNREACHED -> Breaker.Result.UNREACHED;
            case NONE -> Breaker.Result.NOTHING;
        };
    }

    static Impression of(Exchange exchange, Settlement settlement) {
        return settlement.match(new Settlement.Cases<>() {
            @Override
            public Impression answered(Settlement.Answered response) {
                return response.status() / 100 == 2 ? ACCEPTED : ANSWERED;
            }

            @Override
            public Impression failed(Settlement.Failed failure) {
                return switch (failure.kind()) {
                    case NETWORK, TIMEOUT -> exchange.hasConnected() ? BROKEN : UNREACHED;
                    case NO_MEMORY,
                            SECRET,
                            EXPIRED,
                            REFUSED,
                            CERTIFICATE,
                            IMPOSSIBLE,
                            TOO_LARGE,
                            REDIRECT,
                            GONE,
                            NOT_STORED,
                            OTHER -> NONE;
                };
            }

            @Override
            public Impression postponed(Settlement.Postponed again) {
                return NONE;
            }

            @Override
            public Impression dead(Settlement.Dead dead) {
                return dead.outcome().match(this);
            }
        });
    }

    /** What leads to another attempt under most policies. */
    static boolean isUsuallyRepeated(Settlement settlement) {
        return settlement.match(new Settlement.Cases<>() {
            @Override
            public Boolean answered(Settlement.Answered response) {
                return USUAL.containsStatus(response.status());
            }

            @Override
            public Boolean failed(Settlement.Failed failure) {
                return USUAL.containsFailure(failure.kind());
            }

            @Override
            public Boolean postponed(Settlement.Postponed again) {
                return true;
            }

            @Override
            public Boolean dead(Settlement.Dead dead) {
                return dead.outcome().match(this);
            }
        });
    }
}
