package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** A context has no limit of its own, and is copied when its response is recorded: it counts like a body. */
@PgNetTest
class LargeContextIT {
    private static final int MEGABYTES = 4;
    private static final int REQUESTS = 30;
    /** An owner's share of the memory for requests. */
    private static final int SHARE_MEGABYTES = 48;

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @Test
    void oneOwnersContextsAreRecordedByAndBy() throws SQLException {
        Gate gate = Gate.closed();
        server.handle("/held", gate);
        session.execute("SELECT net.request('" + server.url("/held") + "', timeout => '60 s', context =>"
                + " jsonb_build_object('x', repeat('y', " + (MEGABYTES << 20) + "))) FROM generate_series(1, "
                + REQUESTS
                + ")");
        int inFlight = SHARE_MEGABYTES / MEGABYTES;
        session.await("SELECT sum(in_flight)::int FROM net.stat_host", inFlight);
        session.execute("SELECT pg_sleep(1)");
        assertThat(session.number("SELECT sum(in_flight)::int FROM net.stat_host"))
                .isEqualTo(inFlight);

        gate.open();
        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", REQUESTS);
    }
}
