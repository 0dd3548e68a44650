package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.session.Session;
import org.postgresql.util.PSQLException;

/**
 * A call stores its row without a statement while the queue is as the extension made it, and the role may insert. Whatever else an
 * INSERT would do, check or refuse it does, from the next call on, in sessions that have made calls before, too.
 */
@PgNetTest(
        settings = "pg_net.batch_size = 0",
        cluster = Sharing.WITH_NONE,
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE requesters",
            "CREATE FUNCTION public.pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
            "CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "CREATE FUNCTION public.as_made() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
                    + " AS $$SELECT net.http_get('ftp://127.0.0.1/')$$",
            "CREATE TABLE public.known (url text PRIMARY KEY)",
            "CREATE TABLE public.seen (url text)"
        })
class QueueAsMadeIT {
    private static final String GET = "SELECT net.http_get('http://127.0.0.1/')";

    @Given
    private static Session session;

    @Given(role = "alice")
    private static Session alice;

    @Test
    void plainCallsNeedNoStatement() throws SQLException {
        assertThat(Way.of(session)).isEqualTo(Way.DIRECT);
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
    }

    @Test
    void replicatingSessionsNeedNone() throws SQLException {
        session.execute("SET session_replication_role = replica");
        assertThat(Way.of(session)).isEqualTo(Way.DIRECT);
        session.execute("RESET session_replication_role");
    }

    /** The statements are ALTER TABLE of the queue unless they begin with something else. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE INDEX mine ON queue (created) | DROP INDEX net.mine",
                "CREATE INDEX mine ON queue ((lower(url))) | DROP INDEX net.mine",
                "ADD CONSTRAINT mine CHECK (url <> '') | DROP CONSTRAINT mine",
                "ADD CONSTRAINT mine FOREIGN KEY (url) REFERENCES public.known NOT VALID | DROP CONSTRAINT mine",
                "ADD COLUMN mine text DEFAULT 'x' | DROP COLUMN mine",
                "ADD COLUMN mine text GENERATED ALWAYS AS ('x') STORED | DROP COLUMN mine",
                "ALTER owner SET DEFAULT 10 | ALTER owner SET DEFAULT net._requester()",
                "ALTER created SET DEFAULT now() | ALTER created SET DEFAULT clock_timestamp()",
                "ALTER created DROP DEFAULT, ALTER created DROP NOT NULL | ALTER created SET DEFAULT clock_timestamp()",
                "ALTER policy SET DEFAULT 'quick' | ALTER policy DROP DEFAULT",
                "ALTER body SET DEFAULT 'x' | ALTER body DROP DEFAULT",
                "ALTER headers SET NOT NULL, ALTER body SET NOT NULL | ALTER headers DROP NOT NULL, ALTER body DROP NOT"
                        + " NULL",
                "ALTER expires TYPE timestamptz(0) | ALTER expires TYPE timestamptz",
                "DROP CONSTRAINT http_request_queue_pkey | ADD PRIMARY KEY (id)",
                "DROP CONSTRAINT http_request_queue_pkey, ADD PRIMARY KEY (id) DEFERRABLE | DROP CONSTRAINT"
                        + " http_request_queue_pkey, ADD PRIMARY KEY (id)",
                "CREATE TRIGGER mine BEFORE INSERT ON queue FOR EACH ROW EXECUTE FUNCTION public.pass() | DROP TRIGGER"
                        + " mine ON queue",
                "CREATE TRIGGER mine AFTER INSERT ON queue FOR EACH ROW EXECUTE FUNCTION public.pass() | DROP TRIGGER"
                        + " mine ON queue",
                "CREATE TRIGGER mine AFTER INSERT ON queue EXECUTE FUNCTION public.pass() | DROP TRIGGER mine ON queue",
                "ENABLE TRIGGER _queue_request | ENABLE ALWAYS TRIGGER _queue_request",
                "CREATE RULE mine AS ON INSERT TO queue DO ALSO SELECT 1 | DROP RULE mine ON queue",
                "ALTER FUNCTION net._queue_request() SECURITY DEFINER | ALTER FUNCTION net._queue_request() SECURITY"
                        + " INVOKER",
                "ALTER FUNCTION net._requester() SET work_mem = '1MB' | ALTER FUNCTION net._requester() RESET ALL"
            })
    void whatElseAnInsertWouldDoNeedsOne(String alter, String restore) throws SQLException {
        session.execute("TRUNCATE net.http_request_queue");
        Way.of(session);
        Way.of(alice);

        session.execute(statement(alter));
        assertThat(Way.of(session)).isEqualTo(Way.STATEMENT);
        assertThat(Way.of(alice)).isEqualTo(Way.STATEMENT);

        session.execute(statement(restore));
        assertThat(Way.of(session)).isEqualTo(Way.DIRECT);
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
    }

    /** As after a restore, or when the sequence was set back: the C extension's table takes an id twice. */
    @Test
    void idsThatOtherRequestsHaveAreLeftOut() throws SQLException {
        long first = session.number(GET);
        session.execute(GET, GET);
        session.execute("ALTER TABLE net.http_request_queue ALTER id RESTART WITH " + first);
        assertThat(alice.number(GET)).isEqualTo(first + 3);

        session.execute("BEGIN");
        long open = session.number(GET);
        session.number("SELECT setval('net.http_request_queue_id_seq', " + open + ", false)");
        alice.execute("SET statement_timeout = '5 s'");
        assertThat(alice.number(GET)).as("one that an open transaction has").isEqualTo(open + 1);
        session.execute("COMMIT");
        assertThat(session.number("SELECT count(DISTINCT id) FROM net.http_request_queue WHERE id >= " + first))
                .isEqualTo(6);
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE id >= " + first))
                .isEqualTo(6);
    }

