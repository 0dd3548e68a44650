package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;

class DispatcherTest {
    private final Dispatcher dispatcher = new Dispatcher(Clock.SYSTEM, recovered -> {});

    @Test
    void hostsTakeTurnsAndEachKeepsTheOrderOfItsIds() {
        dispatcher.limits(100, 100);
        add(7, "a");
        add(3, "a");
        add(9, "b");
        add(5, "a");
        add(8, "b");

        assertThat(ids(startAll())).containsExactly(3L, 8L, 5L, 9L, 7L);
    }

    @Test
    void neverMoreInFlightThanAllowed() {
        dispatcher.limits(3, 100);
        addMany("a", 10);
        List<Exchange> inFlight = startAll();
        assertThat(inFlight).hasSize(3);

        end(inFlight.get(0));
        assertThat(startAll()).hasSize(1);
    }

    @Test
    void neverMoreForOneHostThanAllowed() {
        dispatcher.limits(100, 4);
        addMany("a", 10);
        List<Exchange> inFlight = startAll();
        assertThat(inFlight).hasSize(4);

        end(inFlight.get(0));
        end(inFlight.get(1));
        assertThat(startAll()).hasSize(2);
    }

    @Test
    void aHostHasAQuarterOfTheSlotsWhileOthersWait() {
        dispatcher.limits(40, 30);
        addMany("a", 100);
        addMany("b", 100);

        assertThat(startAll()).hasSize(20);
    }

    @Test
    void aHostAloneHasAllTheSlotsItMayUse() {
        dispatcher.limits(40, 30);
        addMany("a", 100);
        assertThat(startAll()).hasSize(30);
    }

    @Test
    void aHostLeftAloneMayUseMoreAgain() {
        dispatcher.limits(40, 30);
        addMany("b", 12);
        addMany("a", 100);
        List<Exchange> inFlight = startAll();
        // Ten each; then b has two waiting and a 90.
        assertThat(inFlight).hasSize(20);
        List<Exchange> ofB =
                inFlight.stream().filter(e -> e.origin().equals("b")).toList();
        end(ofB.get(0));
        end(ofB.get(1));

        assertThat(startAll()).hasSize(2 + 20);
    }

    @Test
    void hostWithAFewRequestsStartsBesideAFloodedOne() {
        dispatcher.limits(40, 40);
        addMany("flooded", 500);
        assertThat(startAll()).hasSize(40);
        add(1_000, "other");
        assertThat(startAll()).isEmpty();
        end(firstStarted);

        assertThat(startAll()).extracting(Exchange::origin).containsExactly("other");
    }

    @Test
    void zeroStartsNothingUntilItRises() {
        dispatcher.limits(0, 10);
        addMany("a", 5);
        assertThat(startAll()).isEmpty();
        dispatcher.limits(2, 10);
        assertThat(startAll()).hasSize(2);
        dispatcher.limits(5, 10);
        assertThat(startAll()).hasSize(3);
    }

    @Test
    void aSmallNumberOfSlotsStillGivesEveryHostOne() {
        dispatcher.limits(2, 10);
        addMany("a", 5);
        addMany("b", 5);

        assertThat(startAll()).extracting(Exchange::origin).containsExactly("a", "b");
    }

    @Test
    void redirectedRequestKeepsItsSlotAndGoesFirst() {
        dispatcher.limits(1, 1);
        addMany("a", 3);
        Exchange redirected = startAll().get(0);
        dispatcher.left(redirected);
        dispatcher.addHop(redirected);

        assertThat(startAll()).containsExactly(redirected);
        assertThat(dispatcher.slotsTaken()).isEqualTo(1);
    }

    @Test
    void whileResolutionsHangOnlySoManyNewHostsAreTriedAndTheOthersGoOn() {
        dispatcher.limits(100, 100);
        addMany("http://good.test:80", 1);
        Exchange good = startAll().get(0);
        dispatcher.resolved(good);
        end(good);
        dispatcher.maxUnresolved(2);
        for (int i = 0; i < 10; i++) {
            add(i, "http://hangs" + i + ".test:80");
        }
        add(20, "http://good.test:80");
        add(21, "http://127.0.0.1:80");
        add(22, "https://[::1]:443");

        List<Exchange> started = startAll();
        assertThat(ids(started)).containsExactly(0L, 1L, 20L, 21L, 22L);
        dispatcher.resolved(started.get(0));
        assertThat(ids(startAll())).containsExactly(2L);
        end(started.get(1));
        assertThat(ids(startAll())).containsExactly(3L);
        dispatcher.maxUnresolved(Integer.MAX_VALUE);
        assertThat(startAll()).hasSize(6);
    }

    @Test
    void redirectToANewHostWaitsWhileResolutionsHang() {
        dispatcher.limits(10, 10);
        add(1, "http://new.test:80");
        Exchange redirected = startAll().get(0);
        dispatcher.left(redirected);
        dispatcher.maxUnresolved(0);
        dispatcher.addHop(redirected);

        assertThat(startAll()).isEmpty();
        dispatcher.maxUnresolved(1);
        assertThat(startAll()).containsExactly(redirected);
    }

    @Test
    void nothingIsRememberedOfHostsThatAreDone() {
        dispatcher.limits(10, 10);
        for (int round = 0; round < 3; round++) {
            addMany("a", 20);
            List<Exchange> inFlight = startAll();
            while (!inFlight.isEmpty()) {
                inFlight.forEach(this::end);
                inFlight = startAll();
            }
        }
        assertThat(dispatcher.slotsTaken()).isZero();
        assertThat(dispatcher.originCount()).isZero();
        assertThat(dispatcher.ownerCount()).isZero();
    }

