package org.pgnet.worker.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.memory.FakeClock;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.CrashMemory;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

class SuspectsTest {
    private final ByteBuffer memory = ByteBuffer.allocateDirect(Journal.bytesFor(1024));
    private final FakeClock time = new FakeClock();
    private final List<Settlement> givenUp = new ArrayList<>();
    private Journal journal = new Journal(memory, false);
    private Suspects suspects = new Suspects(journal, givenUp::add, time);

    private static Exchange request(long id) {
        DueRequest request = new DueRequest(
                new RequestKey(id, 700),
                10,
                new HttpRequest("GET", "http://127.0.0.1/", new byte[0], NativeBytes.empty(), 5_000));
        return new Exchange(request, "http://127.0.0.1", Clock.SYSTEM);
    }

    private static List<Exchange> requests(long... ids) {
        return LongStream.of(ids).mapToObj(SuspectsTest::request).toList();
    }

    private List<Long> admit(long... ids) {
        return suspects.admit(requests(ids)).stream()
                .map(each -> each.request().key().id())
                .toList();
    }

    private void abnormalEndWith(long... ids) {
        requests(ids).forEach(each -> journal.begun(each.request().key()));
        journal = new Journal(memory, true);
        suspects = new Suspects(journal, givenUp::add, time);
    }

    private void settle(long id) {
        RequestKey key = request(id).request().key();
        journal.ended(key);
        suspects.settled(key);
    }

    @Test
    void afterOneEndAllAreSent() {
        abnormalEndWith(1, 2);

        assertThat(admit(1, 2, 3)).containsExactly(1L, 2L, 3L);
        assertThat(suspects.nanosUntilTurn()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void afterTwoEndsTheyAreSentOneAtATimeBesideTheOthers() {
        abnormalEndWith(1, 2, 3);
        abnormalEndWith(1, 2, 3);

        assertThat(admit(1, 2, 3, 4)).containsExactlyInAnyOrder(1L, 4L);
        assertThat(admit(5)).containsExactly(5L);
        settle(4);
        assertThat(admit()).isEmpty();
        settle(1);
        assertThat(suspects.nanosUntilTurn()).isZero();
        assertThat(admit()).containsExactly(2L);
        settle(2);
        assertThat(admit()).containsExactly(3L);
        settle(3);
        assertThat(journal.hasSuspects()).isFalse();
    }

    @Test
    void oneThatIsRemovedWhileItWaitsForItsTurnIsNotSent() {
        abnormalEndWith(1, 2, 3);
        abnormalEndWith(1, 2, 3);
        assertThat(admit(1, 2, 3)).containsExactly(1L);

        suspects.withdraw(Set.of(new RequestKey(2, 700), new RequestKey(1, 700)));

        assertThat(givenUp).extracting(each -> each.request().key().id()).containsExactly(2L);
        settle(1);
        assertThat(admit()).containsExactly(3L);
    }

    @Test
    void aLongTurnDelaysTheNextForAWhileOnly() {
        abnormalEndWith(1, 2);
        abnormalEndWith(1, 2);
        admit(1, 2);

        assertThat(suspects.nanosUntilTurn()).isEqualTo(Duration.ofSeconds(10).toNanos());
        time.advance(Duration.ofSeconds(9));
        assertThat(admit()).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(admit()).containsExactly(2L);
    }

    @Test
    void afterThreeEndsOnlyWhatWasThereEachTimeIsGivenUp() {
        abnormalEndWith(1, 2, 3);
        abnormalEndWith(1, 2, 3);
        abnormalEndWith(1);

        assertThat(admit(1, 2, 3, 4)).containsExactlyInAnyOrder(2L, 4L);
        assertThat(givenUp).singleElement().isInstanceOfSatisfying(Settlement.Failed.class, failure -> {
            assertThat(failure.request().key().id()).isEqualTo(1);
            assertThat(failure.message()).isEqualTo(Suspects.GIVEN_UP);
            assertThat(failure.timedOut()).isFalse();
        });
    }

    @Test
    void requestInFlightAtThreeAbnormalEndsIsAnErrorRowAndTheOthersAreAnswered() throws Exception {
        MemoryStore store = new MemoryStore();
        try (ScriptedServer hanging = ScriptedServer.hanging();
                ScriptedServer server = ScriptedServer.of("ok")) {
            long poison = store.insert("GET", hanging.url("/"), "{}", "", 60_000);
            for (int ends = 0; ends < 3; ends++) {
                boolean restart = ends > 0;
                long other = store.insertGet(server.url("/"));
                int before = hanging.requests().size();
                try (RunningWorker worker = new RunningWorker(host(store, restart), store, MemorySettings.of())) {
                    assertThat(worker.response(other).status()).isEqualTo(200);
                    worker.await(() -> hanging.requests().size() > before, "the request that hangs");
                }
            }
            try (RunningWorker worker = new RunningWorker(host(store, true), store, MemorySettings.of())) {
                assertThat(worker.response(poison).error()).isEqualTo(Suspects.GIVEN_UP);
                worker.await(() -> worker.host.inFlight() == 0, "nothing in flight");
            }
            assertThat(hanging.requests()).hasSize(3);
        }
    }

    private MemoryHost host(MemoryStore store, boolean endedAbnormally) {
        return new MemoryHost(store, Clock.SYSTEM, new CrashMemory(memory, endedAbnormally));
    }
}
