package org.pgnet.worker.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgnet.worker.spi.RequestStore.Disposition.GONE;
import static org.pgnet.worker.spi.RequestStore.Disposition.LOCKED;
import static org.pgnet.worker.spi.RequestStore.Disposition.RECORDED;
import static org.pgnet.worker.spi.RequestStore.Disposition.UNAVAILABLE;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.http.OriginNumber;
import org.pgnet.worker.memory.Wishes;
import org.pgnet.worker.spi.Committed;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueIds;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailedRequests;
import org.pgnet.worker.spi.FailedRequests.Attempted;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Line;
import org.pgnet.worker.spi.OrderKey;
import org.pgnet.worker.spi.Priority;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.RequestStore.Disposition;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.Stages;
import org.pgnet.worker.spi.StoreException;
import org.pgnet.worker.spi.Survey;

/** What {@link RequestStore} and {@link RequestQueue} promise. The tables are empty before each test. */
public interface RequestStoreContract {
    String URL = "http://h.test/path?a=b";
    Duration TTL = Duration.ofHours(6);
    Duration TOOK = Duration.of(1_234_567, ChronoUnit.MICROS);
    int ATTEMPTS = 2;
    long ANY_SIZE = Long.MAX_VALUE;

    /** The store. */
    RequestStore store();

    /** The queue of the same tables. */
    RequestQueue queue();

    /** The tables of both. */
    StoreTables tables();

    /** The queue of a process that has just begun. */
    RequestQueue newQueue();

    // ---- reading

    @Test
    default void requestIsReadAsItWasInserted() {
        long id = tables().insert("POST", URL, "{\"X-Name\": [\"ä\", \"b\"]}", "body: ä", 1_234);

        DueRequest request = fetch(id);

        assertThat(request.key().id()).isEqualTo(id);
        assertThat(request.http().method()).isEqualTo("POST");
        assertThat(request.http().url()).isEqualTo(URL);
        assertThat(request.http().headersJson()).asString(UTF_8).isEqualTo("{\"X-Name\": [\"ä\", \"b\"]}");
        assertThat(request.http().body().toByteArray()).asString(UTF_8).isEqualTo("body: ä");
        assertThat(request.http().timeoutMillis()).isEqualTo(1_234);
    }

    @Test
    default void requestWithoutHeadersAndBodyHasNone() {
        DueRequest request = fetch(tables().insert("GET", URL, "{}", "", 0));

        assertThat(request.http().headersJson()).isEmpty();
        assertThat(request.http().body().isEmpty()).isTrue();
        assertThat(request.http().timeoutMillis()).isZero();
    }

    @Test
    default void requestsComeInTheOrderOfTheirIds() {
        IdRange ids = tables().insertGets(URL, 100);
        tables().update(ids.first() + 7, URL);

        Fetched all = queue().fetch(Long.MIN_VALUE, Long.MAX_VALUE, 1_000, ANY_SIZE);

        assertThat(idsOf(all)).containsExactlyElementsOf(idsOf(ids));
        assertThat(all.complete()).isTrue();
    }

    @Test
    default void rangeMayHaveHoles() {
        long first = tables().insertGets(URL, 5).first();
        tables().delete(first + 1);
        tables().delete(first + 3);

        assertThat(idsOf(queue().fetch(first, first + 4, 10, ANY_SIZE))).containsExactly(first, first + 2, first + 4);
        assertThat(idsOf(queue().fetch(first + 1, first + 3, 10, ANY_SIZE))).containsExactly(first + 2);
        assertThat(queue().fetch(first + 1, first + 1, 10, ANY_SIZE)).isEqualTo(Fetched.all(List.of()));
    }

    @Test
    default void removedAndChangedRequestsAreAbsent() {
        IdRange ids = tables().insertGets(URL, 4);
        List<RequestKey> keys = queue().fetch(ids.first(), ids.last(), 10, ANY_SIZE).requests().stream()
                .map(DueRequest::key)
                .toList();
        queue().drainRemoved();
        assertThat(queue().drainRemoved()).isFalse();
        assertThat(queue().absent(keys)).isEmpty();
        assertThat(queue().absent(List.of())).isEmpty();

        tables().delete(ids.first());
        assertThat(queue().drainRemoved()).isTrue();
        tables().update(ids.first() + 2, URL + "changed");
        assertThat(queue().drainRemoved()).isTrue();

        assertThat(queue().absent(keys)).containsExactlyInAnyOrder(keys.get(0), keys.get(2));
    }

    @Test
    default void readEndsAtItsLimit() {
        IdRange ids = tables().insertGets(URL, 5);

        Fetched two = queue().fetch(ids.first(), ids.last(), 2, ANY_SIZE);
        Fetched five = queue().fetch(ids.first(), ids.last(), 5, ANY_SIZE);
        Fetched six = queue().fetch(ids.first(), ids.last(), 6, ANY_SIZE);

        assertThat(idsOf(two)).containsExactly(ids.first(), ids.first() + 1);
        assertThat(two.complete()).isFalse();
        assertThat(idsOf(five)).hasSize(5);
        assertThat(five.complete()).as("there may be more").isFalse();
        assertThat(idsOf(six)).hasSize(5);
        assertThat(six.complete()).isTrue();
    }

    @Test
    default void readEndsBehindTheBodyThatExceedsItsBytes() {
        long first = tables().insert("POST", URL, "{}", "0123456789", 0);
        tables().insert("POST", URL, "{}", "0123456789", 0);
        long last = tables().insert("POST", URL, "{}", "0123456789", 0);

        Fetched one = queue().fetch(first, last, 10, 0);
        Fetched two = queue().fetch(first, last, 10, 19);
        Fetched three = queue().fetch(first, last, 10, 20);

        assertThat(idsOf(one)).containsExactly(first);
        assertThat(one.complete()).isFalse();
        assertThat(idsOf(two)).containsExactly(first, first + 1);
        assertThat(two.complete()).isFalse();
        assertThat(idsOf(three)).containsExactly(first, first + 1, last);
        assertThat(three.complete()).isTrue();
    }

    @Test
    default void requestIsToldAndVisibleWhenItIsCommitted() {
        long before = tables().insertGets(URL, 1).last();
        queue().drainCommitted();

        tables().whileUncommitted(URL, () -> {
            assertThat(queue().drainCommitted()).isEmpty();
            assertThat(queue().fetch(before + 1, Long.MAX_VALUE, 10, ANY_SIZE)).isEqualTo(Fetched.all(List.of()));
        });

        assertThat(committed()).containsExactly(new IdRange(before + 1, before + 1));
        assertThat(idsOf(queue().fetch(before + 1, Long.MAX_VALUE, 10, ANY_SIZE)))
                .containsExactly(before + 1);
        assertThat(queue().drainCommitted()).as("told once").isEmpty();
    }

    @Test
    default void newProcessIsToldOfAllIds() {
        IdRange ids = tables().insertGets(URL, 3);
        queue().drainCommitted();

        assertThat(newQueue().drainCommitted())
                .extracting(Committed::ids)
                .anyMatch(range -> range.first() <= ids.first() && range.last() == Long.MAX_VALUE);
    }

