package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.sql.SQLException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** What stands beside a response, in net._response_detail: it comes and goes with it, and says who may see it. */
@PgNetTest(
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE bob LOGIN",
            "CREATE ROLE carol LOGIN IN ROLE alice",
            "CREATE ROLE dave LOGIN NOINHERIT IN ROLE alice",
            "CREATE ROLE keeper LOGIN",
            "CREATE ROLE auditor LOGIN BYPASSRLS"
        },
        cluster = Sharing.WITH_NONE)
class ResponseDetailIT {
    private static final String RESPONSES = "SELECT count(*) FROM net._http_response";
    private static final String DETAILS = "SELECT count(*) FROM net._response_detail";

    /** Alice's and bob's in turn; nothing stands beside each tenth response, and some ids have no response. */
    private static final String MANY_DETAILS = "INSERT INTO net._response_detail (id, owner)"
            + " SELECT n - 40000, (CASE n % 3 WHEN 0 THEN 'bob' ELSE 'alice' END)::regrole"
            + " FROM generate_series(1, 30000) n WHERE n % 10 > 0";

    private static final String MANY_RESPONSES = "INSERT INTO net._http_response (id, status_code)"
            + " SELECT n - 40000, n % 7 FROM generate_series(1, 30000) n WHERE n % 11 > 0";

    /** How many of these alice sees. */
    private static final int OF_ALICE = (int) IntStream.rangeClosed(1, 30_000)
            .filter(n -> n % 10 > 0 && n % 11 > 0 && n % 3 > 0)
            .count();

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session superuser;

    @Given(role = "alice")
    private static Session alice;

    @Given(role = "bob")
    private static Session bob;

    @AfterEach
    void empty() throws SQLException {
        superuser.execute("TRUNCATE net._http_response");
    }

    @Test
    void responseIsSeenByItsRoleAndMembersWithItsRights() throws SQLException {
        long id = answered(alice);

        assertSees("alice", id, true);
        assertSees("carol", id, true);
        assertSees("postgres", id, true);
        assertSees("bob", id, false);
        assertSees("dave", id, false);
        assertSees("keeper", id, false);
    }

    @Test
    void viewShowsWhatIsKnown() throws SQLException {
        superuser.execute(
                "CREATE FUNCTION public.ignore(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS ''");
        long id = alice.number("SELECT net.request('" + server.url("/get")
                + "', on_response => 'public.ignore', context => '{\"document\": 7}')");
        alice.collect(id);

        assertThat(alice.query("SELECT concat_ws('|', status_code, owner::regrole, method, url, attempts,"
                        + " duration > '0', timed_out, created > now() - interval '1 minute', body, context)"
                        + " FROM net.responses WHERE id = " + id))
                .contains("200|alice|GET|" + server.url("/get") + "|1|t|f|t|{\"document\": 7}");
    }

    @Test
    void responseThatNothingStandsBesideIsSeenByTheTablesOwnerAlone() throws SQLException {
        long id = answered(alice);
        superuser.execute("DELETE FROM net._response_detail");

        assertSees("postgres", id, true);
        assertSees("alice", id, false);
        assertSees("carol", id, false);

        superuser.execute("INSERT INTO net._response_detail (id) VALUES (" + id + ")");
        assertSees("postgres", id, true);
        assertSees("alice", id, false);
    }

    @Test
    void ownerWhoIsHeldToThePolicySeesItsRowsAndThoseThatNothingStandsBeside() throws SQLException {
        long id = answered(alice);
        superuser.execute(
                "INSERT INTO net._http_response (id) VALUES (-1)",
                "ALTER TABLE net._http_response OWNER TO keeper",
                "ALTER TABLE net._http_response FORCE ROW LEVEL SECURITY");
        try {
            assertThat(superuser.text(
                            "SELECT relowner::regrole FROM pg_class WHERE oid = 'net._response_detail'::regclass"))
                    .isEqualTo("keeper");
            assertSees("keeper", -1, true);
            assertSees("keeper", id, false);
            assertSees("alice", id, true);
            assertSees("alice", -1, false);
            assertSees("postgres", id, true);
        } finally {
            superuser.execute(
                    "ALTER TABLE net._http_response NO FORCE ROW LEVEL SECURITY",
                    "ALTER TABLE net._http_response OWNER TO postgres");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE net._response_detail RENAME TO away | ALTER TABLE net.away RENAME TO _response_detail",
                "ALTER TABLE net._response_detail ALTER owner TYPE text"
                        + " | ALTER TABLE net._response_detail ALTER owner TYPE oid USING owner::oid",
                "ALTER TABLE net._response_detail DROP CONSTRAINT _response_detail_pkey"
                        + " | ALTER TABLE net._response_detail ADD PRIMARY KEY (id)",
                "ALTER TABLE net._response_detail DROP CONSTRAINT _response_detail_pkey, ADD PRIMARY KEY (id, owner)"
                        + " | ALTER TABLE net._response_detail DROP CONSTRAINT _response_detail_pkey,"
                        + " ADD PRIMARY KEY (id), ALTER owner DROP NOT NULL"
            })
    void nobodyButASuperuserSeesAResponseWhenTheTableIsNotAsItWas(String change) throws SQLException {
        long id = answered(alice);
        String[] statements = change.split(" [|] ");
        EmptiedViews views = new EmptiedViews(superuser);
        superuser.execute(statements[0]);
        try {
            assertThat(alice.number(RESPONSES)).isZero();
            assertThat(superuser.number(RESPONSES)).isEqualTo(1);
        } finally {
            superuser.execute(statements[1]);
            views.giveBack();
        }
        assertSees("alice", id, true);
    }

