package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FlowState;
import org.pgnet.worker.spi.FlowState.BreakerState;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.Priority;

/** What holds requests back, with a clock that stands until it is moved. */
class RulesTest {
    private static final long ALICE = 10;
    private static final long BOB = 11;
    private static final String HOST = "http://slow.test:80";
    private static final String OTHER = "http://other.test:80";

    private final Rehearsal rehearsal = new Rehearsal();

    // ---- priorities

    @Test
    void urgentRequestsStartFirstAndBulkOnesLast() {
        rehearsal.dispatcher.limits(200, 1);
        Exchange bulk = rehearsal.add(ALICE, HOST, Rehearsal.of(Priority.BULK));
        Exchange normal = rehearsal.add(ALICE, HOST);
        Exchange urgent = rehearsal.add(ALICE, HOST, Rehearsal.of(Priority.URGENT));

        assertThat(drain(3)).containsExactly(urgent, normal, bulk);
    }

    @Test
    void lowerLanesHaveAShareWhileTheyWait() {
        rehearsal.dispatcher.limits(200, 1);
        for (int i = 0; i < 1_000; i++) {
            rehearsal.add(ALICE, HOST, Rehearsal.of(Priority.URGENT));
            rehearsal.add(ALICE, HOST, Rehearsal.of(Priority.NORMAL));
            rehearsal.add(ALICE, HOST, Rehearsal.of(Priority.BULK));
        }

        List<Priority> started = drain(900).stream()
                .map(each -> each.request().delivery().priority())
                .toList();

        assertThat(started.stream().filter(each -> each == Priority.BULK).count())
                .isBetween(900L / 18, 900L / 15);
        assertThat(started.stream().filter(each -> each == Priority.NORMAL).count())
                .isBetween(900L / 10, 900L / 8);
        assertThat(started.subList(0, 8)).containsOnly(Priority.URGENT);
    }

