package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.session.Session;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a call does without a statement is what the INSERT does that it takes the place of. */
@PgNetTest(
        settings = {"pg_net.batch_size = 0", "wal_level = logical"},
        cluster = Sharing.WITH_NONE,
        sql = {
            "CREATE FUNCTION public.answer(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS ''",
            "CREATE FUNCTION public.queued() RETURNS bigint LANGUAGE sql VOLATILE"
                    + " AS 'SELECT count(*) FROM net.http_request_queue'",
            "CREATE FUNCTION public.call_and_look() RETURNS text LANGUAGE plpgsql AS $$ DECLARE made bigint;"
                    + " BEGIN made := net.http_get('http://127.0.0.1/'); RETURN (SELECT url FROM net.http_request_queue q"
                    + " WHERE q.id = made); END $$",
            "CREATE FUNCTION public.call_in_sql() RETURNS bigint LANGUAGE sql AS $$"
                    + " SELECT net.http_get('http://127.0.0.1/'); SELECT count(*) FROM net.http_request_queue $$"
        })
class DirectRowIT {
    private static final List<String> CALLS = List.of(
            "net.http_get('http://127.0.0.1/')",
            "net.http_get('http://127.0.0.1/?a#b', '{\"c d\": \"\u00e9&\", \"n\": null}', '{\"A\": [\"1\", \"2\"]}', 0)",
            "net.http_get('http://127.0.0.1/', null, null)",
            "net.http_get(null)",
            "net.http_get('http://127.0.0.1/', timeout_milliseconds => null)",
            "net.http_get('http://127.0.0.1/', timeout_milliseconds => -1)",
            "net.http_get('http://127.0.0.1/', '[]')",
            "net.http_get('http://127.0.0.1/', '{}', '[]')",
            "net.http_get('http://127.0.0.1/', '{}', '{\"a b\": \"1\"}')",
            "net.http_get('')",
            "net.http_get('gopher://127.0.0.1/')",
            "net.http_get('http://127.0.0.1/' || repeat('x', 1000000))",
            "net.http_post('http://127.0.0.1/')",
            "net.http_post('http://127.0.0.1/', '{\"a\": [1, \"\u00e9\", null]}', '{\"p\": 1}', '{\"X\": \"1\"}', 7)",
            "net.http_post('http://127.0.0.1/', null, null, null)",
            "net.http_post('http://127.0.0.1/', '\"text\"', headers => '{\"CONTENT-TYPE\": \"application/json\"}')",
            "net.http_post('http://127.0.0.1/', headers => '{\"Content-Type\": \"text/plain\"}')",
            "net.http_post('http://127.0.0.1/', headers => '{\"Content-Type\": null}')",
            "net.http_post('http://127.0.0.1/', headers => '[1]')",
            "net.http_post('http://127.0.0.1/', (SELECT jsonb_agg(i) FROM generate_series(1, 100000) i))",
            "net.http_delete('http://127.0.0.1/')",
            "net.http_delete('http://127.0.0.1/', body => '{}')",
            "net.http_delete('http://127.0.0.1/', headers => '[1]', params => '[1]', body => '{}')",
            "net.request('http://127.0.0.1/')",
            "net.request(null)",
            "net.request('http://127.0.0.1/', '{\"a\": 1}', params => '{\"p\": \"q\"}', headers => '{\"A\": true}')",
            "net.request('http://127.0.0.1/', body_text => '\u00e9', timeout => '1.2345 s')",
            "net.request('http://127.0.0.1/', body_bytes => '\\x00ff', method => 'pAtCh', timeout => '0')",
            "net.request('http://127.0.0.1/', form => '{\"a b\": \"c&d\"}', method => 'Other', priority => 'normal')",
            "net.request('http://127.0.0.1/', '1', body_text => '2')",
            "net.request('http://127.0.0.1/', method => 'a b')",
            "net.request('http://127.0.0.1/', method => 'TRACE')",
            "net.request('http://127.0.0.1/', method => repeat('x', 1000))",
            "net.request('http://127.0.0.1/', timeout => '-1 ms')",
            "net.request('http://127.0.0.1/', timeout => '-1 year 361 days')",
            "net.request('http://127.0.0.1/', timeout => '24 days 20:31:23.647')",
            "net.request('http://127.0.0.1/', timeout => '24 days 20:31:23.648')",
            "net.request('http://127.0.0.1/', delay => '-1 s')",
            "net.request('http://127.0.0.1/', expires_after => '0')",
            "net.request('http://127.0.0.1/', delay => '1 h', expires_after => '1 h')",
            "net.request('http://127.0.0.1/', policy => 'quick', context => '{\"a\": 1}')",
            "net.request('http://127.0.0.1/', policy => 'none of these')",
            "net.request('http://127.0.0.1/', on_response => 'public.answer')",
            "net.request('http://127.0.0.1/', on_response => 'public.no_such')",
            "net.request('http://127.0.0.1/', priority => 'high')");

    /** All of a row but the id and the moments. */
    private static final String ROW =
            "SELECT string_agg((to_jsonb(q) - '{id,created,not_before,expires}'::text[])::text,"
                    + " ';' ORDER BY id) FROM net.http_request_queue q";

    @Given
    private static Session session;

    @Test
    void rowsAndErrorsAreThose() throws SQLException {
        List<String> direct = outcomes();
        List<String> byStatement = byStatement(this::outcomes);

        assertThat(direct).containsExactlyElementsOf(byStatement);
        assertThat(direct).filteredOn(outcome -> outcome.startsWith("{")).hasSize(20);
    }