    @Test
    void whoSeesAllResponsesSeesWhatStandsBesideThem() throws SQLException {
        long id = answered(alice);
        try (Session auditor = cluster.session("postgres", "auditor")) {
            assertThat(auditor.text("SELECT method FROM net.responses WHERE id = ?", id))
                    .isEqualTo("GET");
            assertThatThrownBy(() -> auditor.number(DETAILS)).hasMessageContaining("permission denied");
        }
    }

    @Test
    void parallelQueryShowsTheSameRows() throws SQLException {
        superuser.execute(MANY_DETAILS, MANY_RESPONSES, "ANALYZE net._http_response, net._response_detail");
        try (Session session = cluster.session("postgres", "alice")) {
            session.execute(
                    "SET parallel_setup_cost = 0",
                    "SET parallel_tuple_cost = 0",
                    "SET min_parallel_table_scan_size = 0",
                    "SET enable_indexonlyscan = off");

            assertThat(String.join("\n", session.column("EXPLAIN (ANALYZE, COSTS off) " + RESPONSES)))
                    .containsPattern("Workers Launched: [1-9]")
                    .contains("_may_see");
            assertThat(session.number(RESPONSES)).isEqualTo(OF_ALICE);
            assertThat(session.number("SELECT count(*) FROM net.responses")).isEqualTo(OF_ALICE);
        }
    }

    /** In whatever order the function of the policy is asked, and whatever it has read ahead. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ORDER BY id",
                " ORDER BY id DESC",
                " ORDER BY status_code, id",
                " ORDER BY md5(id::text)",
            })
    void everyOrderShowsTheSameRows(String order) throws SQLException {
        superuser.execute(MANY_DETAILS, MANY_RESPONSES, "ANALYZE net._http_response, net._response_detail");
        String asked =
                "SELECT count(*) FILTER (WHERE net._may_see(id)) FROM (SELECT id FROM generate_series(-39999, -10000)"
                        + " n (id) CROSS JOIN LATERAL (SELECT (id + 40000) % 7 AS status_code) s WHERE (id + 40000) % 11 > 0"
                        + order + " OFFSET 0) r";

        assertThat(alice.number(asked)).isEqualTo(OF_ALICE);
        assertThat(alice.number("SELECT count(*) FROM (SELECT FROM net._http_response" + order + ") r"))
                .isEqualTo(OF_ALICE);
    }

    /** An expression of PL/pgSQL is prepared once in a transaction, which changes what it reads. */
    @Test
    void answerIsThatOfTheSnapshot() throws SQLException {
        superuser.execute("CREATE TABLE answer (n serial, sees boolean)", "GRANT ALL ON answer, answer_n_seq TO alice");
        superuser.execute("DO $$ DECLARE sees boolean; owners text[] := '{alice,bob,alice,none}'; BEGIN"
                + " FOR i IN 1 .. 4 LOOP"
                + "   DELETE FROM net._response_detail;"
                + "   IF owners[i] <> 'none' THEN"
                + "     INSERT INTO net._response_detail (id, owner) SELECT n, owners[i]::regrole"
                + "       FROM generate_series(1, 5) n;"
                + "   END IF;"
                + "   PERFORM set_config('role', 'alice', true);"
                + "   FOR id IN 1 .. 5 LOOP sees := net._may_see(id); END LOOP;"
                + "   INSERT INTO public.answer (sees) VALUES (sees);"
                + "   PERFORM set_config('role', 'none', true);"
                + " END LOOP; DELETE FROM net._response_detail; END $$");

        assertThat(superuser.column("SELECT sees FROM answer ORDER BY n")).containsExactly("t", "f", "t", "f");
        superuser.execute("DROP TABLE answer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT id FROM net._response_detail",
                "INSERT INTO net._response_detail (id) VALUES (1)",
                "UPDATE net._response_detail SET owner = 'bob'::regrole",
                "DELETE FROM net._response_detail",
                "TRUNCATE net._response_detail",
                "UPDATE net.responses SET content = ''",
                "DELETE FROM net.responses"
            })
    void plainRoleMayNot(String statement) throws SQLException {
        answered(bob);

        assertThatThrownBy(() -> bob.execute(statement))
                .asInstanceOf(type(SQLException.class))
                .satisfies(e -> assertThat(e.getSQLState()).isIn("42501", "55000"));
        assertThat(superuser.number(DETAILS)).isEqualTo(1);
    }

