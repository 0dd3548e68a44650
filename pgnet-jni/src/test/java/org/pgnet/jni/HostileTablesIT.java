package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;

/** A plain role attaches nothing to the extension's objects, locks nobody out and forges no request. */
@PgNetTest
class HostileTablesIT {
    @Given
    private static HostileCluster roles;

    @BeforeAll
    static void start() throws SQLException {
        roles.mallory.execute(
                "CREATE TABLE public.mine (LIKE net.http_request_queue)",
                "CREATE FUNCTION public.peek(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
                "CREATE FUNCTION public.act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
    }

    @ParameterizedTest
    @CsvSource({"net.http_request_queue, url", "net._http_response, content", "net._response_detail, url"})
    void nothingIsAttachedToATable(String table, String column) throws SQLException {
        for (String statement : new String[] {
            "CREATE TRIGGER mine BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION public.act()",
            "CREATE CONSTRAINT TRIGGER mine AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION public.act()",
            "CREATE RULE mine AS ON INSERT TO %s DO ALSO INSERT INTO public.loot VALUES (current_user)",
            "CREATE POLICY mine ON %s USING (true)",
            "ALTER POLICY of_owner ON %s USING (true)",
            "CREATE INDEX ON %s (public.peek(url))",
            "CREATE STATISTICS public.mine ON id, url FROM %s",
            "ALTER TABLE %s ALTER COLUMN url SET DEFAULT public.peek('')",
            "ALTER TABLE %s ADD CHECK (public.peek(url) IS NOT NULL)",
            "ALTER TABLE %s ADD COLUMN mine text DEFAULT public.peek('')",
            "ALTER TABLE %s DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE %s DISABLE TRIGGER ALL",
            "ALTER TABLE %s OWNER TO mallory",
            "ALTER TABLE %s SET (autovacuum_enabled = off)",
            "CREATE TABLE public.child () INHERITS (%s)",
            "CREATE TABLE public.pointing (id bigint REFERENCES %s)",
            "CREATE PUBLICATION mine FOR TABLE %s",
            "REINDEX TABLE %s",
            "COMMENT ON TABLE %s IS ''",
            "DROP TABLE %s CASCADE",
        }) {
            String attached = String.format(statement, table).replaceAll("\\burl\\b", column);
            assertThat(HostileCluster.outcome(roles.mallory, attached))
                    .as(attached)
                    .isEqualTo("42501");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "42501 | ALTER TABLE public.mine INHERIT net.http_request_queue",
                "42501 | CREATE PUBLICATION mine FOR ALL TABLES",
                "42501 | CREATE PUBLICATION mine FOR TABLES IN SCHEMA net",
                "42501 | CREATE TRIGGER t BEFORE INSERT ON public.mine FOR EACH ROW EXECUTE FUNCTION net._queue_request()",
                "42501 | CREATE TRIGGER t AFTER DELETE ON public.mine EXECUTE FUNCTION net._requests_removed()",
                "42501 | CREATE TRIGGER t AFTER DELETE ON public.mine EXECUTE FUNCTION net._responses_deleted()",
                "42501 | CREATE TRIGGER t AFTER TRUNCATE ON public.mine EXECUTE FUNCTION net._responses_truncated()",
                "42501 | CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION public.act()",
                "42501 | CREATE FUNCTION net.http_get(text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
                "42501 | CREATE OR REPLACE FUNCTION net.wake() RETURNS void LANGUAGE sql AS ''",
                "42501 | ALTER FUNCTION net.wake() SECURITY DEFINER",
                "42501 | CREATE VIEW net.mine AS SELECT 1",
                "42501 | ALTER DOMAIN net.http_method ADD CHECK (public.peek(value) IS NOT NULL)",
                "42501 | ALTER SCHEMA net RENAME TO mine",
                "42501 | ALTER EXTENSION pg_net UPDATE",
                "42501 | ALTER EXTENSION pg_net ADD TABLE public.mine",
                "42501 | DROP EXTENSION pg_net",
                "42501 | SELECT * FROM net.http_request_queue FOR UPDATE",
                "42501 | SELECT * FROM net._http_response FOR KEY SHARE",
                "42501 | COPY net._http_response (id, timed_out) FROM STDIN",
                "0A000 | COPY net.http_request_queue (method, url) FROM STDIN",
                "42501 | COPY net.http_request_queue TO PROGRAM 'cat'",
                "42501 | SET LOCAL row_security = off; SELECT * FROM net.http_request_queue",
                "42501 | SET SESSION AUTHORIZATION alice",
                "42501 | SET ROLE alice",
                "55P02 | SET pg_net.batch_size = 0",
                "55P02 | ALTER ROLE mallory SET pg_net.ttl = '1 s'",
                "42501 | ALTER DATABASE postgres SET pg_net.batch_size = 0",
                "42501 | SET session_replication_role = replica",
                "42501 | INSERT INTO net.http_request_queue (method, url, id) VALUES ('GET', 'http://127.0.0.1/', DEFAULT)",
                "42501 | INSERT INTO net.http_request_queue VALUES (DEFAULT, 'GET', 'http://127.0.0.1/')",
                "42501 | INSERT INTO net.http_request_queue (method, url) VALUES ('GET', 'http://127.0.0.1/')"
                        + " ON CONFLICT (id) DO UPDATE SET owner = 10",
                "42501 | SELECT nextval('net.http_request_queue_id_seq')",
                "42501 | SELECT pg_reload_conf()",
            })
    void attackIsRefused(String sqlState, String statement) throws SQLException {
        assertThat(HostileCluster.outcome(roles.mallory, statement)).isEqualTo(sqlState);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ROW SHARE",
                "ROW EXCLUSIVE",
                "SHARE UPDATE EXCLUSIVE",
                "SHARE",
                "SHARE ROW EXCLUSIVE",
                "EXCLUSIVE",
                "ACCESS EXCLUSIVE"
            })
    void lockIsRefused(String mode) throws SQLException {
        for (String table : new String[] {"net.http_request_queue", "net._http_response", "net._response_detail"}) {
            assertThat(HostileCluster.outcome(roles.mallory, "LOCK TABLE " + table + " IN " + mode + " MODE"))
                    .isEqualTo("42501");
        }
    }