    /** Each is answered before the next starts. */
    private List<Exchange> drain(int count) {
        List<Exchange> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Exchange next = rehearsal.startOne();
            started.add(next);
            rehearsal.answer(next, 200);
        }
        return started;
    }

    // ---- paused, and at most so many at once

    @Test
    void requestsToAPausedHostWaitInTheirPlaceUntilItGoesOn() {
        rehearsal.rule(HOST, Rehearsal.paused());
        rehearsal.addMany(ALICE, HOST, 300);
        rehearsal.addMany(ALICE, OTHER, 60);

        assertThat(rehearsal.start()).hasSize(60).allMatch(each -> each.origin().equals(OTHER));
        assertThat(rehearsal.dispatcher.slotsTaken()).isEqualTo(60);
        assertThat(state(ALICE, HOST).reason()).isEqualTo("paused");
        assertThat(rehearsal.dispatcher.nanosUntilDue(rehearsal.clock.nanoTime()))
                .isEqualTo(Long.MAX_VALUE);

        rehearsal.rule(HOST, HostTerms.NONE);
        assertThat(rehearsal.start()).hasSize(64).allMatch(each -> each.origin().equals(HOST));
    }

    @Test
    void neverMoreInFlightThanItsHostAllowsWhoeverSendsThem() {
        rehearsal.rule(HOST, Rehearsal.limit(16));
        rehearsal.addMany(ALICE, HOST, 100);
        List<Exchange> started = rehearsal.start();
        assertThat(started).hasSize(16);
        rehearsal.addMany(BOB, HOST, 100);
        assertThat(rehearsal.start()).isEmpty();
        assertThat(state(BOB, HOST).reason()).isEqualTo("max_in_flight");

        rehearsal.answer(started.get(0), 200);
        rehearsal.answer(started.get(1), 200);
        rehearsal.answer(started.get(2), 200);
        assertThat(rehearsal.start()).hasSize(3).anyMatch(each -> each.owner() == BOB);
    }

    @Test
    void limitThatRisesHoldsAtOnce() {
        rehearsal.rule(HOST, Rehearsal.limit(2));
        rehearsal.addMany(ALICE, HOST, 100);
        assertThat(rehearsal.start()).hasSize(2);
        rehearsal.rule(HOST, Rehearsal.limit(5));
        assertThat(rehearsal.start()).hasSize(3);
    }

    @Test
    void hostThatCannotStartDoesNotTakeRoomFromOthers() {
        rehearsal.rule(HOST, Rehearsal.limit(2));
        rehearsal.addMany(ALICE, HOST, 100);
        rehearsal.addMany(ALICE, OTHER, 100);

        assertThat(rehearsal.start().stream().filter(each -> each.origin().equals(OTHER)))
                .as("more than a quarter of the slots")
                .hasSize(64);
    }

    // ---- rate

    @Test
    void burstStartsAtOnceAndTheOthersWhenTheirTokensCome() {
        rehearsal.rule(HOST, Rehearsal.rate("slow.test", 10, 5));
        rehearsal.addMany(ALICE, HOST, 20);

        assertThat(rehearsal.start()).hasSize(5);
        assertThat(state(ALICE, HOST).reason()).isEqualTo("rate of slow.test");
        assertThat(rehearsal.dispatcher.nanosUntilDue(rehearsal.clock.nanoTime()))
                .isEqualTo(100_000_000);
        rehearsal.advance(Duration.ofNanos(99_999_000));
        assertThat(rehearsal.start()).isEmpty();
        rehearsal.advance(Duration.ofNanos(1_000));
        assertThat(rehearsal.start()).hasSize(1);
        rehearsal.advance(Duration.ofMillis(300));
        assertThat(rehearsal.start()).hasSize(3);
        assertThat(state(ALICE, HOST).tokens().orElseThrow()).isBetween(0.0, 0.01);
    }

    @Test
    void oneRuleCountsOverAllItsHosts() {
        for (int host = 0; host < 10; host++) {
            rehearsal.rule("http://" + host + ".test:80", Rehearsal.rate("*.test", 1, 3));
            rehearsal.addMany(ALICE, "http://" + host + ".test:80", 5);
        }

        assertThat(rehearsal.start()).hasSize(3).extracting(Exchange::origin).doesNotHaveDuplicates();
        assertThat(rehearsal.dispatcher.bucketCount()).isEqualTo(1);
    }

    @Test
    void ownersTakeTurnsForTheTokensOfARule() {
        for (int host = 0; host < 10; host++) {
            rehearsal.rule("http://" + host + ".test:80", Rehearsal.rate("*.test", 1_000, 1));
            rehearsal.addMany(ALICE, "http://" + host + ".test:80", 100);
        }
        rehearsal.addMany(BOB, "http://0.test:80", 100);
        rehearsal.start();

        int bobs = 0;
        for (int i = 0; i < 100; i++) {
            rehearsal.advance(Duration.ofMillis(1));
            for (Exchange each : rehearsal.start()) {
                bobs += each.owner() == BOB ? 1 : 0;
                rehearsal.answer(each, 200);
            }
        }

        assertThat(bobs).isBetween(49, 51);
    }

    @Test
    void rateThatIsRaisedHoldsAtOnceAndTokensThatAreUsedStayUsed() {
        rehearsal.rule(HOST, Rehearsal.rate("slow.test", 0.001, 1));
        rehearsal.addMany(ALICE, HOST, 10);
        assertThat(rehearsal.start()).hasSize(1);
        rehearsal.rule(HOST, Rehearsal.rate("slow.test", 10, 1));
        assertThat(rehearsal.start()).isEmpty();
        rehearsal.advance(Duration.ofMillis(100));
        assertThat(rehearsal.start()).hasSize(1);
        rehearsal.rule(HOST, HostTerms.NONE);
        assertThat(rehearsal.start()).hasSize(8);
    }

    @Test
    void bucketIsNotFullAgainWhenItsHostWasIdle() {
        rehearsal.rule(HOST, Rehearsal.rate("slow.test", 1, 2));
        rehearsal.addMany(ALICE, HOST, 2);
        rehearsal.start().forEach(each -> rehearsal.answer(each, 200));
        assertThat(rehearsal.dispatcher.originCount()).isZero();

        rehearsal.addMany(ALICE, HOST, 2);

        assertThat(rehearsal.start()).isEmpty();
    }

    @Test
    void bucketsOfRulesThatAreGoneAreForgotten() {
        for (int i = 0; i < 1_000; i++) {
            String origin = "http://" + i + ".test:80";
            rehearsal.rule(origin, Rehearsal.rate(origin, 1, 1));
            rehearsal.add(ALICE, origin);
            rehearsal.answer(rehearsal.startOne(), 200);
            rehearsal.rule(origin, HostTerms.NONE);
            rehearsal.advance(Duration.ofSeconds(1));
        }
        assertThat(rehearsal.dispatcher.bucketCount()).isLessThanOrEqualTo(64);
    }

    @Test
    void redirectAndResendTakeTokensToo() {
        rehearsal.rule(HOST, Rehearsal.rate("slow.test", 1, 3));
        rehearsal.add(ALICE, HOST);
        Exchange redirected = rehearsal.startOne();
        rehearsal.dispatcher.resent(redirected, 1);
        rehearsal.dispatcher.left(redirected);
        rehearsal.dispatcher.addHop(redirected);
        assertThat(rehearsal.start()).containsExactly(redirected);
        rehearsal.addMany(ALICE, HOST, 5);
        assertThat(rehearsal.start()).isEmpty();

        rehearsal.dispatcher.left(redirected);
        rehearsal.dispatcher.addHop(redirected);
        assertThat(rehearsal.start()).as("no token").isEmpty();
        assertThat(rehearsal.dispatcher.nanosUntilDue(rehearsal.clock.nanoTime()))
                .isPositive();
        rehearsal.advance(Duration.ofSeconds(1));
        assertThat(rehearsal.start()).as("before what has not begun").containsExactly(redirected);
    }

    @Test
    void tokenGoesToAnOwnerWhoHasASlot() {
        rehearsal.dispatcher.limits(8, 8);
        rehearsal.rule(HOST, Rehearsal.rate("slow.test", 1, 1));
        rehearsal.addMany(ALICE, OTHER, 8);
        assertThat(rehearsal.start()).as("all that she may have").hasSize(8);
        rehearsal.add(ALICE, HOST);
        rehearsal.add(BOB, HOST);

        assertThat(rehearsal.startOne().owner()).isEqualTo(BOB);
    }

    // ---- breaker

    @Test
    void breakerOpensWhenHalfOfTwentyFailed() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        attempts(10, 200);
        attempts(10, 503);

        rehearsal.addMany(ALICE, HOST, 3);
        assertThat(rehearsal.start()).isEmpty();
        assertThat(state(ALICE, HOST).breaker()).contains(BreakerState.OPEN);
        assertThat(state(ALICE, HOST).reason()).isEqualTo("breaker");
        rehearsal.add(BOB, HOST);
        assertThat(rehearsal.startOne().owner()).as("whose key may be right").isEqualTo(BOB);
    }

    @Test
    void statusThatWouldNotBeRepeatedIsASuccess() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        attempts(100, 401);
        rehearsal.add(ALICE, HOST);
        assertThat(rehearsal.start()).hasSize(1);
    }

    @Test
    void breakerOpensWhenFiveInARowCouldNotConnect() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.start().forEach(rehearsal::fail);
        Exchange first = rehearsal.add(ALICE, HOST);
        rehearsal.add(ALICE, HOST);
        assertThat(rehearsal.start()).isEmpty();

        rehearsal.advance(Duration.ofSeconds(10));
        assertThat(rehearsal.startOne()).as("the one that waits longest").isSameAs(first);
        assertThat(state(ALICE, HOST).breaker()).contains(BreakerState.PROBING);
        rehearsal.fail(first);
        rehearsal.advance(Duration.ofMillis(19_999));
        assertThat(rehearsal.start()).isEmpty();
        rehearsal.advance(Duration.ofMillis(1));
        assertThat(rehearsal.start()).hasSize(1);
    }

    @Test
    void twoProbesThatSucceedCloseItAndTellSo() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.start().forEach(rehearsal::fail);
        rehearsal.addMany(ALICE, HOST, 30);
        rehearsal.advance(Duration.ofSeconds(10));

        rehearsal.answer(rehearsal.startOne(), 200);
        assertThat(rehearsal.recovered).isEmpty();
        rehearsal.answer(rehearsal.startOne(), 404);

        assertThat(rehearsal.recovered).containsExactly(new Endpoint(ALICE, HOST));
        assertThat(rehearsal.start()).hasSize(28);
        assertThat(state(ALICE, HOST).breaker()).contains(BreakerState.CLOSED);
    }

    @Test
    void probeThatWasNotSentIsFollowedByAnother() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.start().forEach(rehearsal::fail);
        rehearsal.addMany(ALICE, HOST, 2);
        rehearsal.advance(Duration.ofSeconds(10));

        rehearsal.refuse(rehearsal.startOne());

        assertThat(rehearsal.start()).hasSize(1);
    }

    // ---- what is probed since somebody says that it works

    @Test
    void wishedProbeBeginsAtOnceAndTheWaitsBeginAnew() {
        openBreaker(ALICE, HOST);
        rehearsal.addMany(ALICE, HOST, 9);
        for (Duration wait = Duration.ofSeconds(10); wait.toSeconds() < 300; wait = wait.multipliedBy(2)) {
            rehearsal.advance(wait);
            rehearsal.fail(rehearsal.startOne());
        }
        assertThat(rehearsal.start()).isEmpty();

        rehearsal.wishProbe(HOST);
        Exchange probe = rehearsal.startOne();

        assertThat(rehearsal.start()).as("one at a time").isEmpty();
        rehearsal.fail(probe);
        rehearsal.advance(Duration.ofMillis(19_999));
        assertThat(rehearsal.start()).isEmpty();
        rehearsal.advance(Duration.ofMillis(1));
        rehearsal.answer(rehearsal.startOne(), 200);
        rehearsal.answer(rehearsal.startOne(), 200);
        assertThat(rehearsal.start()).as("it is closed, and so many are left").hasSize(1);
    }

    @Test
    void wishIsTakenOnceAndNotByABreakerThatOpensLater() {
        rehearsal.wishProbe(HOST);
        openBreaker(ALICE, HOST);
        rehearsal.addMany(ALICE, HOST, 3);
        rehearsal.rule(OTHER, Rehearsal.breaker());
        assertThat(rehearsal.start()).isEmpty();

        rehearsal.wishProbe(HOST);
        rehearsal.fail(rehearsal.startOne());
        rehearsal.rule(OTHER, Rehearsal.noBreaker());
        assertThat(rehearsal.start()).isEmpty();
    }

    @Test
    void wishIsAboutAllOwnersAndMessagesOfItsHostAlone() {
        openBreaker(ALICE, HOST);
        openBreaker(BOB, HOST);
        openBreaker(ALICE, OTHER);
        failInARow(5, "/dead", "dead");
        List<Exchange> ofHost = List.of(
                rehearsal.add(ALICE, HOST),
                rehearsal.add(BOB, HOST),
                rehearsal.addOfWebhook(ALICE, HOST, "/dead", "dead"));
        rehearsal.add(ALICE, OTHER);
        assertThat(rehearsal.start()).isEmpty();

        rehearsal.wishProbe(HOST);

        assertThat(rehearsal.start()).containsExactlyInAnyOrderElementsOf(ofHost);
    }

    @Test
    void wishWhereNoRequestWaitsHasThoseThatFailedDue() {
        openBreaker(ALICE, HOST);

        rehearsal.wishProbe(HOST);

        assertThat(rehearsal.recovered).containsExactly(new Endpoint(ALICE, HOST));
        Exchange first = rehearsal.add(ALICE, HOST);
        rehearsal.add(ALICE, HOST);
        assertThat(rehearsal.startOne()).isSameAs(first);
    }

    @Test
    void wishWhereRequestsWaitHasNoOthersDue() {
        openBreaker(ALICE, HOST);
        rehearsal.add(ALICE, HOST);

        rehearsal.wishProbe(HOST);

        assertThat(rehearsal.start()).hasSize(1);
        assertThat(rehearsal.recovered).isEmpty();
    }

    @Test
    void probeThatHangsIsGivenUpForTheOneThatIsWished() {
        openBreaker(ALICE, HOST);
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.advance(Duration.ofSeconds(10));
        Exchange hanging = rehearsal.startOne();

        rehearsal.wishProbe(HOST);
        Exchange wished = rehearsal.startOne();
        rehearsal.fail(hanging);
        rehearsal.answer(wished, 200);
        rehearsal.answer(rehearsal.startOne(), 200);

        assertThat(rehearsal.start()).as("it is closed").hasSize(2);
    }

    @Test
    void serverThatAskedToBeLeftAloneIsProbedNoSooner() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        Exchange told = rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());
        rehearsal.start();
        rehearsal.answer(told, 503);
        rehearsal.judge(told, true, Optional.of(Duration.ofSeconds(120)));
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.start().forEach(rehearsal::fail);
        rehearsal.add(ALICE, HOST);

        rehearsal.wishProbe(HOST);

        assertThat(rehearsal.start()).isEmpty();
        rehearsal.advance(Duration.ofSeconds(120));
        assertThat(rehearsal.start()).hasSize(1);
    }

    private void openBreaker(long owner, String origin) {
        rehearsal.rule(origin, Rehearsal.breaker());
        rehearsal.addMany(owner, origin, 5);
        rehearsal.start().forEach(rehearsal::fail);
    }

    @Test
    void breakerThatIsSwitchedOffHoldsNothingBack() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.start().forEach(rehearsal::fail);
        rehearsal.addMany(ALICE, HOST, 30);
        assertThat(rehearsal.start()).isEmpty();

        rehearsal.rule(HOST, HostTerms.NONE);

        assertThat(rehearsal.start()).hasSize(30);
    }

    @Test
    void whatWaitsInItsLaneIsHeldBackWhenTheBreakerOpens() {
        rehearsal.dispatcher.limits(200, 5);
        rehearsal.rule(HOST, Rehearsal.breaker());
        rehearsal.addMany(ALICE, HOST, 50);
        List<Exchange> started = rehearsal.start();
        assertThat(started).hasSize(5);
        started.forEach(rehearsal::fail);

        assertThat(rehearsal.start()).isEmpty();
        assertThat(state(ALICE, HOST).waiting()).isEqualTo(45);
    }

    @Test
    void policySaysWhatIsAFailure() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        for (int i = 0; i < 20; i++) {
            Exchange each = rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());
            assertThat(rehearsal.start()).containsExactly(each);
            rehearsal.answer(each, 409);
            rehearsal.judge(each, true, Optional.empty());
        }
        rehearsal.add(ALICE, HOST);
        assertThat(rehearsal.start()).isEmpty();
    }

    /** One after the other. */
    private void attempts(int count, int status) {
        for (int i = 0; i < count; i++) {
            rehearsal.add(ALICE, HOST);
            rehearsal.answer(rehearsal.startOne(), status);
        }
    }

    // ---- messages, each URL of which is an endpoint

    @Test
    void deadWebhookHoldsUpNothingElseToItsHost() {
        failInARow(5, "/dead", "dead");
        rehearsal.addOfWebhook(ALICE, HOST, "/dead?with=query", "dead");
        Exchange other = rehearsal.addOfWebhook(ALICE, HOST, "/well", "well");
        Exchange plain = rehearsal.add(ALICE, HOST);
        Exchange ofAnother = rehearsal.addOfWebhook(BOB, HOST, "/dead", "bobs");

        assertThat(rehearsal.start()).containsExactlyInAnyOrder(other, plain, ofAnother);
        FlowState held = stateOf("webhook dead");
        assertThat(held.endpoint()).isEqualTo(new Endpoint(ALICE, HOST, "/dead"));
        assertThat(held.breaker()).contains(BreakerState.OPEN);
        assertThat(held.waiting()).isEqualTo(1);
        assertThat(held.reason()).isEqualTo("breaker");
        assertThat(state(ALICE, HOST).waiting()).isZero();
        assertThat(state(ALICE, HOST).reason()).isEmpty();
    }

    @Test
    void webhookIsProbedAndItsEndpointAloneIsToldToWorkAgain() {
        failInARow(5, "/dead", "dead");
        for (int i = 0; i < 30; i++) {
            rehearsal.addOfWebhook(ALICE, HOST, "/dead", "dead");
        }
        rehearsal.advance(Duration.ofSeconds(10));

        rehearsal.answer(rehearsal.startOne(), 200);
        rehearsal.answer(rehearsal.startOne(), 200);

        assertThat(rehearsal.recovered).containsExactly(new Endpoint(ALICE, HOST, "/dead"));
        assertThat(rehearsal.start()).hasSize(28);
    }

    @Test
    void breakerOfAHostHoldsUpNoMessages() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.start().forEach(rehearsal::fail);
        rehearsal.add(ALICE, HOST);
        Exchange ofWebhook = rehearsal.addOfWebhook(ALICE, HOST, "/", "well");
        Exchange signed = rehearsal.addSigned(ALICE, HOST, "/", "key");

        assertThat(rehearsal.start()).containsExactlyInAnyOrder(ofWebhook, signed);
    }

    @Test
    void ruleSaysWhetherWebhooksAndSignedRequestsHaveABreaker() {
        rehearsal.rule(HOST, Rehearsal.noBreaker());
        failInARow(5, "/dead", "dead");
        rehearsal.addOfWebhook(ALICE, HOST, "/dead", "dead");
        assertThat(rehearsal.start()).hasSize(1);

        rehearsal.rule(HOST, HostTerms.NONE);
        for (int i = 0; i < 5; i++) {
            rehearsal.addSigned(ALICE, HOST, "/signed", "key");
        }
        rehearsal.start().forEach(rehearsal::fail);
        rehearsal.addSigned(ALICE, HOST, "/signed", "key");
        assertThat(rehearsal.start()).as("without a rule").hasSize(1);

        rehearsal.rule(HOST, Rehearsal.breaker());
        for (int i = 0; i < 5; i++) {
            rehearsal.addSigned(ALICE, HOST, "/signed", "key");
        }
        rehearsal.start().forEach(rehearsal::fail);
        rehearsal.addSigned(ALICE, HOST, "/signed", "key");
        assertThat(rehearsal.start()).isEmpty();
        assertThat(stateOf("signed with key").waiting()).isEqualTo(1);
    }

    @Test
    void breakerOfAWebhookThatARuleSwitchesOffHoldsNothingBack() {
        failInARow(5, "/dead", "dead");
        rehearsal.addOfWebhook(ALICE, HOST, "/dead", "dead");
        rehearsal.rule(OTHER, Rehearsal.breaker());
        assertThat(rehearsal.start()).as("no rule about its host").isEmpty();

        rehearsal.rule(HOST, Rehearsal.noBreaker());

        assertThat(rehearsal.start()).hasSize(1);
    }

    @Test
    void receiverThatAsksForItIsLeftAloneByTheMessagesToItsUrl() {
        Exchange told = rehearsal.addOfWebhook(ALICE, HOST, "/busy", "busy");
        rehearsal.start();
        rehearsal.answer(told, 429);
        rehearsal.judge(told, true, Optional.of(Duration.ofSeconds(30)));
        Exchange held = rehearsal.addOfWebhook(ALICE, HOST, "/busy", "busy");
        Exchange other = rehearsal.addOfWebhook(ALICE, HOST, "/idle", "idle");
        Exchange plain = rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());

        assertThat(rehearsal.start()).containsExactlyInAnyOrder(other, plain);
        assertThat(stateOf("webhook busy").pausedUntil())
                .contains(rehearsal.clock.now().plusSeconds(30));
        rehearsal.advance(Duration.ofSeconds(30));
        assertThat(rehearsal.start()).containsExactly(held);
    }

    private void failInARow(int times, String path, String webhook) {
        for (int i = 0; i < times; i++) {
            Exchange each = rehearsal.addOfWebhook(ALICE, HOST, path, webhook);
            assertThat(rehearsal.start()).containsExactly(each);
            rehearsal.fail(each);
            rehearsal.judge(each, true, Optional.empty());
        }
    }

    private FlowState stateOf(String sender) {
        return rehearsal.dispatcher.states(200).stream()
                .filter(each -> each.sender().equals(sender))
                .findFirst()
                .orElseThrow();
    }

    // ---- Retry-After

    @Test
    void serverThatAsksForItIsLeftAloneByRequestsUnderAPolicy() {
        Exchange told = rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());
        rehearsal.start();
        rehearsal.addMany(BOB, HOST, 1);
        rehearsal.answer(told, 429);
        rehearsal.judge(told, true, Optional.of(Duration.ofSeconds(30)));
        Exchange held = rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());
        Exchange plain = rehearsal.add(ALICE, HOST);

        assertThat(rehearsal.start())
                .as("plain calls, and others' requests, are not held back")
                .hasSize(2)
                .contains(plain)
                .doesNotContain(held);
        assertThat(state(ALICE, HOST).pausedUntil())
                .contains(rehearsal.clock.now().plusSeconds(30));
        assertThat(rehearsal.dispatcher.nanosUntilDue(rehearsal.clock.nanoTime()))
                .isEqualTo(30_000_000_000L);
        rehearsal.advance(Duration.ofSeconds(30));
        assertThat(rehearsal.start()).containsExactly(held);
    }

    @Test
    void serverIsLeftAloneForFiveMinutesAtMost() {
        Exchange told = rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());
        rehearsal.start();
        rehearsal.answer(told, 503);
        rehearsal.judge(told, true, Optional.of(Duration.ofHours(2)));
        rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());

        rehearsal.advance(Duration.ofMinutes(5).minusMillis(1));
        assertThat(rehearsal.start()).isEmpty();
        rehearsal.advance(Duration.ofMillis(1));
        assertThat(rehearsal.start()).hasSize(1);
    }

    @Test
    void plainCallsDoNotHaveAServerLeftAlone() {
        Exchange told = rehearsal.add(ALICE, HOST);
        rehearsal.start();
        rehearsal.answer(told, 429);
        rehearsal.judge(told, true, Optional.of(Duration.ofSeconds(30)));
        rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());

        assertThat(rehearsal.start()).hasSize(1);
        assertThat(rehearsal.dispatcher.endpointCount()).isZero();
    }

    @Test
    void serverThatAskedForItIsNotProbedMeanwhile() {
        rehearsal.rule(HOST, Rehearsal.breaker());
        Exchange told = rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());
        rehearsal.addMany(ALICE, HOST, 5);
        rehearsal.start().stream().filter(each -> each != told).forEach(rehearsal::fail);
        rehearsal.answer(told, 503);
        rehearsal.judge(told, true, Optional.of(Duration.ofSeconds(30)));
        rehearsal.add(ALICE, HOST);
        rehearsal.add(ALICE, HOST, Rehearsal.underPolicy());

        rehearsal.advance(Duration.ofSeconds(10));
        assertThat(rehearsal.start()).isEmpty();
        assertThat(rehearsal.dispatcher.nanosUntilDue(rehearsal.clock.nanoTime()))
                .isEqualTo(20_000_000_000L);
        rehearsal.advance(Duration.ofSeconds(20));
        rehearsal.answer(rehearsal.startOne(), 200);
        rehearsal.answer(rehearsal.startOne(), 200);
        assertThat(rehearsal.recovered).containsExactly(new Endpoint(ALICE, HOST));
    }

    @Test
    void fewEndpointsAreRemembered() {
        for (int i = 0; i < 3_000; i++) {
            Exchange told = rehearsal.add(ALICE, "http://" + i + ".test:80", Rehearsal.underPolicy());
            rehearsal.start();
            rehearsal.answer(told, 429);
            rehearsal.judge(told, true, Optional.of(Duration.ofSeconds(30)));
        }
        assertThat(rehearsal.dispatcher.endpointCount()).isEqualTo(Endpoints.MAX_REMEMBERED);
    }

    // ---- the time that a request has

    @Test
    void requestThatIsHeldBackEndsWhenItMayNotBeginAnyMore() {
        rehearsal.rule(HOST, Rehearsal.paused());
        Exchange late = rehearsal.add(
                ALICE, HOST, Rehearsal.expiring(rehearsal.clock.now().plusSeconds(5)));
        rehearsal.start();
        assertThat(rehearsal.dispatcher.nanosUntilDue(rehearsal.clock.nanoTime()))
                .isEqualTo(5_000_000_001L);
        List<Exchange> expired = new ArrayList<>();
        rehearsal.dispatcher.expireWaiting(expired::add);
        assertThat(expired).isEmpty();

        rehearsal.advance(Duration.ofSeconds(5).plusNanos(1));
        rehearsal.dispatcher.expireWaiting(expired::add);

        assertThat(expired).containsExactly(late);
        assertThat(rehearsal.dispatcher.ownerCount()).isZero();
    }

    /** To many hosts, one after the other, of which each is taken back before its turn. */
    @Test
    void nothingIsRememberedOfWhatIsTakenBackFromTheLineForATokenThatIsLongInComing() {
        rehearsal.rules(manyHosts().toList(), Rehearsal.rate("*.test", 0.001, 1));
        rehearsal.add(ALICE, "http://0.test:80");
        rehearsal.startOne();

        takeBackMany();

        rehearsal.advance(Duration.ofSeconds(1_000));
        Exchange next = rehearsal.add(BOB, "http://1.test:80");
        assertThat(rehearsal.startOne()).isEqualTo(next);
    }

    @Test
    void nothingIsRememberedOfWhatIsTakenBackWhileNoSlotIsFree() {
        rehearsal.dispatcher.limits(8, 8);
        rehearsal.addMany(ALICE, HOST, 8);
        List<Exchange> hanging = rehearsal.start();
        rehearsal.add(ALICE, HOST);

        takeBackMany();

        rehearsal.answer(hanging.get(0), 200);
        assertThat(rehearsal.startOne().origin()).isEqualTo(HOST);
    }

    @Test
    void nothingIsRememberedOfWhatIsTakenBackWhileNamesHang() {
        rehearsal.dispatcher.maxUnresolved(0);

        takeBackMany();

        Exchange next = rehearsal.add(ALICE, "http://1.test:80");
        rehearsal.dispatcher.maxUnresolved(1);
        assertThat(rehearsal.startOne()).isEqualTo(next);
    }

    private static Stream<String> manyHosts() {
        return IntStream.range(0, 5_000).mapToObj(n -> "http://" + n + ".test:80");
    }

    private void takeBackMany() {
        manyHosts().forEach(host -> {
            Exchange removed = rehearsal.add(ALICE, host);
            assertThat(rehearsal.start()).isEmpty();
            List<Exchange> withdrawn = new ArrayList<>();
            rehearsal.dispatcher.withdraw(Set.of(removed.request().key()), withdrawn::add);
            assertThat(withdrawn).containsExactly(removed);
        });
        assertThat(rehearsal.dispatcher.listedCount()).isLessThanOrEqualTo(Dispatcher.SWEEP_AFTER + 10);
    }

    private FlowState state(long owner, String origin) {
        return rehearsal.dispatcher.states(200).stream()
                .filter(each -> each.owner() == owner && each.origin().equals(origin))
                .findFirst()
                .orElseThrow();
    }
}