    @Test
    default void requestsAreToldWithTheirOwnerAndPriority() {
        queue().drainCommitted();

        long owner = fetch(tables().insertGets(URL, 1).first()).owner();
        tables().insertGet(URL, wishes().priority(Priority.URGENT));

        assertThat(queue().drainCommitted())
                .extracting(Committed::line)
                .containsExactly(
                        Optional.of(new Line(owner, Priority.NORMAL)), Optional.of(new Line(owner, Priority.URGENT)));
    }

    @Test
    default void chosenRequestsAreRead() {
        long first = tables().insertGets(URL, 5).first();
        tables().delete(first + 2);

        Fetched chosen = queue().fetch(new long[] {first, first + 2, first + 4}, ANY_SIZE);

        assertThat(idsOf(chosen)).containsExactly(first, first + 4);
        assertThat(chosen.complete()).isTrue();
    }

    @Test
    default void whatIsNotChosenIsNotRead() {
        long first = tables().insertGets(URL, 4).first();
        assertThat(queue().due(DueIds.Place.FIRST, 10).next())
                .as("nothing is kept of them")
                .isEmpty();

        Fetched chosen = queue().fetch(new long[] {first, first + 1, first + 1, first + 3}, ANY_SIZE);

        assertThat(idsOf(chosen)).contains(first, first + 1, first + 3).doesNotContain(first + 2);
    }

    @Test
    default void readOfChosenOnesEndsBehindTheBodyThatExceedsItsBytes() {
        long first = tables().insert("POST", URL, "{}", "0123456789", 0);
        long last = tables().insert("POST", URL, "{}", "0123456789", 0);

        Fetched one = queue().fetch(new long[] {first, last}, 0);

        assertThat(idsOf(one)).containsExactly(first);
        assertThat(one.complete()).isFalse();
        assertThat(one.last()).isEqualTo(first);
    }

    // ---- surveys

    @Test
    default void surveyTellsWhoseTheRequestsAreAndWhereTheyGo() {
        IdRange plain = tables().insertGets(URL, 3);
        IdRange others = tables().insertGets("https://other.test/", 2);
        long urgent = tables().insertGet(URL, wishes().priority(Priority.URGENT));
        tables().insertGet(URL, wishes().notBefore(inAnHour()));
        long owner = fetch(plain.first()).owner();

        Survey survey = queue().survey(Long.MIN_VALUE, Long.MAX_VALUE);

        long origin = OriginNumber.of("http://h.test:80");
        assertThat(survey.runs())
                .containsExactly(
                        new Survey.Run(plain, owner, origin, Priority.NORMAL, 3),
                        new Survey.Run(others, owner, OriginNumber.of("https://other.test:443"), Priority.NORMAL, 2),
                        new Survey.Run(new IdRange(urgent, urgent), owner, origin, Priority.URGENT, 1));
        assertThat(survey.complete()).isTrue();
        assertThat(survey.rows()).isEqualTo(7);
    }

    @Test
    default void surveysLookAtParts() {
        IdRange ids = tables().insertGets(URL, 10_500);
        List<Survey> surveys = new ArrayList<>();

        for (long next = ids.first();
                surveys.isEmpty() || !surveys.get(surveys.size() - 1).complete(); ) {
            Survey survey = queue().survey(next, Long.MAX_VALUE);
            // The one before may have ended, after its time, with the very last row.
            assertThat(survey.rows()).isBetween(survey.complete() ? 0 : 1, 10_000);
            surveys.add(survey);
            assertThat(survey.complete() || survey.last() == next + survey.rows() - 1)
                    .isTrue();
            next = survey.last() + 1;
        }

        assertThat(surveys).hasSizeGreaterThan(1);
        assertThat(surveys.stream().mapToInt(Survey::rows).sum()).isEqualTo(10_500);
    }

    @Test
    default void originOfASurveyIsThatOfTheRequest() {
        Map<String, String> plain = Map.of(
                "http://h.test", "http://h.test:80",
                "HTTP://H.Test:80/path", "http://h.test:80",
                "https://user:word@h.test/?query", "https://h.test:443",
                "http://[::1]:8080/", "http://[::1]:8080",
                "http://127.1/", "http://127.0.0.1:80",
                "http://h.test:0443/#fragment", "http://h.test:443",
                "https://h.test?a=//b", "https://h.test:443");
        Map<String, String> perhaps = Map.of(
                "http://\u00e4.test/",
                "http://xn--4ca.test:80",
                "http://" + "u".repeat(400) + "@h.test/",
                "http://h.test:80");
        plain.forEach((url, origin) -> assertThat(originOfSurvey(url)).as(url).isEqualTo(OriginNumber.of(origin)));
        perhaps.forEach((url, origin) ->
                assertThat(originOfSurvey(url)).as(url).isIn(Survey.UNKNOWN_ORIGIN, OriginNumber.of(origin)));
    }

    private long originOfSurvey(String url) {
        long id = tables().insertGets(url, 1).first();
        return queue().survey(id, id).runs().get(0).origin();
    }

    // ---- order keys

    @Test
    default void ofAnOrderKeyTheFirstRequestIsRead() {
        long first = tables().insertGet(URL, wishes().orderKey("a"));
        long second = tables().insertGet(URL, wishes().orderKey("a"));
        long other = tables().insertGet(URL, wishes().orderKey("b"));
        tables().insertGet(URL, wishes().orderKey("a"));

        DueRequest request = fetch(first);

        assertThat(idsOf(queue().fetch(first, Long.MAX_VALUE, 10, ANY_SIZE))).containsExactly(first, other);
        assertThat(queue().survey(first, Long.MAX_VALUE).runs())
                .extracting(Survey.Run::count)
                .containsExactly(2);
        assertThat(request.delivery().orderKey())
                .isNotEmpty()
                .isNotEqualTo(fetch(other).delivery().orderKey());
        assertThat(settle(answered(request))).containsExactly(RECORDED);
        assertThat(queue().heads(List.of(keyOf(request)))).containsExactly(second);
        assertThat(idsOf(queue().fetch(first, Long.MAX_VALUE, 10, ANY_SIZE))).containsExactly(second, other);
    }

    @Test
    default void requestThatIsSentAgainKeepsOthersOfItsOrderKeyWaiting() {
        long first = tables().insertGet(URL, wishes().policy("quick").orderKey("a"));
        long second = tables().insertGet(URL, wishes().orderKey("a"));
        DueRequest request = fetch(first);

        settle(postponed(request, 503, "", inAnHour()));

        assertThat(queue().heads(List.of(keyOf(request)))).containsExactly(first);
        assertThat(queue().fetch(first, second, 10, ANY_SIZE).requests()).isEmpty();
    }

    @Test
    default void scheduledRequestKeepsOthersOfItsOrderKeyWaiting() {
        long first = tables().insertGet(URL, wishes().notBefore(soon()).orderKey("a"));
        long second = tables().insertGet(URL, wishes().orderKey("a"));

        assertThat(queue().fetch(first, second, 10, ANY_SIZE).requests()).isEmpty();

        assertThat(awaitDue().ids()).containsExactly(first);
        assertThat(idsOf(queue().fetch(first, second, 10, ANY_SIZE))).containsExactly(first);
    }

