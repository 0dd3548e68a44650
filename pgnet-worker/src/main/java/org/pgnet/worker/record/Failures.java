package org.pgnet.worker.record;

import java.util.Optional;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.Settlement;

/** What stands in for a settlement that cannot be kept as it is. */
final class Failures {
    static final String CANNOT_STORE = "response could not be stored";

    private Failures() {}

    /** The same in the place of one whose memory is freed; what is kept of its request stays. */
    static Settlement inPlaceOf(Settlement settlement, String message) {
        return settlement.match(new Settlement.Cases<>() {
            @Override
            public Settlement answered(Settlement.Answered response) {
                return of(response, message);
            }

            @Override
            public Settlement failed(Settlement.Failed failure) {
                return failure;
            }

            @Override
            public Settlement postponed(Settlement.Postponed again) {
                return again;
            }

            @Override
            public Settlement dead(Settlement.Dead dead) {
                return new Settlement.Dead(dead.outcome().match(this), dead.reason());
            }
        });
    }

    /** That a response could not be stored. */
    private static Settlement.Failed of(Settlement settlement, String message) {
        return new Settlement.Failed(
                settlement.request(),
                settlement.completed(),
                settlement.duration(),
                settlement.attempts(),
                FailureKind.NOT_STORED,
                message,
                false,
                settlement.stages());
    }

    /** Something poorer in the place of what the database refuses with this message; empty when nothing is. */
    static Optional<Settlement> poorer(Settlement settlement, String message) {
        return settlement.match(new Settlement.Cases<>() {
            @Override
            public Optional<Settlement> answered(Settlement.Answered response) {
                return Optional.of(of(response, CANNOT_STORE + ": " + message));
            }

            /** Its text may be what is refused, or what the row has of its request. */
            @Override
            public Optional<Settlement> failed(Settlement.Failed failure) {
                return failure.bare() ? Optional.empty() : Optional.of(bare(failure));
            }

            /** It is as dead with a poorer response. In the end its response is worth more than to keep the request. */
            @Override
            public Optional<Settlement> dead(Settlement.Dead dead) {
                return poorer(dead.outcome(), message)
                        .<Settlement>map(outcome -> new Settlement.Dead(outcome, dead.reason()))
                        .or(() -> Optional.of(dead.outcome()));
            }

            @Override
            public Optional<Settlement> postponed(Settlement.Postponed again) {
                return again.message().equals(CANNOT_STORE)
                        ? Optional.empty()
                        : Optional.of(again.message(CANNOT_STORE));
            }
        });
    }

    private static Settlement bare(Settlement.Failed failure) {
        return new Settlement.Failed(
                failure.request(),
                failure.completed(),
                failure.duration(),
                failure.attempts(),
                failure.kind(),
                CANNOT_STORE,
                true,
                failure.stages());
    }
}
