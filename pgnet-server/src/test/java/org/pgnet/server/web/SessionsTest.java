package org.pgnet.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.RoleDatabase;
import org.pgnet.server.database.ServerAddress;

class SessionsTest {
    private final LoginLimiterTest.MovedClock clock = new LoginLimiterTest.MovedClock();
    private final Sessions sessions = new Sessions(clock);

    @AfterEach
    void closeSessions() {
        sessions.close();
    }

    @Test
    void tokensAreLongAndDiffer() {
        Session one = begin("app", "secret");
        Session other = begin("app", "secret");
        assertThat(one.token())
                .hasSizeGreaterThanOrEqualTo(43)
                .isNotEqualTo(other.token())
                .isNotEqualTo(one.csrfToken());
    }

    @Test
    void endsHalfAnHourAfterTheLastRequest() {
        Session session = begin("app", "secret");
        clock.move(Sessions.IDLE.minusSeconds(1));
        assertThat(sessions.find(session.token())).isPresent();
        clock.move(Sessions.IDLE.minusSeconds(1));
        assertThat(sessions.find(session.token())).isPresent();
        clock.move(Sessions.IDLE.plusSeconds(1));
        assertThat(sessions.find(session.token())).isEmpty();
    }

    @Test
    void endsAfterTwelveHoursAtTheLatest() {
        Session session = begin("app", "secret");
        for (Duration used = Duration.ZERO; used.compareTo(Sessions.LONGEST) <= 0; used = used.plusMinutes(20)) {
            sessions.find(session.token());
            clock.move(Duration.ofMinutes(20));
        }
        assertThat(sessions.find(session.token())).isEmpty();
    }

    @Test
    void isOverWhenSomebodyLogsOut() {
        Session session = begin("app", "secret");
        sessions.end(session);
        assertThat(sessions.find(session.token())).isEmpty();
        assertThat(sessions.isOpen(session)).isFalse();
    }

    @Test
    void sharesConnectionsWithThoseOfTheSameRoleAndPasswordAlone() {
        Session one = begin("app", "secret");
        assertThat(begin("app", "secret").database()).isSameAs(one.database());
        assertThat(begin("app", "other").database()).isNotSameAs(one.database());
        assertThat(begin("bob", "secret").database()).isNotSameAs(one.database());
    }

    @Test
    void aUnknownTokenIsNoSession() {
        begin("app", "secret");
        assertThat(sessions.find("")).isEmpty();
        assertThat(sessions.find("x".repeat(43))).isEmpty();
    }

    private Session begin(String role, String password) {
        Connector connector =
                new Connector(ServerAddress.of(Optional.of("postgresql://127.0.0.1:1/nothing"), Map.of()));
        return sessions.begin(role, password, () -> new RoleDatabase(connector, role, password));
    }
}