    @Test
    default void deletedRequestIsNoLongerTheFirstOfItsOrderKey() {
        long first = tables().insertGet(URL, wishes().orderKey("a"));
        long second = tables().insertGet(URL, wishes().orderKey("a"));
        OrderKey key = keyOf(fetch(first));

        tables().delete(first);

        assertThat(queue().heads(List.of(key))).containsExactly(second);
        assertThat(idsOf(queue().fetch(first, second, 10, ANY_SIZE))).containsExactly(second);
        tables().delete(second);
        assertThat(queue().heads(List.of(key))).isEmpty();
    }

    @Test
    default void rewrittenTableKeepsItsOrderKeys() {
        long first = tables().insertGet(URL, wishes().orderKey("a"));
        long second = tables().insertGet(URL, wishes().orderKey("a"));
        tables().rewrite();

        DueRequest request = fetch(first);

        assertThat(idsOf(queue().fetch(first, second, 10, ANY_SIZE))).containsExactly(first);
        assertThat(settle(answered(request))).containsExactly(RECORDED);
        assertThat(queue().heads(List.of(keyOf(request)))).containsExactly(second);
    }

    @Test
    default void afterATruncateTheOrderKeysBeginAnew() {
        tables().insertGet(URL, wishes().orderKey("a"));
        DueRequest old = fetch(tables().insertGet(URL, wishes().orderKey("b")));
        tables().truncate();
        long first = tables().insertGet(URL, wishes().orderKey("b"));
        tables().insertGet(URL, wishes().orderKey("b"));

        assertThat(queue().heads(List.of(keyOf(old)))).containsExactly(first);
        assertThat(fetch(first).key()).isNotEqualTo(old.key());
    }

    private static OrderKey keyOf(DueRequest request) {
        return new OrderKey(request.owner(), request.delivery().orderKey());
    }

    private List<IdRange> committed() {
        return queue().drainCommitted().stream().map(Committed::ids).toList();
    }

    // ---- scheduled requests

    @Test
    default void requestThatIsScheduledIsToldByItsMoment() {
        Instant moment = inAnHour();
        queue().drainCommitted();
        queue().drainScheduled();

        long id = tables().insertGet(URL, wishes().notBefore(moment));

        assertThat(queue().drainCommitted()).isEmpty();
        assertThat(queue().drainScheduled()).contains(moment);
        assertThat(queue().drainScheduled()).as("told once").isEmpty();
        assertThat(queue().due(DueIds.Place.FIRST, 10).next()).contains(moment);
        assertThat(queue().fetch(id, id, 10, ANY_SIZE).requests()).as("not due").isEmpty();
        assertThat(tables().kept()).isEqualTo(1);
    }

    @Test
    default void requestWhoseMomentHasPassedIsLikeAnyOther() {
        queue().drainCommitted();
        Instant moment = Instant.now().minusSeconds(1).truncatedTo(ChronoUnit.MICROS);

        long id = tables().insertGet(URL, wishes().notBefore(moment));

        assertThat(committed()).containsExactly(new IdRange(id, id));
        assertThat(fetch(id).key().id()).isEqualTo(id);
        assertThat(tables().kept()).isZero();
    }

    @Test
    default void requestIsDueWhenItsMomentHasCome() {
        Instant moment = soon();
        long later = tables().insertGet(URL, wishes().notBefore(inAnHour()));
        long id = tables().insertGet(URL, wishes().notBefore(moment));

        DueIds due = awaitDue();

        assertThat(Instant.now()).isAfterOrEqualTo(moment);
        assertThat(due.ids()).containsExactly(id);
        assertThat(due.reached()).isEqualTo(new DueIds.Place(moment, id));
        assertThat(queue().due(due.reached(), 10).ids()).as("behind it").isEmpty();
        assertThat(idsOf(queue().fetch(later, id, 10, ANY_SIZE))).containsExactly(id);
        assertThat(fetch(id).delivery().firstDue()).isEqualTo(moment);
        assertThat(fetch(id).delivery().isKept()).isTrue();
    }

    @Test
    default void dueRequestsComeInTheOrderOfTheirMoments() {
        Instant moment = soon();
        long last = tables().insertGet(URL, wishes().notBefore(moment));
        long first = tables().insertGet(URL, wishes().notBefore(moment.minusMillis(1)));
        long another = tables().insertGet(URL, wishes().notBefore(moment));
        awaitMoment(moment);

        DueIds two = queue().due(DueIds.Place.FIRST, 2);

        assertThat(two.ids()).containsExactly(first, last);
        assertThat(two.next().orElseThrow()).as("at once").isBeforeOrEqualTo(Instant.now());
        assertThat(queue().due(two.reached(), 2).ids()).containsExactly(another);
    }

    @Test
    default void whatIsNotDueIsPassedOverInPortions() {
        long first = tables().insertGets(URL, 1).first();
        for (int i = 0; i < 300; i++) {
            tables().insertGet(URL, wishes().notBefore(inAnHour()));
        }
        long last = tables().insertGets(URL, 1).first();

        List<Long> read = new ArrayList<>();
        Fetched fetched;
        long from = first;
        do {
            fetched = queue().fetch(from, last, 1, ANY_SIZE);
            read.addAll(idsOf(fetched));
            from = fetched.last() + 1;
        } while (!fetched.complete() && from <= last);

        assertThat(read).containsExactly(first, last);
    }

    @Test
    default void scheduledRequestLeavesNothingBesideItsResponse() {
        long id = tables().insertGet(URL, wishes().notBefore(soon()));
        awaitDue();

        assertThat(settle(answered(fetch(id)))).containsExactly(RECORDED);

        assertThat(tables().kept()).isZero();
        assertThat(tables().responses()).isEqualTo(1);
    }

    @Test
    default void rewrittenTableKeepsItsSchedules() {
        Instant moment = soon();
        long id = tables().insertGet(URL, wishes().notBefore(moment));
        queue().drainScheduled();
        tables().rewrite();

        assertThat(queue().fetch(id, id, 10, ANY_SIZE).requests()).isEmpty();
        assertThat(queue().due(DueIds.Place.FIRST, 10).next()).as("as before").contains(moment);

        assertThat(awaitDue().ids()).containsExactly(id);
        assertThat(Instant.now()).isAfterOrEqualTo(moment);
        assertThat(fetch(id).delivery().isKept()).isTrue();
    }

    @Test
    default void updatedRequestIsScheduledAnew() {
        long id = tables().insertGet(URL, wishes().notBefore(soon()));
        awaitDue();
        DueRequest old = fetch(id);
        tables().update(id, URL + "&c=d");

        DueRequest renewed = fetch(id);

        assertThat(renewed.delivery().isKept()).as("its moment has passed").isFalse();
        assertThat(settle(answered(old))).containsExactly(GONE);
        assertThat(settle(answered(renewed))).containsExactly(RECORDED);
        assertThat(tables().kept()).isZero();
    }

    @Test
    default void truncatedQueueHasNoSchedules() {
        tables().insertGet(URL, wishes().notBefore(inAnHour()));

        tables().truncate();

        assertThat(tables().kept()).isZero();
    }

