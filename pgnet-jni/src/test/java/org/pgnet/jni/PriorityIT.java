package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.Session;

/** Urgent requests go before all others of their role and host, bulk ones after them, and none is left out. */
@PgNetTest(settings = "pg_net.max_connections_per_host = 4")
class PriorityIT {
    private static final String BACKLOG = "SELECT net.request('%s', priority => '%s') FROM generate_series(1, %d)";

    @Given
    private static HttpServerFixture server;

    @Given
    private Session session;

    private final List<String> arrived = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() {
        server.handle("/first", this::note);
    }

    private Optional<Reply> note(ReceivedRequest request) throws InterruptedException {
        arrived.add(request.parameter("p").orElseThrow());
        Thread.sleep(2);
        return Optional.of(Reply.text(200, ""));
    }

    @Test
    void urgentRequestGoesBeforeABacklog() throws SQLException {
        session.execute(String.format(BACKLOG, server.url("/first?p=normal"), "normal", 20_000));
        session.await("SELECT (count(*) > 100)::int FROM net._http_response", 1);
        int before = arrived.size();

        long id = session.number("SELECT net.request('" + server.url("/first?p=urgent") + "', priority => 'urgent')");
        assertThat(session.collect(id)).startsWith("SUCCESS");

        // What was in flight, and what was sent while it came to the worker.
        assertThat(arrived.indexOf("urgent")).isLessThan(before + 200);
        session.execute("SELECT net.cancel(id) FROM net.http_request_queue");
    }

    @Test
    void bulkRequestsGoLastButAreNotLeftOut() throws SQLException {
        session.execute("BEGIN");
        session.execute(String.format(BACKLOG, server.url("/first?p=bulk"), "bulk", 500));
        session.execute(String.format(BACKLOG, server.url("/first?p=normal"), "normal", 500));
        session.execute("COMMIT");

        session.await(
                "SELECT count(*) FROM net._http_response r JOIN net._response_detail d USING (id)"
                        + " WHERE url LIKE '%p=normal'",
                500);

        List<String> all = List.copyOf(arrived);
        List<String> untilTheLast = all.subList(0, all.lastIndexOf("normal"));
        assertThat(untilTheLast.stream().filter("bulk"::equals).count()).isBetween(5L, 250L);
        session.execute("SELECT net.cancel(id) FROM net.http_request_queue");
    }
}
