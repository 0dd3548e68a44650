package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * What is committed is sent, and nothing else. That something is not sent shows when a later request is answered: the
 * worker sends to one host in the order of the ids, and here one at a time.
 */
@PgNetTest(settings = {"max_prepared_transactions = 5", "pg_net.max_connections_per_host = 1"})
class TransactionIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    private long requestsBefore;

    @BeforeEach
    void countRequests() {
        requestsBefore = server.requests();
    }

    @Test
    void rollbackSendsNothing() throws SQLException {
        session.execute("BEGIN");
        long id = session.get(server.url("/get?id=rolled-back"));
        session.execute("ROLLBACK");

        assertSentUntilNow(0);
        assertThat(server.received("rolled-back")).isEmpty();
        assertThat(session.collect(id)).isEqualTo("ERROR|request matching request_id not found");
    }

    @Test
    void rollbackToASavepointSendsOnlyTheRest() throws SQLException {
        session.execute("BEGIN");
        long first = session.get(server.url("/get?id=savepoint-first"));
        session.execute("SAVEPOINT s");
        session.get(server.url("/get?id=savepoint-undone"));
        session.execute("ROLLBACK TO s");
        long last = session.get(server.url("/get?id=savepoint-last"));
        session.execute("COMMIT");

        assertThat(session.collect(first)).startsWith("SUCCESS|ok|200");
        assertThat(session.collect(last)).startsWith("SUCCESS|ok|200");
        assertSentUntilNow(2);
        assertThat(server.received("savepoint-undone")).isEmpty();
    }

    @Test
    void exceptionBlockSendsNothingOfWhatItUndoes() throws SQLException {
        session.execute("DO $$ BEGIN"
                + " PERFORM net.http_get('" + server.url("/get?id=before-block") + "');"
                + " BEGIN PERFORM net.http_get('" + server.url("/get?id=in-block") + "'); PERFORM 1 / 0;"
                + " EXCEPTION WHEN division_by_zero THEN"
                + " PERFORM net.http_get('" + server.url("/get?id=in-handler") + "'); END; END $$");

        assertSentUntilNow(2);
        assertThat(server.received("before-block")).hasSize(1);
        assertThat(server.received("in-block")).isEmpty();
        assertThat(server.received("in-handler")).hasSize(1);
    }

    @Test
    void callWithReplicationRoleReplicaIsSent() throws SQLException {
        session.execute("SET session_replication_role = replica");
        long call = session.get(server.url("/get?id=replica"));
        long insert = session.number("INSERT INTO net.http_request_queue (method, url) VALUES ('GET', '"
                + server.url("/get") + "') RETURNING id");
        session.execute("RESET session_replication_role");

        assertThat(session.collect(call)).startsWith("SUCCESS|ok|200");
        assertThat(session.collect(insert)).startsWith("SUCCESS|ok|200");
    }

    @Test
    void callWithReplicationRoleReplicaIsChecked() throws SQLException {
        session.execute("SET session_replication_role = replica");

        assertThatThrownBy(() -> session.number("INSERT INTO net.http_request_queue (method, url)"
                        + " VALUES ('GET', 'ftp://127.0.0.1/') RETURNING id"))
                .hasMessageContaining("Unsupported URL scheme");

        session.execute("RESET session_replication_role");
    }

    @Test
    void directInsertIsServedLikeACall() throws SQLException {
        long id = session.number("INSERT INTO net.http_request_queue (method, url, headers, body)"
                + " VALUES ('PUT', '" + server.url("/post?id=inserted") + "', '{\"X-A\": \"b\"}', '\\x00ff61')"
                + " RETURNING id");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(server.received("inserted")).hasSize(1);
        assertThat(server.received("inserted").get(0).method()).isEqualTo("PUT");
        assertThat(server.received("inserted").get(0).header("x-a")).contains("b");
        assertThat(server.received("inserted").get(0).body()).containsExactly(0, 0xff, 'a');
    }

    @Test
    void preparedTransactionIsSentWhenAnotherSessionCommitsIt() throws SQLException {
        session.execute("BEGIN");
        long id = session.get(server.url("/get?id=prepared"));
        session.execute("PREPARE TRANSACTION 'committed'");
        assertSentUntilNow(0);

        try (Session other = cluster.session()) {
            other.execute("COMMIT PREPARED 'committed'");
            assertThat(other.collect(id)).startsWith("SUCCESS|ok|200");
        }
        assertThat(server.received("prepared")).hasSize(1);
    }

    @Test
    void preparedTransactionThatIsRolledBackSendsNothing() throws SQLException {
        session.execute("BEGIN");
        session.get(server.url("/get?id=unprepared"));
        session.execute("PREPARE TRANSACTION 'undone'");
        try (Session other = cluster.session()) {
            other.execute("ROLLBACK PREPARED 'undone'");
        }

        assertSentUntilNow(0);
        assertThat(server.received("unprepared")).isEmpty();
    }

    @Test
    void lowIdThatIsCommittedAfterHigherOnesIsSent() throws SQLException {
        try (Session slow = cluster.session()) {
            slow.execute("BEGIN");
            long low = slow.get(server.url("/get?id=late"));
            session.execute("SELECT net.http_get('" + server.url("/get?id=early") + "') FROM generate_series(1, 2000)");
            assertSentUntilNow(2000);

            slow.execute("COMMIT");

            assertThat(slow.collect(low)).startsWith("SUCCESS|ok|200");
        }
        assertThat(server.received("late")).hasSize(1);
    }

    /** Sends one more request, and checks how many were sent since the test's begin, that one not counted. */
    private void assertSentUntilNow(long expected) throws SQLException {
        assertThat(session.collect(session.get(server.url("/get?id=marker")))).startsWith("SUCCESS|ok|200");
        assertThat(server.requests() - requestsBefore - 1).isEqualTo(expected);
        requestsBefore++;
    }
}