    @Test
    void rowIsSeenWhenThatOfAStatementIs() throws SQLException {
        List<String> direct = sightings();
        List<String> byStatement = byStatement(this::sightings);

        assertThat(direct).containsExactlyElementsOf(byStatement);
    }

    @Test
    void policyOfTheSessionIsTheRows() throws SQLException {
        session.execute("SET pg_net.default_policy = 'quick'");
        assertThat(outcome("net.http_get('http://127.0.0.1/')")).contains("\"policy\": \"quick\"");
        session.execute("RESET pg_net.default_policy");
    }

    @Test
    void readOnlyTransactionRefusesIt() throws SQLException {
        session.execute("BEGIN READ ONLY");
        assertThatThrownBy(() -> session.query("SELECT net.http_get('http://127.0.0.1/')"))
                .isInstanceOfSatisfying(
                        PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"))
                .hasMessageContaining("cannot execute INSERT in a read-only transaction");
        session.execute("ROLLBACK");
    }

    @Test
    void statisticsCountIt() throws SQLException {
        String inserted = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relid = 'net.http_request_queue'::regclass";
        session.execute("SELECT pg_stat_force_next_flush()", "SELECT 1");
        long before = session.number(inserted);
        session.execute(
                "SELECT net.http_get('http://127.0.0.1/') FROM generate_series(1, 3)",
                "SELECT pg_stat_force_next_flush()",
                "SELECT 1");
        assertThat(session.number(inserted) - before).isEqualTo(3);
    }

    @Test
    void logicalDecodingHasIt() throws SQLException {
        session.execute("SELECT pg_create_logical_replication_slot('look', 'test_decoding')");
        session.execute("SELECT net.http_get('http://127.0.0.1/decoded')");
        assertThat(session.text("SELECT string_agg(data, ' ') FROM pg_logical_slot_get_changes('look', NULL, NULL)"))
                .contains("table net.http_request_queue: INSERT:", "'http://127.0.0.1/decoded'");
        session.execute("SELECT pg_drop_replication_slot('look')");
    }

    /** A planner puts them behind cheaper conditions, and never into a parallel worker. */
    @Test
    void plannerKnowsThemAsBefore() throws SQLException {
        assertThat(session.column(
                        "SELECT DISTINCT format('%s %s %s %s', procost, provolatile, proparallel, proisstrict)"
                                + " FROM pg_proc WHERE pronamespace = 'net'::regnamespace"
                                + " AND proname IN ('http_get', 'http_post', 'http_delete', 'request')"))
                .containsExactly("100 v u f");
    }

    private List<String> outcomes() throws SQLException {
        List<String> outcomes = new ArrayList<>();
        for (String call : CALLS) {
            outcomes.add(outcome(call));
        }
        return outcomes;
    }

    /** The row that a call leaves, or its error. */
    private static String outcome(String call) throws SQLException {
        try {
            session.execute("BEGIN", "DELETE FROM net.http_request_queue", "SELECT " + call);
            return session.text(ROW);
        } catch (PSQLException e) {
            ServerErrorMessage error = e.getServerErrorMessage();
            return String.join(
                    "|",
                    error.getSQLState(),
                    error.getMessage(),
                    String.valueOf(error.getDetail()).replaceAll("\\([0-9]+, |20\\d\\d-[^,]*,", ""),
                    String.valueOf(error.getHint()),
                    String.valueOf(error.getConstraint()),
                    String.valueOf(error.getColumn()));
        } finally {
            session.execute("ROLLBACK");
        }
    }

    /** Who sees the row when: the same statement, a function in it, the next statement, after a savepoint and TRUNCATE. */
    private List<String> sightings() throws SQLException {
        List<String> sightings = new ArrayList<>();
        session.execute("BEGIN", "DELETE FROM net.http_request_queue");
        sightings.add(session.text("SELECT call_and_look()"));
        sightings.add(session.text("SELECT call_in_sql()"));
        sightings.add(
                session.text(
                        "SELECT string_agg((n - (SELECT count(*) FROM net.http_request_queue) || ' ' || queued()), ',')"
                                + " FROM (SELECT net.http_get('http://127.0.0.1/') * 0 + queued() AS n FROM generate_series(1, 3)) c"));
        sightings.add(session.text("SELECT (net.http_get('http://127.0.0.1/') = lastval())::text"));
        session.execute("SAVEPOINT before", "SELECT net.http_get('http://127.0.0.1/')");
        sightings.add(session.text("SELECT queued()"));
        session.execute("ROLLBACK TO before");
        sightings.add(session.text("SELECT queued()"));
        session.execute("TRUNCATE net.http_request_queue", "SELECT net.http_get('http://127.0.0.1/')");
        sightings.add(session.text("SELECT queued()"));
        session.execute(
                "DECLARE calls CURSOR FOR SELECT net.http_get('http://127.0.0.1/') FROM generate_series(1, 3)",
                "FETCH 2 FROM calls");
        sightings.add(session.text("SELECT queued()"));
        session.execute("ROLLBACK");
        sightings.add(session.text("SELECT queued()"));
        return sightings;
    }

    /** Has calls insert by a statement meanwhile: an index of the owner's needs one. */
    private static List<String> byStatement(Calls calls) throws SQLException {
        assertThat(Way.of(session)).isEqualTo(Way.DIRECT);
        session.execute("CREATE INDEX mine ON net.http_request_queue (created)");
        try {
            assertThat(Way.of(session)).isEqualTo(Way.STATEMENT);
            return calls.make();
        } finally {
            session.execute("DROP INDEX net.mine");
        }
    }

    private interface Calls {
        List<String> make() throws SQLException;
    }
}
