package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** A response that cannot be deleted when it is old keeps none but itself. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class ExpiryIT {
    private static final String LEFT = "SELECT count(*) FROM net._http_response";
    /** How often an entry was read of the index that the deletion goes along. */
    private static final String READ =
            "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = '_http_response_created_idx'";

    private static final String DELETED = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = '_http_response'";

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @BeforeEach
    void createTriggerFunction() throws SQLException {
        session.execute(
                "CREATE TABLE kept (id bigint)",
                "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF old.id NOT IN (SELECT id FROM public.kept) THEN RETURN old; END IF;"
                        + " IF tg_argv[0] = 'raise' THEN RAISE 'not this one'; END IF; RETURN NULL; END $$");
    }

    @ParameterizedTest
    @CsvSource({
        "1,    ALTER TABLE kept ADD FOREIGN KEY (id) REFERENCES net._http_response",
        "25,   ALTER TABLE kept ADD FOREIGN KEY (id) REFERENCES net._http_response ON DELETE RESTRICT",
        "1,    ALTER TABLE kept ADD FOREIGN KEY (id) REFERENCES net._http_response DEFERRABLE INITIALLY DEFERRED",
        "7,    CREATE TRIGGER keep BEFORE DELETE ON net._http_response FOR EACH ROW EXECUTE FUNCTION keep('raise')",
        "1200, CREATE TRIGGER keep BEFORE DELETE ON net._http_response FOR EACH ROW EXECUTE FUNCTION keep('veto')"
    })
    void responseThatMustStayKeepsNoOther(int count, String whatKeepsThem) throws SQLException {
        respond(count);
        session.execute("INSERT INTO kept SELECT id FROM net._http_response", whatKeepsThem);
        respond(50);

        setTtl("1 second");

        session.await(LEFT, count);
        assertThat(session.number("SELECT count(*) FROM net._http_response JOIN kept USING (id)"))
                .isEqualTo(count);

        session.execute("TRUNCATE kept");
        session.await(LEFT, 0);
    }

    @Test
    void rowOfAReferenceThatSomebodyHoldsLockedDelaysNoOther() throws SQLException {
        respond(1);
        session.execute(
                "INSERT INTO kept SELECT id FROM net._http_response",
                "ALTER TABLE kept ADD FOREIGN KEY (id) REFERENCES net._http_response ON DELETE CASCADE");
        respond(50);
        try (Session other = cluster.session()) {
            other.execute("BEGIN", "SELECT FROM kept FOR UPDATE");

            setTtl("1 second");

            session.await(LEFT, 1);
            other.execute("COMMIT");
        }
        session.await(LEFT, 0);
    }

    @Test
    void lockedResponseIsDeletedLater() throws SQLException {
        respond(3);
        try (Session other = cluster.session()) {
            other.execute("BEGIN", "SELECT FROM net._http_response LIMIT 1 FOR UPDATE");

            setTtl("1 second");

            session.await(LEFT, 1);
            other.execute("COMMIT");
        }
        session.await(LEFT, 0);
    }

    /** Of those that were deleted the index keeps an entry each, which every look for the next ones would go over. */
    @Test
    void deletionDoesNotSlowDownBehindRowsThatAnOldTransactionKeeps() throws SQLException {
        try (Session old = cluster.session()) {
            old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM net._http_response");
            session.execute(
                    "INSERT INTO net._http_response (id, timed_out, created)"
                            + " SELECT -n, false, now() - interval '1 day' - n * interval '1 ms' FROM generate_series(1, 60000) n");

            setTtl("1 second");

            session.await(LEFT, 0);
            session.await(DELETED, 60_000);
            assertThat(session.number(READ)).isLessThan(4 * 60_000);
            old.execute("COMMIT");
        }
    }

    private void respond(int count) throws SQLException {
        session.execute("SELECT net.http_get('" + server.url("/get") + "') FROM generate_series(1, " + count + ")");
        session.await("SELECT count(*) FROM net.http_request_queue", 0);
    }

    private void setTtl(String ttl) throws SQLException {
        session.execute("ALTER SYSTEM SET pg_net.ttl = '" + ttl + "'", "SELECT pg_reload_conf()");
    }
}
