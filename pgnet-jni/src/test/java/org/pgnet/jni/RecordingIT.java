package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Responses reach the table whatever users do to the rows and tables. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class RecordingIT {
    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Test
    void lockedRowHoldsUpOnlyItself() throws SQLException {
        Gate gate = Gate.closed();
        server.handle("/gate", gate);
        long locked = session.get(server.url("/gate?id=locked"));
        gate.awaitRequests(1);
        try (Session other = cluster.session()) {
            other.execute("BEGIN", "SELECT FROM net.http_request_queue WHERE id = " + locked + " FOR UPDATE");
            gate.open();
            session.execute("SELECT net.http_get('" + server.url("/get?id=other") + "') FROM generate_series(1, 500)");

            session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%id=other'", 500);
            assertThat(session.collect(locked, true)).isEqualTo("PENDING|request is pending");

            other.execute("COMMIT");
        }
        assertThat(session.collect(locked)).isEqualTo("SUCCESS|ok|200|answer to /gate?id=locked");
        assertThat(server.received("locked")).hasSize(1);
    }

    @Test
    void triggerOfTheOwnerSeesEveryResponse() throws SQLException {
        createTrigger("INSERT INTO seen VALUES (new.id, current_user)");

        long id = session.get(server.url("/get"));

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(session.query("SELECT id || ' ' || role FROM seen")).contains(id + " postgres");
    }

    @Test
    void responseIsRecordedWithoutATriggerThatRaises() throws SQLException {
        createTrigger("RAISE EXCEPTION 'not today'");
        long worker = cluster.awaitWorker();

        long id = session.get(server.url("/get"));

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        cluster.log().await("WARNING:.*pg_net.*without the triggers", Duration.ofSeconds(10));
        cluster.log().await("not today", Duration.ofSeconds(10));
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void tableThatIsLockedIsFilledAfterIt() throws SQLException {
        try (Session other = cluster.session()) {
            other.execute("BEGIN", "LOCK TABLE net._http_response IN SHARE MODE");
            long id = session.get(server.url("/get?id=late"));
            cluster.log().await("recording responses failed and is tried again", Duration.ofSeconds(20));
            assertThat(session.collect(id, true)).isEqualTo("PENDING|request is pending");

            other.execute("COMMIT");

            assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
            assertThat(server.received("late")).hasSize(1);
        }
    }

    /** PostgreSQL refuses a deferred trigger in a security-restricted operation: it would fire outside of it. */
    @Test
    void deferredTriggerThatRaisesIsLeftOut() throws SQLException {
        createTrigger("CREATE TEMP TABLE mine ()");
        session.execute(
                "DROP TRIGGER on_response ON net._http_response",
                "CREATE CONSTRAINT TRIGGER on_response AFTER INSERT ON net._http_response"
                        + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_response()");

        long id = session.get(server.url("/get"));

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        cluster.log().await("within security-restricted operation", Duration.ofSeconds(10));
    }

    private void createTrigger(String statement) throws SQLException {
        session.execute(
                "CREATE TABLE seen (id bigint, role text)",
                "CREATE FUNCTION on_response() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + statement
                        + "; RETURN new; END $$",
                "ALTER FUNCTION on_response() SET search_path = public",
                "CREATE TRIGGER on_response AFTER INSERT ON net._http_response"
                        + " FOR EACH ROW EXECUTE FUNCTION on_response()");
    }
}
