package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PostgresHostTest {
    private static final int MANY_DESCRIPTORS = 199_968;
    private static final long MEGABYTE = 1 << 20;

    @Test
    void noMoreAreInFlightThanTheHeapHolds() {
        assertThat(PostgresHost.mostInFlight(MANY_DESCRIPTORS, 64 * MEGABYTE)).isBetween(10_000, 11_000);
        assertThat(PostgresHost.mostInFlight(MANY_DESCRIPTORS, 256 * MEGABYTE)).isGreaterThan(32_767);
    }

    @Test
    void noMoreAreInFlightThanTheDescriptorsAllow() {
        assertThat(PostgresHost.mostInFlight(172, 64 * MEGABYTE)).isEqualTo(172);
        assertThat(PostgresHost.mostInFlight(172, 1)).isEqualTo(1);
    }
}
