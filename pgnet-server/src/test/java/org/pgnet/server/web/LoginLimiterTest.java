package org.pgnet.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LoginLimiterTest {
    private final MovedClock clock = new MovedClock();
    private final LoginLimiter limiter = new LoginLimiter(clock);
    private final InetAddress here = InetAddress.getLoopbackAddress();

    @Test
    void aRoleHasFiveTriesThenOneInTenSeconds() {
        for (int i = 0; i < 5; i++) {
            assertThat(limiter.take("app", here)).isEmpty();
        }
        assertThat(limiter.take("app", here)).hasValue(Duration.ofSeconds(10));
        clock.move(Duration.ofSeconds(9));
        assertThat(limiter.take("app", here)).hasValue(Duration.ofSeconds(1));
        clock.move(Duration.ofSeconds(1));
        assertThat(limiter.take("app", here)).isEmpty();
        assertThat(limiter.take("app", here)).isPresent();
    }

    @Test
    void triesWithOtherRolesCountForTheAddress() {
        for (int i = 0; i < 20; i++) {
            assertThat(limiter.take("role" + i, here)).isEmpty();
        }
        assertThat(limiter.take("another", here)).isPresent();
    }

    @Test
    void aRightPasswordGivesTheTriesBack() {
        for (int i = 0; i < 5; i++) {
            limiter.take("app", here);
        }
        limiter.succeeded("app");
        assertThat(limiter.take("app", here)).isEmpty();
    }

    /** The clock of these tests. */
    static final class MovedClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void move(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