    @Test
    void functionOfThePolicySaysNoMoreThanThePolicy() throws SQLException {
        long id = answered(alice);

        assertThat(alice.query("SELECT net._may_see(" + id + ")")).contains("t");
        assertThat(bob.column("SELECT net._may_see(id) FROM (VALUES (" + id + "::bigint), (-1), (NULL)) v (id)"))
                .containsExactly("f", "f", null);
    }

    @Test
    void roleThatMayDeleteDeletesItsResponsesWithWhatStandsBeside() throws SQLException {
        long id = answered(alice);
        answered(bob);
        superuser.execute("GRANT DELETE ON net._http_response TO bob");

        bob.execute("DELETE FROM net._http_response");

        superuser.execute("REVOKE DELETE ON net._http_response FROM bob");
        assertThat(superuser.column("SELECT id FROM net._response_detail")).containsExactly("" + id);
        assertSees("alice", id, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM net._http_response",
                "DELETE FROM net._http_response WHERE id IN (SELECT id FROM net._http_response LIMIT 2)",
                "SET session_replication_role = replica; DELETE FROM net._http_response;"
                        + " RESET session_replication_role",
                "TRUNCATE net._http_response",
                "TRUNCATE net._response_detail",
                "TRUNCATE net._response_detail, net._http_response",
                "TRUNCATE net.http_request_queue, net._http_response RESTART IDENTITY",
                "SET session_replication_role = replica; TRUNCATE net._response_detail; RESET session_replication_role"
            })
    void neitherStaysWithoutTheOther(String statement) throws SQLException {
        answered(alice);
        answered(bob);

        superuser.execute(statement);

        assertThat(superuser.number(RESPONSES)).isZero();
        assertThat(superuser.number(DETAILS)).isZero();
        assertSees("alice", answered(alice), true);
    }

    @Test
    void expiredResponseTakesAlongWhatStandsBeside() throws SQLException {
        answered(alice);
        superuser.execute("ALTER SYSTEM SET pg_net.ttl = '1 second'", "SELECT pg_reload_conf()");
        try {
            superuser.await(RESPONSES, 0);
            assertThat(superuser.number(DETAILS)).isZero();
        } finally {
            superuser.execute("ALTER SYSTEM RESET pg_net.ttl", "SELECT pg_reload_conf()");
        }
    }

    /** Neither when the trigger itself says no, nor when it is left out after an error. */
    @Test
    void responseThatATriggerLeavesOutHasNothingBeside() throws SQLException {
        superuser.execute(
                "CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF new.content LIKE '%left out%' THEN RETURN NULL; END IF; RETURN new; END $$",
                "CREATE TRIGGER veto BEFORE INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION veto()");
        superuser.execute("SELECT net.http_post('" + server.url("/post") + "', jsonb_build_object('a', what))"
                + " FROM unnest('{kept,left out,kept}'::text[]) what");

        superuser.await("SELECT count(*) FROM net.http_request_queue", 0);

        superuser.execute("DROP FUNCTION veto CASCADE");
        assertThat(superuser.number(RESPONSES)).isEqualTo(2);
        assertThat(superuser.number(DETAILS)).isEqualTo(2);
    }

    /** What is stored without a statement is stored with one when the table's owner has put something on it. */
    @Test
    void triggerOnTheTableRuns() throws SQLException {
        superuser.execute(
                "CREATE TABLE noted (url text)",
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " INSERT INTO public.noted VALUES (new.url); RETURN new; END $$",
                "CREATE TRIGGER note AFTER INSERT ON net._response_detail FOR EACH ROW EXECUTE FUNCTION note()",
                "CREATE INDEX by_url ON net._response_detail (url)");

        long id = answered(alice);

        assertThat(superuser.column("SELECT url FROM noted")).containsExactly(server.url("/get"));
        superuser.execute("DROP FUNCTION note CASCADE", "DROP TABLE noted", "SET enable_seqscan = off");
        assertThat(superuser.column("SELECT id FROM net._response_detail WHERE url = '" + server.url("/get") + "'"))
                .containsExactly("" + id);
        superuser.execute("DROP INDEX net.by_url", "RESET enable_seqscan");
    }

    private static long answered(Session session) throws SQLException {
        long id = session.get(server.url("/get"));
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        return id;
    }

    private static void assertSees(String role, long id, boolean sees) throws SQLException {
        try (Session session = cluster.session("postgres", role)) {
            for (String table : new String[] {"net._http_response", "net.responses"}) {
                assertThat(session.number("SELECT count(*) FROM " + table + " WHERE id = " + id))
                        .as("rows of %s that %s sees", table, role)
                        .isEqualTo(sees ? 1 : 0);
            }
        }
    }
}