    @Test
    void sequenceThatHasNoFreeIdIsSaidSo() throws SQLException {
        session.execute(
                "TRUNCATE net.http_request_queue",
                "BEGIN",
                "ALTER TABLE net.http_request_queue ALTER id SET MAXVALUE 3 SET CYCLE RESTART WITH 1",
                GET,
                GET,
                GET,
                "SET LOCAL statement_timeout = '5 s'");
        assertThatThrownBy(() -> session.execute(GET))
                .hasMessageContaining("every id")
                .hasMessageContaining("MAXVALUE");
        session.execute("ROLLBACK");
    }

    /** A webhook's are made by whoever writes to the table, whose transaction would fail. */
    @Test
    void idsThatOtherRequestsHaveAreLeftOutByWebhooks() throws SQLException {
        session.execute(
                "CREATE TABLE public.watched (id int)",
                "SELECT net.create_webhook('watched', 'public.watched', 'http://127.0.0.1/hook')");
        long first = session.number(GET);
        session.execute(GET, "DELETE FROM net.http_request_queue WHERE id = " + first, GET);
        session.execute("ALTER TABLE net.http_request_queue ALTER id RESTART WITH " + first);

        session.execute("INSERT INTO public.watched SELECT generate_series(1, 4)");

        assertThat(session.column("SELECT id - " + first + " FROM net.http_request_queue WHERE webhook = 'watched'"
                        + " ORDER BY convert_from(body, 'UTF8')::jsonb #>> '{data,record,id}'"))
                .containsExactly("0", "4", "5", "3");
        session.execute("DROP TABLE public.watched");
    }

    @Test
    void anotherTableOfThatNameIsTheQueueThen() throws SQLException {
        Way.of(alice);
        session.execute(
                "ALTER TABLE net.http_request_queue RENAME TO away",
                "CREATE VIEW net.http_request_queue AS SELECT id, method, url, headers, timeout_milliseconds FROM net.away",
                "GRANT ALL ON net.http_request_queue TO alice");
        assertThat(Way.of(alice)).isEqualTo(Way.STATEMENT);

        session.execute("DROP VIEW net.http_request_queue", "ALTER TABLE net.away RENAME TO http_request_queue");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
    }

    @Test
    void withoutTheTriggerNothingIsChecked() throws SQLException {
        session.execute(statement("DISABLE TRIGGER _queue_request"));
        assertThat(Way.of(alice)).isEqualTo(Way.UNCHECKED);
        session.execute(statement("ENABLE ALWAYS TRIGGER _queue_request"), "TRUNCATE net.http_request_queue");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
    }

