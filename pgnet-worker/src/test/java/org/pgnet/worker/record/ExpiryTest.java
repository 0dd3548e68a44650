package org.pgnet.worker.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.memory.FakeClock;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;

class ExpiryTest {
    private static final Duration TTL = Duration.ofHours(6);

    private final FakeClock time = new FakeClock();
    private final MemoryStore store = new MemoryStore(time);
    private final MemoryHost host = new MemoryHost(store, time);
    private final Expiry expiry = new Expiry(store::expire, new StoreOutage("deleting", host, host, time), time);

    ExpiryTest() {
        expiry.ttl(TTL);
    }

    @Test
    void looksOnceAtTheStartAndThenNeverWithoutResponses() {
        assertThat(expiry.nanosUntilDue()).isLessThanOrEqualTo(0);
        expiry.work();

        assertThat(store.expireCalls()).isEqualTo(1);
        assertThat(expiry.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void sleepsForEverOnceTheLastResponseIsGone() {
        expiry.recorded();
        expiry.work();
        assertThat(expiry.nanosUntilDue()).as("the store may round").isEqualTo(TTL.toNanos());
        time.advance(TTL);
        expiry.work();

        assertThat(expiry.nanosUntilDue()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void firstResponseAfterThatArmsTheTimer() {
        expiry.work();
        expiry.recorded();
        assertThat(expiry.nanosUntilDue()).isEqualTo(TTL.toNanos());
        time.advanceMillis(1_000);
        expiry.recorded();
        assertThat(expiry.nanosUntilDue()).isEqualTo(TTL.toNanos() - 1_000_000_000);
    }

    @Test
    void goesOnAtOnceWhileBatchesAreFull() {
        recordResponses(2 * Expiry.BATCH + 1);
        time.advance(TTL.minusMinutes(5));
        recordResponses(1);
        time.advance(Duration.ofMinutes(5).plusNanos(1));
        while (expiry.nanosUntilDue() <= 0) {
            expiry.work();
        }
        assertThat(store.expireCalls()).isEqualTo(3);
        assertThat(store.responses()).hasSize(1);
        assertThat(expiry.nanosUntilDue())
                .isEqualTo(TTL.minusMinutes(5).minusNanos(1).toNanos());
    }

    @Test
    void changedTtlIsObeyedAtOnce() {
        expiry.work();
        expiry.ttl(Duration.ofMinutes(1));
        assertThat(expiry.nanosUntilDue()).isLessThanOrEqualTo(0);
        expiry.work();
        expiry.ttl(Duration.ofMinutes(1));
        assertThat(expiry.nanosUntilDue()).isPositive();
    }

    @Test
    void extremeTtlsNeitherSpinNorOverflow() {
        expiry.ttl(Duration.ZERO);
        expiry.recorded();
        expiry.work();
        assertThat(expiry.nanosUntilDue()).isEqualTo(1_000_000_000);
        expiry.ttl(Duration.ofSeconds(Long.MAX_VALUE));
        expiry.work();
        assertThat(expiry.nanosUntilDue()).isPositive();
    }

    @Test
    void refusalIsTriedAgainWithPauses() {
        store.beforeExpire(() -> {
            throw new StoreException(StoreException.Kind.OUTAGE, "55P03", "lock timeout");
        });
        expiry.work();
        assertThat(expiry.nanosUntilDue()).isEqualTo(100_000_000);
        time.advanceMillis(100);
        expiry.work();
        assertThat(expiry.nanosUntilDue()).isEqualTo(200_000_000);
        store.beforeExpire(() -> {});
        time.advanceMillis(200);
        expiry.work();
        assertThat(host.logLines()).hasSize(2);
    }

    private void recordResponses(int count) {
        IdRange ids = store.insertGets("http://h.test/", count);
        List<Settlement> settlements = store.fetch(ids.first(), ids.last(), count, Long.MAX_VALUE).requests().stream()
                .map(request -> (Settlement) new Settlement.Failed(
                        request, time.now(), Duration.ZERO, 1, FailureKind.NETWORK, "no response"))
                .toList();
        store.settle(settlements);
    }
}