    @Test
    default void whatIsKeptOfADeletedRequestGoesWhenItIsDue() {
        tables().delete(tables().insertGet(URL, wishes().notBefore(soon())));
        long next = tables().insertGet(URL, wishes().notBefore(soon()));

        assertThat(awaitDue().ids()).containsExactly(next);
        assertThat(tables().kept()).isEqualTo(1);
    }

    @Test
    default void requestSaysWhenItExpires() {
        Instant expires = inAnHour();

        Delivery delivery =
                fetch(tables().insertGet(URL, wishes().expires(expires))).delivery();

        assertThat(delivery.expires()).contains(expires);
    }

    /** Its host may have a policy, which goes by these. */
    @Test
    default void requestThatWantsNothingSaysWhenItWasMade() {
        Instant before = Instant.now().minusSeconds(1);

        Delivery delivery = fetch(tables().insertGets(URL, 1).first()).delivery();

        assertThat(delivery.policy()).isEmpty();
        assertThat(delivery.expires()).isEmpty();
        assertThat(delivery.isKept()).isFalse();
        assertThat(delivery.nextAttempt()).isEqualTo(1);
        assertThat(delivery.created()).isBetween(before, Instant.now().plusSeconds(1));
        assertThat(delivery.firstDue()).isEqualTo(delivery.created());
    }

    // ---- requests that are sent again

    @Test
    default void postponedRequestStaysUntilItIsDueAgain() {
        Wishes wishes = wishes().policy("quick");
        long id = tables().insertGet(URL, wishes);
        DueRequest request = fetch(id);
        Instant due = soon();

        assertThat(settle(postponed(request, 503, "", due))).containsExactly(RECORDED);

        assertThat(request.delivery().policy()).isEqualTo("quick");
        assertThat(tables().queued()).isEqualTo(1);
        assertThat(tables().responses()).isZero();
        assertThat(queue().fetch(id, id, 10, ANY_SIZE).requests()).as("not due").isEmpty();
        assertThat(awaitDue().ids()).containsExactly(id);
        assertThat(Instant.now()).isAfterOrEqualTo(due);
        Delivery again = fetch(id).delivery();
        assertThat(again.attempts()).isEqualTo(1);
        assertThat(again.counted()).isEqualTo(1);
        assertThat(again.created()).isEqualTo(request.delivery().created());
        assertThat(again.firstDue()).isEqualTo(request.delivery().created());
        assertThat(tables().attempts(id)).containsExactly("1 503 ");
    }

    @Test
    default void attemptThatIsRecordedTwiceCountsOnce() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        Settlement first = postponed(fetch(id), 0, "lost", soon());

        assertThat(settle(first)).containsExactly(RECORDED);
        assertThat(settle(first)).containsExactly(RECORDED);

