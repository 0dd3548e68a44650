package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.session.Session;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What is in the way of an update is named before anything is changed, with the statement that removes it. */
@PgNetTest(extension = false, cluster = Sharing.WITH_NONE)
class MoveObstaclesIT {
    private static final String UPDATE = "ALTER EXTENSION pg_net UPDATE";

    private static int databases;

    @Given
    private static PgCluster cluster;

    private Session session;

    /** What a user made, the words that the error has for it, and the remedy that it gives. */
    record Obstacle(String made, String named, String remedy) {
        @Override
        public String toString() {
            return named;
        }
    }

    static List<Obstacle> obstacles() {
        return List.of(
                new Obstacle(
                        "CREATE FUNCTION net.cancel(bigint) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                        "function net.cancel(bigint)",
                        "ALTER FUNCTION net.cancel(bigint) SET SCHEMA public;"),
                new Obstacle(
                        "CREATE VIEW net.stats AS SELECT 1 AS one",
                        "relation net.stats",
                        "ALTER VIEW net.stats SET SCHEMA public;"),
                new Obstacle(
                        "CREATE POLICY of_owner ON net._http_response USING (true)",
                        "policy of_owner on net._http_response",
                        "ALTER POLICY of_owner ON net._http_response RENAME TO my_of_owner;"),
                new Obstacle(
                        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
                                + " CREATE TRIGGER _queue_request BEFORE INSERT ON net.http_request_queue"
                                + " FOR EACH ROW EXECUTE FUNCTION f()",
                        "trigger _queue_request on net.http_request_queue",
                        "ALTER TRIGGER _queue_request ON net.http_request_queue RENAME TO my_queue_request;"),
                new Obstacle(
                        "ALTER TABLE net.http_request_queue ADD COLUMN created timestamptz DEFAULT now()",
                        "column created of net.http_request_queue",
                        "ALTER TABLE net.http_request_queue RENAME COLUMN created TO my_created;"),
                new Obstacle(
                        "CREATE TABLE archive (response net._http_response)",
                        "column response of public.archive holds rows",
                        "ALTER TABLE public.archive ALTER COLUMN response TYPE jsonb USING to_jsonb(response);"),
                new Obstacle(
                        "CREATE TYPE pair AS (a int, r net._http_response[]); CREATE TABLE pairs (p pair)",
                        "column p of public.pairs holds rows",
                        "ALTER TABLE public.pairs ALTER COLUMN p TYPE jsonb USING to_jsonb(p);"),
                new Obstacle(
                        "ALTER TABLE net._http_response ADD CONSTRAINT k PRIMARY KEY (created)",
                        "the primary key of net._http_response is not its id",
                        "ALTER TABLE net._http_response DROP CONSTRAINT k;"),
                new Obstacle(
                        "ALTER DOMAIN net.http_method RENAME CONSTRAINT http_method_check TO was;"
                                + " ALTER DOMAIN net.http_method ADD CONSTRAINT http_method_check CHECK (value <> 'get')",
                        "constraint http_method_check of domain net.http_method",
                        "ALTER DOMAIN net.http_method RENAME CONSTRAINT http_method_check TO my_http_method_check;"),
                new Obstacle(
                        "CREATE TABLE mine (id bigint DEFAULT nextval('net.http_request_queue_id_seq'))",
                        "default value for column id of table public.mine",
                        "DROP TABLE mine"),
                new Obstacle(
                        "CREATE PUBLICATION everything FOR ALL TABLES",
                        "publication everything is FOR ALL TABLES",
                        "DROP PUBLICATION everything"),
                new Obstacle(
                        "CREATE PUBLICATION of_net FOR TABLES IN SCHEMA net",
                        "publication of schema net in publication of_net",
                        "DROP PUBLICATION of_net"));
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        String database = "d" + ++databases;
        cluster.execute("CREATE DATABASE " + database);
        session = cluster.session(database, "postgres");
    }

    @AfterEach
    void close() throws SQLException {
        session.close();
    }