    @Test
    void constraintsOfTheDomainHold() throws SQLException {
        session.execute(
                GET, "ALTER DOMAIN net.http_method ADD CONSTRAINT no_delete CHECK (value <> 'DELETE') NOT VALID");

        assertRefused(
                () -> alice.query("SELECT net.http_delete('http://127.0.0.1/')"),
                "23514",
                "value for domain net.http_method violates check constraint \"no_delete\"");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);

        session.execute("ALTER DOMAIN net.http_method DROP CONSTRAINT no_delete");
        assertThat(alice.query("SELECT net.http_delete('http://127.0.0.1/')")).isPresent();
    }

    @Test
    void triggerThatKeepsARowOutMakesTheIdNull() throws SQLException {
        session.execute(
                "CREATE TRIGGER mine BEFORE INSERT ON net.http_request_queue FOR EACH ROW EXECUTE FUNCTION public.swallow()");
        assertThat(alice.query(GET)).isEmpty();
        session.execute("DROP TRIGGER mine ON net.http_request_queue");
    }

    @Test
    void rulesAndDefaultsOfTheOwnerHaveTheirEffect() throws SQLException {
        session.execute(
                "CREATE RULE mine AS ON INSERT TO net.http_request_queue DO ALSO INSERT INTO public.seen VALUES (new.url)",
                statement("ADD COLUMN mine text DEFAULT 'x'"));
        long id = session.number(GET);
        assertThat(session.text(
                        "SELECT (SELECT url FROM public.seen) || mine FROM net.http_request_queue WHERE id = " + id))
                .isEqualTo("http://127.0.0.1/x");
        session.execute("DROP RULE mine ON net.http_request_queue", statement("DROP COLUMN mine"));
    }

    @Test
    void policiesHold() throws SQLException {
        Way.of(alice);
        session.execute(
                "CREATE POLICY mine ON net.http_request_queue AS RESTRICTIVE FOR INSERT WITH CHECK (url LIKE '%/ok')");
        assertThat(Way.of(alice)).isEqualTo(Way.STATEMENT);
        assertThat(Way.of(session)).as("of a superuser").isEqualTo(Way.DIRECT);
        assertThat(alice.query("SELECT net.http_get('http://127.0.0.1/ok')")).isPresent();
        assertRefused(
                () -> alice.query(GET),
                "42501",
                "new row violates row-level security policy \"mine\" for table \"http_request_queue\"");

        session.execute("ALTER ROLE alice BYPASSRLS");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
        session.execute("ALTER ROLE alice NOBYPASSRLS", "DROP POLICY mine ON net.http_request_queue");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
    }

    @ParameterizedTest
    @CsvSource({"USING (false)", "WITH CHECK (false)", "TO requesters"})
    void theExtensionsPolicyHoldsAsItIsAltered(String altered) throws SQLException {
        Way.of(alice);
        session.execute("ALTER POLICY of_owner ON net.http_request_queue " + altered);
        assertRefused(
                () -> alice.query(GET),
                "42501",
                "new row violates row-level security policy for table \"http_request_queue\"");
        session.execute(
                "DROP POLICY of_owner ON net.http_request_queue",
                "CREATE POLICY of_owner ON net.http_request_queue USING (pg_catalog.pg_has_role(owner, 'USAGE'))");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
    }

    @Test
    void rowSecurityOffIsRefused() throws SQLException {
        Way.of(alice);
        alice.execute("SET row_security = off");
        assertRefused(
                () -> alice.query(GET),
                "42501",
                "query would be affected by row-level security policy for table \"http_request_queue\"");
        alice.execute("RESET row_security");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "REVOKE INSERT (url) ON net.http_request_queue FROM PUBLIC | GRANT INSERT (url) ON"
                        + " net.http_request_queue TO PUBLIC | permission denied for table http_request_queue",
                "REVOKE SELECT ON net.http_request_queue FROM PUBLIC | GRANT SELECT ON net.http_request_queue TO PUBLIC |"
                        + " permission denied for table http_request_queue",
                "REVOKE EXECUTE ON FUNCTION net._requester() FROM PUBLIC | GRANT EXECUTE ON FUNCTION net._requester() TO"
                        + " PUBLIC | permission denied for function _requester",
                "REVOKE EXECUTE ON FUNCTION clock_timestamp() FROM PUBLIC | GRANT EXECUTE ON FUNCTION clock_timestamp()"
                        + " TO PUBLIC | permission denied for function clock_timestamp",
                "REVOKE EXECUTE ON FUNCTION net.http_get FROM PUBLIC | GRANT EXECUTE ON FUNCTION net.http_get TO PUBLIC |"
                        + " permission denied for function http_get"
            })
    void privilegesHold(String revoke, String grant, String message) throws SQLException {
        Way.of(alice);
        session.execute(revoke);
        assertRefused(() -> alice.query(GET), "42501", message);
        session.execute(grant);
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
    }

    /** net.http_get gives no body, so it needs no privilege for it; what has a policy needs those of more columns. */
    @Test
    void onlyGivenColumnsNeedAPrivilege() throws SQLException {
        session.execute("REVOKE INSERT (body, policy) ON net.http_request_queue FROM PUBLIC");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
        String post = "SELECT net.http_post('http://127.0.0.1/')";
        assertRefused(() -> alice.query(post), "42501", "permission denied for table http_request_queue");

        session.execute("GRANT INSERT (body) ON net.http_request_queue TO PUBLIC");
        assertThat(alice.query(post)).isPresent();
        String withPolicy = "SELECT net.request('http://127.0.0.1/', policy => 'quick')";
        assertRefused(() -> alice.query(withPolicy), "42501", "permission denied for table http_request_queue");

        session.execute("GRANT INSERT (policy) ON net.http_request_queue TO PUBLIC");
        assertThat(alice.query(withPolicy)).isPresent();
    }

    @Test
    void privilegesOfAGroupEndWithMembership() throws SQLException {
        session.execute(
                "REVOKE INSERT (url) ON net.http_request_queue FROM PUBLIC",
                "GRANT INSERT (url) ON net.http_request_queue TO requesters",
                "GRANT requesters TO alice");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
        session.execute("REVOKE requesters FROM alice");
        assertRefused(() -> alice.query(GET), "42501", "permission denied for table http_request_queue");
        session.execute("GRANT INSERT (url) ON net.http_request_queue TO PUBLIC");
    }

    @Test
    void eachRoleOfASessionIsAskedForItself() throws SQLException {
        session.execute("REVOKE INSERT (url) ON net.http_request_queue FROM PUBLIC");
        assertThat(Way.of(session)).isEqualTo(Way.DIRECT);
        session.execute("SET ROLE alice");
        assertRefused(() -> session.query(GET), "42501", "permission denied for table http_request_queue");
        assertRefused(() -> session.query("SELECT public.as_made()"), "22023", "invalid URL");
        session.execute("RESET ROLE", "GRANT INSERT (url) ON net.http_request_queue TO PUBLIC");
    }

    @Test
    void tableAlteredInTheSameTransactionIsAsItIsThen() throws SQLException {
        session.execute("BEGIN", GET, statement("ADD CONSTRAINT mine CHECK (url <> 'http://127.0.0.1/no')"), GET);
        assertRefused(
                () -> session.query("SELECT net.http_get('http://127.0.0.1/no')"),
                "23514",
                "new row for relation \"http_request_queue\" violates check constraint \"mine\"");
        session.execute("ROLLBACK");
        assertThat(Way.of(session)).isEqualTo(Way.DIRECT);
        assertThat(session.query("SELECT net.http_get('http://127.0.0.1/no')")).isPresent();
    }

    @Test
    void extensionMadeAnewIsFound() throws SQLException {
        Way.of(alice);
        session.execute("DROP EXTENSION pg_net", "CREATE EXTENSION pg_net");
        assertThat(Way.of(alice)).isEqualTo(Way.DIRECT);
        assertThat(alice.number(GET)).isGreaterThan(0);
    }

    private static String statement(String text) {
        String statement = text.matches("(CREATE|ALTER FUNCTION|DROP (INDEX|TRIGGER|RULE)) .*")
                ? text
                : "ALTER TABLE net.http_request_queue " + text;
        return statement.replace(" queue", " net.http_request_queue");
    }

    private static void assertRefused(ThrowingCallable call, String sqlState, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState))
                .hasMessageContaining(message);
    }
}