    /** Who was given one table alone would have its triggers run with the rights of the queue's owner. */
    @Test
    void requestIsRefusedRatherThanRunATriggerAsTheQueuesOwner() throws SQLException {
        String scheduled = "SELECT net.request('http://127.0.0.1/', delay => '1 h')";
        roles.superuser.execute("ALTER TABLE net._delivery OWNER TO mallory");
        try {
            assertThat(HostileCluster.outcome(roles.alice, scheduled)).isEqualTo("42501");
            assertThat(HostileCluster.outcome(roles.mallory, scheduled)).isEqualTo("42501");
        } finally {
            roles.superuser.execute("ALTER TABLE net._delivery OWNER TO postgres");
        }
        assertThat(HostileCluster.outcome(roles.alice, scheduled)).isNotEqualTo("42501");
    }

    @Test
    void ownerOfATableIsNotGivenWhatOnlyHasTheNameOfWhatStandsBesideIt() throws SQLException {
        roles.superuser.execute(
                "CREATE SCHEMA victim",
                "CREATE TABLE victim._response_detail (id bigint)",
                "ALTER TABLE net._http_response SET SCHEMA victim",
                "ALTER TABLE victim._http_response OWNER TO mallory");
        try {
            assertThat(roles.superuser.text("SELECT relowner::regrole FROM pg_class"
                            + " WHERE oid = 'victim._response_detail'::regclass"))
                    .isEqualTo("postgres");
        } finally {
            roles.superuser.execute(
                    "ALTER TABLE victim._http_response OWNER TO postgres",
                    "ALTER TABLE victim._http_response SET SCHEMA net",
                    "DROP SCHEMA victim CASCADE");
        }
    }

    @Test
    void lockOfAReaderHoldsNobodyUp() throws SQLException {
        roles.mallory.execute("BEGIN; LOCK TABLE net.http_request_queue, net._http_response IN ACCESS SHARE MODE");

        assertThat(roles.alice.collect(roles.alice.get(roles.server.url("/get"))))
                .startsWith("SUCCESS");

        roles.mallory.execute("ROLLBACK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_terminate_backend", "pg_cancel_backend"})
    void workerIsNotSignalled(String function) throws SQLException {
        long worker = roles.cluster.awaitWorker();

        assertThat(HostileCluster.outcome(roles.mallory, "SELECT " + function + "(" + worker + ")"))
                .isEqualTo("42501");
    }
}
