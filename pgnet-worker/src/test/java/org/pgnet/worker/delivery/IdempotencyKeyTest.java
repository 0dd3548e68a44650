package org.pgnet.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class IdempotencyKeyTest {
    private static final Instant CREATED = Instant.parse("2026-11-26T12:00:00.123456Z");

    /** Computed by another program: what receivers have seen must not change with a release. */
    @Test
    void isWhatItHasAlwaysBeen() {
        assertThat(IdempotencyKey.of(
                        7_300_000_000_000_000_001L, 16_384, 42, Instant.ofEpochSecond(1_795_600_000, 123_456_000), 10))
                .hasToString("22b3bf8d-ae2f-88d7-bab9-188b9edcf776");
        assertThat(IdempotencyKey.of(-1, 1, 1, Instant.EPOCH, 1)).hasToString("08de0ecc-9053-8839-9a6c-9f949c03ac83");
    }

    @Property
    void isAUuidOfVersion8(@ForAll long cluster, @ForAll long id) {
        UUID key = IdempotencyKey.of(cluster, 1, id, CREATED, 10);
        assertThat(key.version()).isEqualTo(8);
        assertThat(key.variant()).isEqualTo(2);
    }

    @Test
    void dependsOnEachThingThatARequestIs() {
        assertThat(new UUID[] {
                    IdempotencyKey.of(1, 2, 3, CREATED, 5),
                    IdempotencyKey.of(9, 2, 3, CREATED, 5),
                    IdempotencyKey.of(1, 9, 3, CREATED, 5),
                    IdempotencyKey.of(1, 2, 9, CREATED, 5),
                    IdempotencyKey.of(1, 2, 3, CREATED.plusNanos(1_000), 5),
                    IdempotencyKey.of(1, 2, 3, CREATED, 9),
                    IdempotencyKey.of(2, 1, 3, CREATED, 5)
                })
                .doesNotHaveDuplicates();
        assertThat(IdempotencyKey.of(1, 2, 3, CREATED, 5)).isEqualTo(IdempotencyKey.of(1, 2, 3, CREATED, 5));
    }
}