    @ParameterizedTest
    @MethodSource("obstacles")
    void whatIsInTheWayIsNamedAndItsRemedyWorks(Obstacle obstacle) throws SQLException {
        CExtension.create(session, CExtension.LAST);
        session.execute(obstacle.made);
        List<String> before = CExtension.catalogue(session);

        ServerErrorMessage error = refusal().orElseThrow();

        assertThat(error.getSQLState()).isEqualTo("55000");
        assertThat(error.getMessage())
                .isEqualTo("pg_net was not updated: of what is in this database, one thing is in the way");
        assertThat(error.getDetail()).contains(obstacle.named);
        assertThat(CExtension.catalogue(session)).isEqualTo(before);
        if (!obstacle.remedy.endsWith(";")) {
            // Not one statement, or another for everybody.
            session.execute(obstacle.remedy);
        } else {
            assertThat(error.getDetail()).contains(obstacle.remedy);
            session.execute(obstacle.remedy);
        }
        session.execute(UPDATE);
    }

    @Test
    void everythingInTheWayIsNamedAtOnce() throws SQLException {
        CExtension.create(session, CExtension.LAST);
        session.execute("CREATE VIEW net.stats AS SELECT 1 AS one", "CREATE PUBLICATION everything FOR ALL TABLES");

        assertThat(refusal().orElseThrow().getDetail()).contains("net.stats").contains("everything");
    }

    @Test
    void requestsAreQueuedAfterARefusal() throws SQLException {
        CExtension.create(session, CExtension.LAST);
        session.execute("CREATE PUBLICATION everything FOR ALL TABLES");
        assertThat(refusal()).isPresent();

        assertThat(session.get("http://127.0.0.1/")).isPositive();
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isEqualTo(1);
    }

    @Test
    void publicationIsAcceptedByWhoSaysSo() throws SQLException {
        CExtension.create(session, CExtension.LAST);
        session.execute("CREATE PUBLICATION everything FOR ALL TABLES", "SET net_update.publish = on");

        session.execute(UPDATE);
    }

    @Test
    void viewThatCallsAFunctionWhichGotAnotherArgumentIsNamed() throws SQLException {
        CExtension.create(session, "0.14.0");
        session.execute("CREATE VIEW deletes AS SELECT net.http_delete('http://127.0.0.1/')");

        assertThat(refusal().orElseThrow().getDetail())
                .contains("rule _RETURN on view public.deletes uses function"
                        + " net.http_delete(text,jsonb,jsonb,integer)");
        session.execute("DROP VIEW deletes", UPDATE);
    }

    @Test
    void whatIsNotInTheWayStays() throws SQLException {
        CExtension.create(session, CExtension.LAST);
        session.execute(
                "ALTER DOMAIN net.http_method RENAME CONSTRAINT http_method_check TO renamed",
                "ALTER DOMAIN net.http_method ADD CONSTRAINT no_delete CHECK (value !~* '^delete$')",
                "CREATE FUNCTION net.cancel(text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE POLICY mine ON net._http_response USING (true)",
                "ALTER TABLE net._http_response ADD COLUMN note text DEFAULT 'mine'",
                "CREATE VIEW rows AS SELECT r FROM net._http_response r",
                UPDATE);

        assertThat(session.column(
                        "SELECT conname FROM pg_constraint WHERE contypid = 'net.http_method'::regtype ORDER BY 1"))
                .containsExactly("http_method_check", "no_delete");
        assertThat(session.query("SELECT net.cancel('mine'::text)")).contains("1");
        assertThat(session.number("SELECT count(*) FROM pg_policy WHERE polname = 'mine'"))
                .isEqualTo(1);
        assertThat(session.number("SELECT count(note) FROM net._http_response")).isZero();
    }

    /** What the update says when it refuses. */
    private Optional<ServerErrorMessage> refusal() throws SQLException {
        try {
            session.execute(UPDATE);
            return Optional.empty();
        } catch (PSQLException e) {
            return Optional.ofNullable(e.getServerErrorMessage());
        }
    }
}