    @Test
    void ownersTakeTurnsAndThenTheirHosts() {
        dispatcher.limits(100, 100);
        add(1, "a");
        add(2, "a");
        add(3, "b");
        owner = OTHER;
        add(4, "a");
        add(5, "c");
        add(6, "c");

        assertThat(ids(startAll())).containsExactly(1L, 4L, 3L, 5L, 2L, 6L);
    }

    @Test
    void ownerAloneHasAllSlotsAndOfAnEighthOnTopAnotherHasAsMuchAsItLeaves() {
        dispatcher.limits(200, 64);
        for (int host = 0; host < 60; host++) {
            addMany("hangs" + host, 100);
        }
        assertThat(startAll()).hasSize(200);
        owner = OTHER;
        addMany("good", 100);

        assertThat(startAll()).hasSize(13).allMatch(each -> each.owner() == OTHER);
    }

    @Test
    void ownerBesideOthersLeavesThemAnEighth() {
        dispatcher.limits(200, 200);
        add(1, "good");
        owner = OTHER;
        for (int host = 0; host < 60; host++) {
            addMany("hangs" + host, 100);
        }
        assertThat(startAll()).hasSize(1 + 175);
        owner = 10;
        addMany("good", 100);

        assertThat(startAll()).hasSize(24).allMatch(each -> each.owner() == 10);
        assertThat(dispatcher.slotsTaken()).isEqualTo(200);
    }

    @Test
    void severalOwnersWhoseRequestsHangLeaveSlotsForAnother() {
        dispatcher.limits(200, 64);
        for (owner = 20; owner < 25; owner++) {
            for (int host = 0; host < 60; host++) {
                addMany("hangs" + host + "of" + owner, 10);
            }
            startAll();
        }
        assertThat(dispatcher.slotsTaken()).isGreaterThan(200);
        owner = OTHER;
        addMany("good", 10);

        assertThat(startAll()).isNotEmpty().allMatch(each -> each.owner() == OTHER);
    }

    @Test
    void hostOfOneOwnersHangingRequestsIsThereForAnother() {
        dispatcher.limits(200, 64);
        addMany("a", 100);
        List<Exchange> hanging = startAll();
        assertThat(hanging).hasSize(64);
        owner = OTHER;
        addMany("a", 100);

        assertThat(startAll()).hasSize(4).allMatch(each -> each.owner() == OTHER);
        hanging.subList(0, 8).forEach(this::end);
        assertThat(startAll()).as("up to what the origin may have").hasSize(4);
        end(hanging.get(8));
        assertThat(startAll()).hasSize(1);
    }

    @Test
    void hostThatMayHaveOneRequestHasOne() {
        dispatcher.limits(200, 1);
        add(1, "a");
        assertThat(ids(startAll())).containsExactly(1L);
        owner = OTHER;
        add(2, "a");
        assertThat(startAll()).isEmpty();
        end(firstStarted);

        assertThat(ids(startAll())).containsExactly(2L);
    }

    @Test
    void ownersThatWaitForASlotGetTheNext() {
        dispatcher.limits(8, 64);
        addMany("a", 9);
        List<Exchange> inFlight = startAll();
        assertThat(inFlight).hasSize(8);
        owner = OTHER;
        addMany("b", 3);
        assertThat(ids(startAll())).containsExactly(1L);
        inFlight.forEach(this::end);

        assertThat(startAll()).extracting(Exchange::owner).containsExactlyInAnyOrder(10L, OTHER, OTHER);
    }

    @Test
    void oneOwnersNamesThatHangLeaveResolutionsForAnother() {
        dispatcher.limits(100, 100);
        dispatcher.maxUnresolved(8);
        for (int i = 0; i < 20; i++) {
            add(i, "http://hangs" + i + ".test:80");
        }
        assertThat(startAll()).hasSize(6);
        owner = OTHER;
        add(50, "http://new.test:80");

        assertThat(ids(startAll())).containsExactly(50L);
    }

    /** A minute of a simulated clock: one role's requests hang, another's come one by one and take 10 ms each. */
    @Test
    void othersAreSentAtOnceHoweverLongOneOwnersRequestsHang() {
        dispatcher.limits(50, 20);
        for (int host = 0; host < 6; host++) {
            addMany("hangs" + host, 1_000);
        }
        assertThat(startAll()).hasSize(50);
        owner = OTHER;
        for (int millis = 0; millis < 60_000; millis += 10) {
            add(millis, "good" + millis % 7);
            List<Exchange> started = startAll();
            assertThat(ids(started)).containsExactly((long) millis);
            started.forEach(this::end);
        }
    }

    private static final long OTHER = 11;

    private long owner = 10;
    private Exchange firstStarted;

    private List<Exchange> startAll() {
        List<Exchange> started = new ArrayList<>();
        for (Optional<Exchange> next = dispatcher.next(); next.isPresent(); next = dispatcher.next()) {
            started.add(next.get());
        }
        if (!started.isEmpty()) {
            firstStarted = started.get(0);
        }
        return started;
    }

    private void end(Exchange exchange) {
        dispatcher.left(exchange);
        dispatcher.ended(exchange, exchange.failed(FailureKind.NETWORK, "", 0));
    }

    private void addMany(String origin, int count) {
        for (int id = 1; id <= count; id++) {
            add(id, origin);
        }
    }

    private void add(long id, String origin) {
        DueRequest request = new DueRequest(
                new RequestKey(id, 1),
                owner,
                new HttpRequest("GET", "http://x/", new byte[0], NativeBytes.empty(), 1_000));
        dispatcher.add(new Exchange(request, origin, Clock.SYSTEM));
    }

    private static List<Long> ids(List<Exchange> exchanges) {
        return exchanges.stream().map(e -> e.request().key().id()).toList();
    }
}