        assertThat(tables().attempts(id)).containsExactly("1 0 lost");
        awaitDue();
        assertThat(fetch(id).delivery().attempts()).isEqualTo(1);
    }

    @Test
    default void lastAttemptEndsTheHistoryAndLeavesNothingBeside() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(id), 503, "", Instant.now()));
        awaitDue();
        settle(postponed(fetch(id), 0, "lost", Instant.now()));
        awaitDue();

        assertThat(settle(answered(fetch(id)))).containsExactly(RECORDED);

        assertThat(tables().attempts(id)).containsExactly("1 503 ", "2 0 lost", "3 200 ");
        assertThat(tables().kept()).isZero();
        assertThat(tables().queued()).isZero();
        assertThat(tables().response(id).orElseThrow().attempts()).isEqualTo(2 + ATTEMPTS);
    }

    @Test
    default void requestThatNeedsOneAttemptHasNoHistory() {
        long id = tables().insertGet(URL, wishes().policy("quick"));

        assertThat(settle(answered(fetch(id)))).containsExactly(RECORDED);

        assertThat(tables().attempts(id)).isEmpty();
        assertThat(tables().kept()).isZero();
    }

    @Test
    default void postponedAndEndedAreRecordedTogether() {
        long ended = tables().insertGets(URL, 1).first();
        long again = tables().insertGet(URL, wishes().policy("quick"));
        long deleted = tables().insertGet(URL, wishes().policy("quick"));
        Settlement[] batch = {
            postponed(fetch(deleted), 503, "", soon()), postponed(fetch(again), 503, "", soon()), answered(fetch(ended))
        };
        tables().delete(deleted);

        assertThat(settle(batch)).containsExactly(GONE, RECORDED, RECORDED);

        assertThat(tables().queued()).isEqualTo(1);
        assertThat(tables().responses()).isEqualTo(1);
        assertThat(tables().kept()).isEqualTo(1);
        assertThat(tables().attempts(deleted)).isEmpty();
    }

    @Test
    default void postponedRequestWhoseRowIsLockedWaits() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        Settlement again = postponed(fetch(id), 503, "", soon());

        tables().whileLocked(id, () -> assertThat(settle(again)).containsExactly(LOCKED));

        assertThat(tables().kept()).isZero();
        assertThat(settle(again)).containsExactly(RECORDED);
    }

    @Test
    default void changedRequestIsNotThePostponedOne() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        Settlement again = postponed(fetch(id), 503, "", inAnHour());
        tables().update(id, URL + "&c=d");

        assertThat(settle(again)).containsExactly(GONE);

        assertThat(fetch(id).delivery().attempts()).isZero();
        assertThat(tables().attempts(id)).isEmpty();
    }

    /** Ids come again after RESTART IDENTITY, while requests of before are in flight. */
    @Test
    default void outcomeOfAnOlderRequestOfTheIdDoesNotEndTheOneThatIsSentAgain() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        DueRequest older = fetch(id);
        tables().update(id, URL + "&c=d");
        DueRequest newer = fetch(id);

        assertThat(settle(answered(older), postponed(newer, 503, "", inAnHour())))
                .containsExactly(GONE, RECORDED);

        assertThat(tables().queued()).isEqualTo(1);
        assertThat(tables().responses()).isZero();
        assertThat(tables().attempts(id)).containsExactly("1 503 ");
    }

    @Test
    default void outcomeOfAnOlderRequestOfTheIdDoesNotHaveTheOneThatEndedSentAgain() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        DueRequest older = fetch(id);
        tables().update(id, URL + "&c=d");
        DueRequest newer = fetch(id);

        assertThat(settle(postponed(older, 503, "", inAnHour()), answered(newer)))
                .containsExactly(GONE, RECORDED);

        assertThat(tables().queued()).isZero();
        assertThat(tables().response(id).orElseThrow().status()).contains(200);
        assertThat(tables().kept()).isZero();
    }

    @Test
    default void oldHistoryIsDeleted() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(id), 503, "", Instant.now()));

        assertThat(store().expireAttempts(TTL, 10)).isBetween(Duration.ofSeconds(1), TTL);
        assertThat(tables().attempts(id)).hasSize(1);
        awaitMoment(Completed.AT.plusMillis(20));
        store().expireAttempts(Duration.ofMillis(10), 10);
        assertThat(tables().attempts(id)).isEmpty();
        assertThat(store().expireAttempts(TTL, 10)).isEqualTo(TTL);
    }

    @Test
    default void rewrittenTableKeepsItsAttempts() {
        Instant due = inAnHour();
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(id), 503, "", Instant.now()));
        awaitDue();
        settle(postponed(fetch(id), 503, "", due));
        tables().rewrite();

        assertThat(queue().fetch(id, id, 10, ANY_SIZE).requests()).as("not due").isEmpty();

        long sooner = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(sooner), 503, "", soon()));
        tables().rewrite();
        assertThat(awaitDue().ids()).containsExactly(sooner);
        DueRequest again = fetch(sooner);
        assertThat(again.delivery().attempts()).isEqualTo(1);
        assertThat(settle(postponed(again, 502, "", inAnHour()))).containsExactly(RECORDED);
        assertThat(tables().attempts(sooner)).containsExactly("1 503 ", "2 502 ");
        assertThat(tables().kept()).isEqualTo(2);
    }

    // ---- requests that are dead

    @Test
    default void deadRequestIsKeptWholeBesideItsResponse() {
        long id = tables().insertPost(URL, "{\"X-Name\": \"ä\"}", "sent ä", wishes().policy("quick"));

        assertThat(settle(dead(answered(fetch(id), 404, typed("text/plain"), new byte[] {'n', 'o'}))))
                .containsExactly(RECORDED);

        assertThat(tables().deadLetters(id))
                .containsExactly("POST " + URL + " {\"X-Name\": \"ä\"} sent ä quick rejected " + ATTEMPTS + " 404 ");
        assertThat(tables().response(id).orElseThrow().status()).contains(404);
        assertThat(tables().queued()).isZero();
        assertThat(tables().kept()).isZero();
    }

    @Test
    default void requestThatGotNoResponseIsKeptToo() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(id), 0, "lost", Instant.now()));
        awaitDue();

        Settlement lost = failed(fetch(id), FailureKind.NETWORK, "lost again");
        assertThat(settle(new Settlement.Dead(lost, DeadReason.EXHAUSTED))).containsExactly(RECORDED);

        assertThat(tables().deadLetters(id)).hasSize(1);
        assertThat(tables().deadLetters(id).get(0)).endsWith("quick exhausted " + (1 + ATTEMPTS) + " 0 lost again");
        assertThat(tables().attempts(id)).containsExactly("1 0 lost", "2 0 lost again");
        assertThat(tables().response(id).orElseThrow().error()).contains("lost again");
    }

    @Test
    default void onlyThoseThatAreRecordedAreKept() {
        long gone = tables().insertGet(URL, wishes().policy("quick"));
        long changed = tables().insertGet(URL, wishes().policy("quick"));
        long locked = tables().insertGet(URL, wishes().policy("quick"));
        long plain = tables().insertGets(URL, 1).first();
        Settlement[] batch = {dead(notFound(gone)), dead(notFound(changed)), dead(notFound(locked)), notFound(plain)};
        tables().delete(gone);
        tables().update(changed, URL + "&c=d");

        tables().whileLocked(locked, () -> assertThat(settle(batch)).containsExactly(GONE, GONE, LOCKED, RECORDED));

        for (long id : List.of(gone, changed, locked, plain)) {
            assertThat(tables().deadLetters(id)).as("request %d", id).isEmpty();
        }
        assertThat(settle(batch[2])).containsExactly(RECORDED);
        assertThat(tables().deadLetters(locked)).hasSize(1);
    }

    @Test
    default void refusedBatchKeepsNone() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        Settlement dead = dead(answered(fetch(id), 418, "", new byte[] {'a'}));

        tables().whileRefused(
                        404,
                        () -> assertThatThrownBy(() -> settle(dead(notFound(id))))
                                .isInstanceOf(StoreException.class));

        assertThat(tables().deadLetters(id)).isEmpty();
        assertThat(settle(dead)).containsExactly(RECORDED);
    }

    @Test
    default void deadRequestThatIsSentAgainBeginsAnewAsTheSame() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(id), 503, "", Instant.now()));
        awaitDue();
        DueRequest before = fetch(id);
        settle(dead(notFound(id)));
        queue().drainCommitted();

        assertThat(tables().retry(id)).isTrue();

        assertThat(committed()).containsExactly(new IdRange(id, id));
        Delivery again = fetch(id).delivery();
        assertThat(again.created())
                .as("as its key is made of it")
                .isEqualTo(before.delivery().created());
        assertThat(again.policy()).isEqualTo("quick");
        assertThat(again.attempts()).isZero();
        assertThat(again.counted()).isZero();
        assertThat(again.firstDue()).isBetween(Completed.AT, Instant.now());
        assertThat(tables().response(id)).isEmpty();
        assertThat(tables().deadLetters(id)).isEmpty();
        assertThat(tables().attempts(id)).hasSize(2);
        assertThat(settle(answered(fetch(id)))).containsExactly(RECORDED);
        assertThat(tables().retry(id)).isFalse();
    }

    @Test
    default void requestWhoseIdIsAnothersIsNotSentAgain() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(dead(notFound(id)));
        tables().truncate();
        assertThat(tables().insertGets(URL, 1).first()).isEqualTo(id);

        assertThatThrownBy(() -> tables().retry(id)).as("it is queued").isNotNull();
        settle(new Settlement.Failed(
                fetch(id), Completed.AT.plusMillis(1), TOOK, 1, FailureKind.NETWORK, "of another"));
        assertThatThrownBy(() -> tables().retry(id)).as("it has a response").isNotNull();

        assertThat(tables().response(id).orElseThrow().error()).contains("of another");
        assertThat(tables().deadLetters(id)).hasSize(1);
    }

    @Test
    default void oldDeadLettersAreDeleted() {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(dead(notFound(id)));

        assertThat(store().expireDead(TTL, 10)).isBetween(Duration.ofSeconds(1), TTL);
        assertThat(tables().deadLetters(id)).hasSize(1);
        awaitMoment(Completed.AT.plusMillis(20));
        store().expireDead(Duration.ofMillis(10), 10);
        assertThat(tables().deadLetters(id)).isEmpty();
        assertThat(store().expireDead(TTL, 10)).isEqualTo(TTL);
    }

    private Settlement notFound(long id) {
        return answered(fetch(id), 404, "", new byte[0]);
    }

    private static Settlement dead(Settlement outcome) {
        return new Settlement.Dead(outcome, DeadReason.REJECTED);
    }

    // ---- less than the whole response

    @Test
    default void statusAloneIsStored() {
        long id = tables().insertGet(URL, wishes().store(Wishes.Store.STATUS));

        settle(answered(fetch(id), 201, typed("text/plain"), new byte[] {'o', 'k'}));

        StoredResponse response = tables().response(id).orElseThrow();
        assertThat(response.status()).contains(201);
        assertThat(response.contentType()).contains("text/plain");
        assertThat(response.headers()).isEmpty();
        assertThat(response.attempts()).isEqualTo(ATTEMPTS);
        assertBody(id, Optional.empty(), Optional.empty());
    }

    @Test
    default void responseOfSuccessIsNotStored() {
        Wishes wishes = wishes().store(Wishes.Store.FAILURES);
        long ok = tables().insertGet(URL, wishes);
        long created = tables().insertGet(URL, wishes);
        long moved = tables().insertGet(URL, wishes);
        long lost = tables().insertGet(URL, wishes);

        assertThat(settle(
                        answered(fetch(ok)),
                        answered(fetch(created), 299, "", new byte[0]),
                        answered(fetch(moved), 301, "", new byte[] {'a'}),
                        failed(fetch(lost), FailureKind.NETWORK, "lost")))
                .containsOnly(RECORDED);

        assertThat(tables().response(ok)).isEmpty();
        assertThat(tables().response(created)).isEmpty();
        assertBody(moved, Optional.of("a"), Optional.empty());
        assertThat(tables().response(lost)).contains(failure(false, "lost"));
        assertThat(tables().queued()).isZero();
    }

    @Test
    default void responseOfAnotherRequestDoesNotStandForOneThatIsNotStored() {
        long id = tables().insertGets(URL, 1).first();
        settle(answered(fetch(id)));
        tables().truncate();
        assertThat(tables().insertGet(URL, wishes().store(Wishes.Store.FAILURES)))
                .isEqualTo(id);

        assertThat(settle(answered(fetch(id)))).containsExactly(RECORDED);

        assertThat(tables().response(id)).isEmpty();
    }

    // ---- requests whose endpoint works again

    @Test
    default void requestsForWhichNothingWasThereAreFound() {
        long unanswered = insertFailed(0, "no connection");
        long badGateway = insertFailed(502, "");
        insertFailed(429, "");
        long unavailable = insertFailed(503, "");
        insertFailed(500, "");
        long late = insertFailed(504, "");
        tables().insertGet(URL, wishes().notBefore(inAnHour()));
        tables().delete(insertFailed(503, ""));

        FailedRequests failed = queue().failed(owner(), Long.MIN_VALUE, 100);

        assertThat(failed.requests())
                .containsExactly(
                        new Attempted(unanswered, URL, false),
                        new Attempted(badGateway, URL, false),
                        new Attempted(unavailable, URL, false),
                        new Attempted(late, URL, false));
        assertThat(failed.complete()).isTrue();
        assertThat(queue().failed(owner() + 1, Long.MIN_VALUE, 100).requests())
                .as("of another")
                .isEmpty();
    }

    @Test
    default void requestsForWhichNothingWasThereAreLookedForInPortions() {
        long first = insertFailed(503, "");
        insertFailed(429, "");
        long last = insertFailed(503, "");
        long owner = owner();

        FailedRequests one = queue().failed(owner, Long.MIN_VALUE, 2);
        FailedRequests two = queue().failed(owner, one.reached(), 2);

        assertThat(one.requests()).extracting(Attempted::id).containsExactly(first);
        assertThat(one.complete()).isFalse();
        assertThat(two.requests()).extracting(Attempted::id).containsExactly(last);
        assertThat(two.complete()).isTrue();
    }

    @Test
    default void hastenedRequestsAreDueInTheOrderOfTheirIdsAndKeepTheirAttempts() {
        long first = insertFailed(503, "");
        long second = insertFailed(503, "");
        long other = insertFailed(503, "");

        queue().hasten(List.of(second, first, Long.MAX_VALUE));

        assertThat(awaitDue().ids()).containsExactly(first, second);
        assertThat(fetch(first).delivery().attempts()).isEqualTo(1);
        assertThat(queue().fetch(other, other, 1, ANY_SIZE).requests())
                .as("not due")
                .isEmpty();
        assertThat(queue().failed(owner(), Long.MIN_VALUE, 10).requests())
                .extracting(Attempted::id)
                .containsExactly(other);
    }

    @Test
    default void hastenedRequestIsNotDueBeforeItsServerAllowsIt() {
        Instant asked = Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.MICROS);
        long soon = insertLeftAlone(inAnHour(), asked);
        long never = insertLeftAlone(inAnHour(), inAnHour().plusSeconds(60));
        long past = insertLeftAlone(inAnHour(), Instant.now().truncatedTo(ChronoUnit.MICROS));

        assertThat(queue().failed(owner(), Long.MIN_VALUE, 10).requests())
                .extracting(Attempted::id)
                .containsExactly(soon, past);
        queue().hasten(List.of(soon, never, past));

        assertThat(awaitDue().ids()).containsExactly(past);
        assertThat(queue().fetch(soon, never, 2, ANY_SIZE).requests()).isEmpty();
        awaitMoment(asked);
        assertThat(queue().due(DueIds.Place.FIRST, 10).ids()).containsExactly(past, soon);
    }

    private long insertLeftAlone(Instant due, Instant until) {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(id), 503, "", due, Optional.of(until)));
        return id;
    }

    /** One that has failed and waits for another attempt. */
    private long insertFailed(int status, String message) {
        long id = tables().insertGet(URL, wishes().policy("quick"));
        settle(postponed(fetch(id), status, message, inAnHour()));
        return id;
    }

    /** Whose requests these tables hold. */
    private long owner() {
        return fetch(tables().insertGets(URL, 1).first()).owner();
    }

    private static Settlement postponed(DueRequest request, int status, String message, Instant due) {
        return postponed(request, status, message, due, Optional.empty());
    }

    private static Settlement postponed(
            DueRequest request, int status, String message, Instant due, Optional<Instant> leftAloneUntil) {
        return new Settlement.Postponed(
                request,
                Completed.AT,
                TOOK,
                1,
                status,
                false,
                message,
                due.truncatedTo(ChronoUnit.MICROS),
                request.delivery().counted() + 1,
                leftAloneUntil);
    }

    private static Wishes wishes() {
        return Wishes.none(Instant.now().truncatedTo(ChronoUnit.MICROS));
    }

    private static Instant inAnHour() {
        return Instant.now().plusSeconds(3_600).truncatedTo(ChronoUnit.MICROS);
    }

    private static Instant soon() {
        return Instant.now().plusMillis(300).truncatedTo(ChronoUnit.MICROS);
    }

    /** What is due as soon as anything is. */
    private DueIds awaitDue() {
        long deadline = System.nanoTime() + 10_000_000_000L;
        DueIds due = queue().due(DueIds.Place.FIRST, 10);
        while (due.ids().isEmpty()) {
            assertThat(System.nanoTime()).as("nothing is due").isLessThan(deadline);
            awaitMoment(Instant.now().plusMillis(2));
            due = queue().due(DueIds.Place.FIRST, 10);
        }
        return due;
    }

    private static void awaitMoment(Instant moment) {
        while (Instant.now().isBefore(moment)) {
            Thread.onSpinWait();
        }
    }

    // ---- what is stored

    @Test
    default void responseIsStoredWhole() {
        long id = tables().insert("POST", URL, "{}", "sent", 1_000);
        String headers = "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nX-Odd: \"ä\"\r\nSet-Cookie: a\r\n"
                + "Set-Cookie: b\r\n\r\n";

        assertThat(settle(answered(fetch(id), 201, headers, "ä and 文".getBytes(UTF_8))))
                .containsExactly(RECORDED);

        assertThat(tables().response(id))
                .contains(new StoredResponse(
                        Optional.of(201),
                        Optional.of("text/plain"),
                        Map.of(
                                "Content-Type", List.of("text/plain"),
                                "X-Odd", List.of("\"ä\""),
                                "Set-Cookie", List.of("a", "b")),
                        Optional.of("ä and 文"),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        ATTEMPTS,
                        Completed.AT,
                        TOOK,
                        "POST",
                        URL));
        assertThat(tables().queued()).isZero();
    }

    @Test
    default void bodyThatIsNotTextIsStoredByteForByte() {
        byte[] notUtf8 = {'a', (byte) 0xFF, 'b'};
        byte[] withNul = {'a', 0, 'b'};
        long first = tables().insertGets(URL, 2).first();

        settle(answered(fetch(first), 200, "", notUtf8), answered(fetch(first + 1), 200, "", withNul));

        assertBody(first, Optional.empty(), Optional.of(StoredResponse.hex(notUtf8)));
        assertBody(first + 1, Optional.empty(), Optional.of(StoredResponse.hex(withNul)));
    }

    @Test
    default void bodyIsTextInTheCharsetThatItsResponseNames() {
        byte[] latin1 = {'a', (byte) 0xE4};
        long first = tables().insertGets(URL, 2).first();

        settle(
                answered(fetch(first), 200, typed("text/plain; charset=\"ISO-8859-1\""), latin1),
                answered(fetch(first + 1), 200, typed("text/plain; charset=unheard-of"), latin1));

        assertBody(first, Optional.of("aä"), Optional.empty());
        assertBody(first + 1, Optional.empty(), Optional.of(StoredResponse.hex(latin1)));
    }

    @Test
    default void emptyBodyIsNeitherTextNorBytes() {
        long id = tables().insertGets(URL, 1).first();

        settle(answered(fetch(id), 204, "HTTP/1.1 204 No Content\r\n\r\n", new byte[0]));

        assertBody(id, Optional.empty(), Optional.empty());
        assertThat(tables().response(id).orElseThrow().headers()).isEmpty();
        assertThat(tables().response(id).orElseThrow().contentType()).isEmpty();
    }

    @Test
    default void largeBodyIsStoredWhole() {
        String text = "0123456789abcde\n".repeat(1 << 17);
        long id = tables().insertGets(URL, 1).first();

        settle(answered(fetch(id), 200, "", text.getBytes(UTF_8)));

        assertBody(id, Optional.of(text), Optional.empty());
    }

    @Test
    default void failureIsStoredWhole() {
        long first = tables().insertGets(URL, 2).first();

        assertThat(settle(
                        failed(fetch(first), FailureKind.NETWORK, "no route to ä"),
                        failed(fetch(first + 1), FailureKind.TIMEOUT, "too late")))
                .containsExactly(RECORDED, RECORDED);

        assertThat(tables().response(first)).contains(failure(false, "no route to ä"));
        assertThat(tables().response(first + 1)).contains(failure(true, "too late"));
        assertThat(tables().queued()).isZero();
    }

    @Test
    default void bareFailureLeavesOutWhatItsRequestWas() {
        long id = tables().insertGets(URL, 1).first();

        settle(new Settlement.Failed(
                fetch(id), Completed.AT, TOOK, ATTEMPTS, FailureKind.REFUSED, "refused", true, Stages.UNKNOWN));

        assertThat(tables().response(id)).hasValueSatisfying(stored -> {
            assertThat(stored.error()).contains("refused");
            assertThat(stored.method()).isEmpty();
            assertThat(stored.url()).isEmpty();
        });
    }

    @Test
    default void firstRequestOfARangeIsRefusedUnread() {
        long first = tables().insertGets(URL, 3).first();

        assertThat(queue().refuse(first + 1, first + 2, "why")).hasValueSatisfying(refused -> {
            assertThat(refused.key()).isEqualTo(fetch(first + 1).key());
            assertThat(refused.refusal()).contains("why");
        });
        assertThat(queue().refuse(first + 3, first + 4, "why")).isEmpty();
    }

    @Test
    default void responseOfTheSameIdIsReplaced() {
        long id = tables().insertGets(URL, 1).first();
        settle(answered(fetch(id), 200, typed("text/plain"), new byte[] {'a'}));
        tables().truncate();
        assertThat(tables().insertGets(URL, 1).first()).isEqualTo(id);

        assertThat(settle(failed(fetch(id), FailureKind.TIMEOUT, "too late"))).containsExactly(RECORDED);

        assertThat(tables().response(id)).contains(failure(true, "too late"));
    }

    @Test
    default void fullBatchIsRecorded() {
        int count = 2_000;
        IdRange ids = tables().insertGets(URL, count);
        List<DueRequest> requests =
                queue().fetch(ids.first(), ids.last(), count, ANY_SIZE).requests();

        assertThat(store().settle(requests.stream()
                        .map(request -> (Settlement) answered(request))
                        .toList()))
                .isEqualTo(Collections.nCopies(count, RECORDED));

        assertThat(tables().responses()).isEqualTo(count);
        assertThat(tables().queued()).isZero();
    }

    /** Each is read and closed here, as its owner may. */
    @Test
    default void memoryOfSettlementsStaysTheCallers() {
        IdRange ids = tables().insertGets(URL, 2);
        Settlement.Answered recorded = answered(fetch(ids.first()));
        Settlement.Answered gone = answered(fetch(ids.last()));
        tables().delete(ids.last());

        settle(recorded, gone);

        for (Settlement.Answered settlement : List.of(recorded, gone)) {
            assertThat(settlement.body().toByteArray()).asString(UTF_8).isEqualTo("ok");
            assertThat(settlement.headerBlock().toByteArray()).asString(UTF_8).startsWith("HTTP/1.1 200");
            settlement.close();
        }
    }

    // ---- what becomes of a settlement

    @Test
    default void deletedRequestIsGone() {
        DueRequest request = fetch(tables().insertGets(URL, 1).first());
        tables().delete(request.key().id());

        assertThat(settle(answered(request))).containsExactly(GONE);
        assertThat(tables().responses()).isZero();
    }

    @Test
    default void updatedRequestIsAnotherOne() {
        DueRequest old = fetch(tables().insertGets(URL, 1).first());
        tables().update(old.key().id(), "http://other.test/");

        assertThat(settle(answered(old))).containsExactly(GONE);
        assertThat(tables().responses()).isZero();
        assertRecordedAlone(old, fetch(old.key().id()));
    }

    @Test
    default void requestThatHasTheIdOfATruncatedOneIsAnotherOne() {
        DueRequest old = fetch(tables().insertGets(URL, 1).first());
        tables().truncate();
        assertThat(tables().insertGets(URL, 1).first()).isEqualTo(old.key().id());

        assertThat(settle(answered(old))).containsExactly(GONE);
        assertThat(tables().responses()).isZero();
        assertRecordedAlone(old, fetch(old.key().id()));
    }

    @Test
    default void lockedRequestIsRecordedOnceItIsUnlockedAndHoldsUpNoOther() {
        IdRange ids = tables().insertGets(URL, 5);
        List<Settlement> settlements =
                idsOf(ids).stream().map(id -> (Settlement) answered(fetch(id))).toList();
        tables().delete(ids.last());

        tables().whileLocked(ids.first() + 1, () -> {
            assertThat(store().settle(settlements)).containsExactly(RECORDED, LOCKED, RECORDED, RECORDED, GONE);
            assertThat(tables().responses()).isEqualTo(3);
            assertThat(settle(settlements.get(1))).as("still locked").containsExactly(LOCKED);
        });

        assertThat(settle(settlements.get(1))).containsExactly(RECORDED);
        assertThat(tables().response(ids.first() + 1)).isPresent();
        assertThat(tables().queued()).isZero();
    }

    @Test
    default void dispositionsAreInTheOrderOfTheSettlements() {
        long first = tables().insertGets(URL, 3).first();
        List<Settlement> backwards = List.of(
                answered(fetch(first + 2)),
                failed(fetch(first + 1), FailureKind.NETWORK, "lost"),
                answered(fetch(first)));
        tables().delete(first + 2);

        assertThat(store().settle(backwards)).containsExactly(GONE, RECORDED, RECORDED);
        assertThat(tables().response(first + 1)).contains(failure(false, "lost"));
    }

    @Test
    default void refusedBatchLeavesEverythingAsItWas() {
        long first = tables().insertGets(URL, 3).first();
        List<Settlement> batch = List.of(
                answered(fetch(first)),
                answered(fetch(first + 1), 418, "", new byte[] {'a'}),
                answered(fetch(first + 2)));

        tables().whileRefused(418, () -> {
            assertThatThrownBy(() -> store().settle(batch)).isInstanceOf(StoreException.class);
            assertThat(tables().responses()).isZero();
            assertThat(tables().queued()).isEqualTo(3);
            assertThat(settle(batch.get(0))).as("the store goes on").containsExactly(RECORDED);
        });

        assertThat(settle(batch.get(1), batch.get(2))).containsExactly(RECORDED, RECORDED);
    }

    @Test
    default void tablesThatCannotBeFoundAreLookedForAgain() {
        DueRequest request = fetch(tables().insertGets(URL, 1).first());

        tables().whileHidden(() -> {
            assertThat(queue().fetch(0, Long.MAX_VALUE, 10, ANY_SIZE)).isEqualTo(Fetched.all(List.of()));
            assertThat(settle(answered(request))).containsExactly(UNAVAILABLE);
            assertThat(store().expire(TTL, 10)).isEqualTo(TTL);
        });

        assertThat(tables().responses()).isZero();
        assertThat(settle(answered(request))).containsExactly(RECORDED);
    }

    // ---- old responses

    @Test
    default void onlyOldResponsesAreDeletedAndTheNextOneIsWaitedFor() {
        record(List.of(TTL.plusSeconds(1), TTL.plusDays(1), TTL.minusMinutes(10), Duration.ZERO));

        Duration next = store().expire(TTL, 10);

        assertThat(tables().responses()).isEqualTo(2);
        assertThat(next).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
        assertThat(store().expire(TTL, 10)).isLessThanOrEqualTo(next);
        assertThat(tables().responses()).isEqualTo(2);
    }

    @Test
    default void oldestResponsesAreDeletedUpToTheLimit() {
        long first = record(List.of(TTL.plusMinutes(1), TTL.plusMinutes(3), TTL.plusMinutes(2)));

        assertThat(store().expire(TTL, 2)).as("there may be more").isZero();
        assertThat(tables().responses()).isEqualTo(1);
        assertThat(tables().response(first)).as("the youngest").isPresent();

        assertThat(store().expire(TTL, 2)).as("none is left").isEqualTo(TTL);
        assertThat(tables().responses()).isZero();
    }

    @Test
    default void nextLookIsASecondAwayAtLeast() {
        Instant old;
        Duration next;
        do {
            old = Instant.now().plusMillis(900);
            record(List.of(TTL.minusMillis(900)));
            next = store().expire(TTL, 10);
        } while (Instant.now().isAfter(old)); // it was deleted

        assertThat(next).isEqualTo(Duration.ofSeconds(1));
    }

    // ---- helpers

    /** When every settlement of these tests ended that does not say otherwise. */
    final class Completed {
        static final Instant AT = Instant.now().truncatedTo(ChronoUnit.MICROS);

        private Completed() {}
    }

    private DueRequest fetch(long id) {
        List<DueRequest> requests = queue().fetch(id, id, 1, ANY_SIZE).requests();
        assertThat(requests).as("request %d", id).hasSize(1);
        return requests.get(0);
    }

    private List<Disposition> settle(Settlement... settlements) {
        return store().settle(List.of(settlements));
    }

    private Settlement.Answered answered(DueRequest request) {
        return answered(request, 200, typed("text/plain"), new byte[] {'o', 'k'});
    }

    private static String typed(String contentType) {
        return "HTTP/1.1 200 OK\r\nContent-Type: " + contentType + "\r\n\r\n";
    }

    private static Settlement.Answered answered(DueRequest request, int status, String headers, byte[] body) {
        return new Settlement.Answered(
                request,
                Completed.AT,
                TOOK,
                ATTEMPTS,
                status,
                NativeBytes.copyOf(headers.getBytes(UTF_8)),
                NativeBytes.copyOf(body),
                NativeBytes.empty());
    }

    private static Settlement failed(DueRequest request, FailureKind kind, String message) {
        return new Settlement.Failed(request, Completed.AT, TOOK, ATTEMPTS, kind, message);
    }

    private static StoredResponse failure(boolean timedOut, String message) {
        return new StoredResponse(
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                timedOut,
                Optional.of(message),
                ATTEMPTS,
                Completed.AT,
                TOOK,
                "GET",
                URL);
    }

    /** Records responses that came so long ago, and returns the first one's id. */
    private long record(List<Duration> ages) {
        IdRange ids = tables().insertGets(URL, ages.size());
        Instant now = Instant.now();
        for (int i = 0; i < ages.size(); i++) {
            Settlement old = new Settlement.Failed(
                    fetch(ids.first() + i), now.minus(ages.get(i)), TOOK, 1, FailureKind.NETWORK, "old");
            assertThat(settle(old)).containsExactly(RECORDED);
        }
        return ids.first();
    }

    /** Both in one batch: the old request's response never answers the new one. */
    private void assertRecordedAlone(DueRequest old, DueRequest renewed) {
        assertThat(renewed.key().id()).isEqualTo(old.key().id());
        assertThat(renewed.key()).isNotEqualTo(old.key());
        assertThat(settle(answered(old), answered(renewed, 299, "", new byte[0])))
                .containsExactly(GONE, RECORDED);
        assertThat(tables().response(renewed.key().id()).orElseThrow().status()).contains(299);
        assertThat(tables().queued()).isZero();
    }

    private void assertBody(long id, Optional<String> content, Optional<String> bodyHex) {
        StoredResponse response = tables().response(id).orElseThrow();
        assertThat(response.content()).isEqualTo(content);
        assertThat(response.bodyHex()).isEqualTo(bodyHex);
    }

    private static List<Long> idsOf(Fetched fetched) {
        return fetched.requests().stream().map(request -> request.key().id()).toList();
    }

    private static List<Long> idsOf(IdRange ids) {
        return LongStream.rangeClosed(ids.first(), ids.last()).boxed().toList();
    }
}
