package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.session.Session;

/** Webhooks that would be more than an expression on a table of one's own, or somebody else's. Their host is paused. */
@PgNetTest(
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE mallory LOGIN",
            "CREATE SCHEMA evil AUTHORIZATION mallory",
            "GRANT USAGE ON SCHEMA evil TO PUBLIC",
            "INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.2', true)"
        })
class HostileWebhookIT {
    private static final String URL = "http://127.0.0.2/hook";
    private static final String QUEUED = "SELECT count(*) FROM net.http_request_queue";

    @Given
    private static Session session;

    @Given(role = "alice")
    private Session alice;

    @Given(role = "mallory")
    private Session mallory;

    @BeforeEach
    void makeTables() throws SQLException {
        session.execute(
                "CREATE SCHEMA app AUTHORIZATION alice",
                "GRANT USAGE ON SCHEMA app TO PUBLIC",
                "CREATE TABLE public.who (role name, session name)",
                "GRANT ALL ON public.who TO PUBLIC");
        alice.execute(
                "CREATE TABLE app.orders (id int PRIMARY KEY, status text)", "GRANT ALL ON app.orders TO mallory");
        mallory.execute("CREATE TABLE evil.mine (id int, status text)");
    }

    @AfterEach
    void drop() throws SQLException {
        session.execute(
                "RESET ALL",
                "DROP SCHEMA app CASCADE",
                "DROP SCHEMA evil CASCADE",
                "CREATE SCHEMA evil AUTHORIZATION mallory",
                "GRANT USAGE ON SCHEMA evil TO PUBLIC",
                "DROP TABLE public.who",
                "DELETE FROM net._webhooks",
                "DELETE FROM net._secrets",
                "DELETE FROM net.http_request_queue",
                "DELETE FROM net.dead_letters");
    }

    // ---- what the worker keeps of everybody's

    @Test
    void oneRoleHasNoMoreOfThemThanTheWorkerHasRoomFor() throws SQLException {
        String insert = "INSERT INTO net._webhooks (name, owner, url, events, policy, timeout, format, strict,"
                + " for_each_row, enabled, disabled_because) SELECT 'w' || n, 'mallory', '" + URL
                + "', '{insert}', 'standard', '15 s', 'standard', false, false, false, repeat('x', %d)"
                + " FROM generate_series(%d, %d) n";
        session.execute(
                "ALTER TABLE net._webhooks DISABLE TRIGGER _check_webhook",
                insert.formatted(10, 1, 1_000),
                "ALTER TABLE net._webhooks ENABLE ALWAYS TRIGGER _check_webhook");
        assertThatThrownBy(() -> mallory.execute(insert.formatted(10, 1_001, 1_001)))
                .hasMessageContaining("1,000 webhooks")
                .extracting("SQLState")
                .isEqualTo("22023");
        alice.execute("SELECT net.create_webhook('orders', 'app.orders', '" + URL + "')");

        session.execute("DELETE FROM net._webhooks WHERE name = 'w1'");
        mallory.execute(insert.formatted(100_000, 1_001, 1_001));
        assertThat(session.number("SELECT max(length(disabled_because)) FROM net._webhooks"))
                .isEqualTo(500);
    }

    /** Whoever writes to any table that has a webhook reads those of everybody. */
    @ParameterizedTest
    @ValueSource(strings = {"1, 1|100000", "1, 50|90000"})
    void oneRolesAreNotLongerThanASessionHasRoomFor(String rows) throws SQLException {
        String[] range = rows.split("\\|");
        for (String restoring : new String[] {"on", "off"}) {
            mallory.execute("SET check_function_bodies = " + restoring);
            assertThatThrownBy(() -> mallory.execute(
                            "INSERT INTO net._webhooks (name, owner, url, events, policy, timeout, format, strict,"
                                    + " for_each_row, condition) SELECT 'w' || n, 'mallory', '" + URL
                                    + "', '{insert}', 'standard', '15 s', 'standard', false, false, repeat('x', "
                                    + range[1] + ") FROM generate_series(" + range[0] + ") n"))
                    .as(restoring)
                    .hasMessageContaining("longer than")
                    .extracting("SQLState")
                    .isEqualTo("22023");
        }
    }

    // ---- conditions

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "true) , (select 1",
                "true, true",
                "true) OR (true",
                "(true",
                "true)",
                "true --",
                "true /*",
                "true; DROP TABLE app.orders",
                "true;",
                "true FROM pg_class",
                "true WHERE true",
                "true ORDER BY 1",
                "true GROUP BY 1",
                "true HAVING true",
                "true LIMIT 1",
                "true OFFSET 0",
                "true FOR UPDATE",
                "true AS x",
                "true x",
                "true UNION SELECT true",
                "true INTO TEMP x",
                "DISTINCT true",
                "ALL true",
                "*",
                "new.*",
                "(new).*",
                "row(new.*) is null",
                "coalesce(*)",
                "concat(new.*) = ''",
                "(array[new])[1].*",
                "VALUES (true)",
                "SELECT true",
                "WITH x AS (SELECT 1) SELECT true",
                "(SELECT true)",
                "EXISTS (SELECT 1)",
                "ARRAY(SELECT 1) = '{}'",
                "new.id IN (SELECT 1)",
                "new.id = ANY (SELECT 1)",
                "CASE WHEN true THEN EXISTS (TABLE pg_authid) END",
                "count(*) > 1",
                "count(new.id) > 1",
                "sum(new.id) FILTER (WHERE true) > 1",
                "bool_and(true)",
                "percentile_cont(0.5) WITHIN GROUP (ORDER BY new.id) > 1",
                "rank() OVER () > 1",
                "sum(new.id) OVER (PARTITION BY new.id) > 1",
                "row_number() OVER w > 1",
                "generate_series(1, 2) > 1",
                "unnest('{t,f}'::boolean[])",
                "GROUPING(new.id) = 0",
                "$1",
                "new.ctid IS NULL",
                "new.tableoid = 1",
                "id = 1",
                "status IS NULL",
                "orders.id = 1",
                "app.orders.id = 1",
                "new.nothing",
                "now.id = 1",
                "new.id",
                "1",
                "'maybe'",
                "DEFAULT",
                "CURRENT OF c",
                "nosuch(new)",
                "new.id === 1"
            })
    void conditionThatIsMoreThanAnExpressionOverTheRowIsRefused(String condition) throws SQLException {
        assertThatThrownBy(() -> alice.text(
                        "SELECT net.create_webhook('orders', 'app.orders', '" + URL + "', condition => ?)", condition))
                .isInstanceOf(SQLException.class)
                .satisfies(error ->
                        assertThat(((SQLException) error).getSQLState()).matches("22023|22P02|42.*|0A000|42P20"));
        assertThat(session.number("SELECT count(*) FROM net._webhooks")).isZero();
        assertThat(session.number("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.orders'::regclass"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "(true)",
                "true /* why not */",
                "true -- \n and new.id > 0",
                "(new).id > (old).id",
                "new.status is distinct from old.status",
                "event = 'insert' and new.id between 1 and 5",
                "event in ('insert', 'update')",
                "new.id = any ('{1,2}')",
                "case when new is null then false else true end",
                "coalesce(new.status, old.status) ~ '^a'",
                "new.status::text || 'x' = 'ax'",
                "new.id operator(pg_catalog.=) 1",
                "row(new.id, new.status) = row(1, 'a')",
                "(new).id = 1",
                "greatest(new.id, old.id) = 1",
                "current_user = 'alice'",
                "not (new.status is json)",
                "null"
            })
    void expressionOverTheRowIsTaken(String condition) throws SQLException {
        if (condition.contains("json") && session.number("SHOW server_version_num") < 160000) {
            return;
        }
        assertThat(alice.text(
                        "SELECT outcome FROM net.create_webhook('orders', 'app.orders', '" + URL + "', condition => ?)",
                        condition))
                .isEqualTo("created");
    }

    @Test
    void updatedConditionIsCheckedToo() throws SQLException {
        create(alice, "");

        assertThatThrownBy(() -> alice.execute("UPDATE net.webhooks SET condition = 'true) , (select 1'"))
                .hasMessageContaining("syntax error");
        assertThatThrownBy(() -> alice.execute("UPDATE net._webhooks SET condition = 'count(*) > 1'"))
                .hasMessageContaining("aggregate");
    }

    @Test
    void conditionFindsNothingThatARolePutInTheWay() throws SQLException {
        mallory.execute(
                "CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE plpgsql AS"
                        + " 'BEGIN INSERT INTO public.who VALUES (current_user, session_user); RETURN $1; END'",
                "CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN INSERT INTO public.who VALUES (current_user, session_user); RETURN true; END'",
                "CREATE OPERATOR evil.= (leftarg = text, rightarg = text, function = evil.equal)");
        alice.execute("SET search_path = evil, pg_catalog");
        create(alice, ", condition => $$lower(new.status) = 'a'$$");

        mallory.execute("SET search_path = evil, pg_catalog", "INSERT INTO app.orders VALUES (1, 'A'), (2, 'b')");
        session.execute(
                "SET search_path = evil, pg_catalog", "INSERT INTO app.orders VALUES (3, 'A')", "RESET search_path");

        assertThat(session.number(QUEUED)).isEqualTo(2);
        assertThat(session.number("SELECT count(*) FROM public.who")).isZero();
    }

    @Test
    void conditionRunsAsTheOwnerWhoeverWrites() throws SQLException {
        alice.execute("CREATE FUNCTION app.note(app.orders) RETURNS boolean LANGUAGE plpgsql AS"
                + " 'BEGIN INSERT INTO public.who VALUES (current_user, session_user); RETURN true; END'");
        create(alice, ", condition => 'app.note(new)'");

        session.execute("INSERT INTO app.orders VALUES (1)");

        assertThat(session.column("SELECT DISTINCT role FROM public.who")).containsExactly("alice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT set_config('role', 'postgres', false)",
                "SET LOCAL ROLE postgres",
                "SET SESSION AUTHORIZATION DEFAULT",
                "RESET ROLE",
                "CREATE TEMP TABLE t ()",
                "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
                "COPY (SELECT 1) TO PROGRAM 'true'",
                "ALTER ROLE alice SUPERUSER"
            })
    void conditionCannotBecomeTheWriter(String statement) throws SQLException {
        alice.execute("CREATE FUNCTION app.escape(app.orders) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN EXECUTE $s$"
                + statement + "$s$; INSERT INTO public.who VALUES (current_user, session_user); RETURN true; END $f$");
        create(alice, ", condition => 'app.escape(new)'");

        assertThat(session.notices("INSERT INTO app.orders VALUES (1)"))
                .singleElement()
                .asString()
                .contains("webhook");

        assertThat(session.number("SELECT count(*) FROM public.who")).isZero();
        assertThat(session.text("SELECT rolsuper FROM pg_roles WHERE rolname = 'alice'"))
                .isEqualTo("f");
        assertThat(session.text("SELECT current_user")).isEqualTo("postgres");
        assertThat(session.number("SELECT count(*) FROM net.dead_letters WHERE reason = 'refused'"))
                .isEqualTo(1);
    }

    @Test
    void functionsOfTypesRunAsTheOwnerToo() throws SQLException {
        session.execute(
                "CREATE TYPE app.tag AS ENUM ('x')",
                "CREATE FUNCTION app.tag_json(app.tag) RETURNS json LANGUAGE plpgsql AS"
                        + " 'BEGIN INSERT INTO public.who VALUES (current_user, session_user); RETURN ''1''; END'",
                "CREATE CAST (app.tag AS json) WITH FUNCTION app.tag_json (app.tag)");
        alice.execute("CREATE TABLE app.tagged (t app.tag)");
        alice.text("SELECT net.create_webhook('tagged', 'app.tagged', '" + URL + "', signed => false)");

        session.execute("INSERT INTO app.tagged VALUES ('x')");

        assertThat(session.column("SELECT DISTINCT role FROM public.who")).containsExactly("alice");
    }

    @Test
    void conditionIsReadWithTheRightsOfItsOwner() throws SQLException {
        // Functions of constants are called when the expression is prepared.
        mallory.execute("CREATE FUNCTION evil.tell(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS"
                + " 'BEGIN RAISE EXCEPTION ''this is %'', current_user; END'");

        assertThatThrownBy(() -> session.query(
                        "SELECT net.create_webhook('mine', 'evil.mine', '" + URL + "', condition => 'evil.tell(1)')"))
                .hasMessageContaining("this is mallory");
        assertThatThrownBy(() -> mallory.text("SELECT net._check_webhook_parts('" + URL
                        + "', NULL, NULL, NULL, 'evil.tell(1)', 'app.orders'::regclass, 'alice'::regrole)"))
                .hasMessageContaining("permission denied to act for the owner");
    }

    // ---- other roles

    @Test
    void otherRoleCannotChangeDropOrSeeAWebhook() throws SQLException {
        create(alice, "");

        assertThat(mallory.column("SELECT name FROM net.webhooks")).isEmpty();
        assertThat(mallory.column("SELECT name FROM net._webhooks")).isEmpty();
        assertThat(mallory.column("UPDATE net.webhooks SET url = 'http://evil.example/' RETURNING name"))
                .isEmpty();
        assertThat(mallory.column("UPDATE net._webhooks SET url = 'http://evil.example/' RETURNING name"))
                .isEmpty();
        assertThatThrownBy(() -> mallory.execute("DELETE FROM net._webhooks"))
                .hasMessageContaining("permission denied");
        mallory.execute("SELECT net._forget_webhook('orders')");
        assertThat(mallory.text("SELECT net.drop_webhook('orders')")).isEqualTo("f");
        assertThatThrownBy(() -> mallory.execute("SELECT net._drop_webhook_key('webhook.orders', 'alice'::regrole)"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> mallory.execute(
                        "SELECT net._rotate_webhook_key('webhook.orders', net._new_signing_key(), now(),"
                                + " 'alice'::regrole)"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(
                        () -> mallory.execute("SELECT net._move_webhook_key('webhook.orders', 'http://evil.example/',"
                                + " 'alice'::regrole)"))
                .hasMessageContaining("permission denied");
        assertThat(session.text("SELECT url FROM net.webhooks")).isEqualTo(URL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ROW EXCLUSIVE", "SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"})
    void nobodyStopsAllByALockOfTheWebhooks(String mode) {
        assertThatThrownBy(() -> mallory.execute("BEGIN; LOCK TABLE net._webhooks IN " + mode + " MODE"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> mallory.execute("ROLLBACK; BEGIN; LOCK TABLE net.webhooks IN " + mode + " MODE"))
                .hasMessageContaining("permission denied");
    }

    @Test
    void roleThatMayWriteToATableMakesNoWebhookOnIt() throws SQLException {
        assertThatThrownBy(() -> create(mallory, "")).hasMessageContaining("must be owner of table orders");
    }

    @Test
    void rowWithoutATriggerDoesNothing() throws SQLException {
        mallory.execute(
                "INSERT INTO net._webhooks (name, owner, relation, url, events, policy, timeout, format, strict,"
                        + " for_each_row) VALUES ('spy', 'mallory', 'app.orders'::regclass, '" + URL
                        + "', '{insert}', 'none', '1 s', 'standard', false, false)");

        alice.execute("INSERT INTO app.orders VALUES (1)");

        assertThat(session.number(QUEUED)).isZero();
        assertThatThrownBy(() -> mallory.execute(
                        "INSERT INTO net._webhooks (name, owner, url, events, policy, timeout, format, strict,"
                                + " for_each_row) VALUES ('x', 'alice', '" + URL
                                + "', '{insert}', 'none', '1 s', 'standard', false, false)"))
                .hasMessageMatching("(?s).*(row-level security|permission denied).*");
    }

    @Test
    void triggerThatNamesAnothersWebhookSendsNothingAndShowsNothing() throws SQLException {
        create(alice, ", headers => '{\"X-Token\": \"s3cret\"}'");

        mallory.execute(
                "CREATE TRIGGER t AFTER INSERT ON evil.mine REFERENCING NEW TABLE AS n FOR EACH STATEMENT"
                        + " EXECUTE FUNCTION net._webhook('orders')",
                "CREATE TRIGGER r AFTER INSERT ON evil.mine FOR EACH ROW EXECUTE FUNCTION net._webhook('orders')",
                "INSERT INTO evil.mine VALUES (1, 'forged')");

        assertThat(session.number(QUEUED)).isZero();
        assertThat(mallory.column("SELECT name FROM net.webhooks")).isEmpty();
        // Nor when the table of the webhook is gone.
        alice.execute("DROP TABLE app.orders");
        mallory.execute("INSERT INTO evil.mine VALUES (2, 'forged')");
        assertThat(session.number(QUEUED)).isZero();
        assertThat(mallory.column("SELECT name FROM net._webhooks")).isEmpty();
    }

    @Test
    void triggerMadeByHandOnWhatItIsNotForIsRefusedOrHarmless() throws SQLException {
        mallory.execute("CREATE TRIGGER b BEFORE INSERT ON evil.mine FOR EACH ROW EXECUTE FUNCTION net._webhook('x')");
        assertThatThrownBy(() -> mallory.execute("INSERT INTO evil.mine VALUES (1)"))
                .hasMessageContaining("is a trigger that net.create_webhook makes");
        mallory.execute(
                "DROP TRIGGER b ON evil.mine",
                "CREATE TRIGGER s AFTER INSERT ON evil.mine FOR EACH STATEMENT EXECUTE FUNCTION net._webhook('x')");
        assertThatThrownBy(() -> mallory.execute("INSERT INTO evil.mine VALUES (1)"))
                .hasMessageContaining("is a trigger that net.create_webhook makes");
        mallory.execute(
                "DROP TRIGGER s ON evil.mine",
                "CREATE TRIGGER n AFTER INSERT ON evil.mine FOR EACH ROW EXECUTE FUNCTION net._webhook()",
                "INSERT INTO evil.mine VALUES (1)");
        assertThatThrownBy(() -> mallory.execute("SELECT net._webhook()"))
                .hasMessageMatching("(?s).*(trigger functions can only be called|is a trigger that).*");
    }

    @Test
    void tableOfAnotherOwnerIsNotEvaluatedWithItsMakersRights() throws SQLException {
        mallory.execute("CREATE FUNCTION evil.note(evil.mine) RETURNS boolean LANGUAGE plpgsql AS"
                + " 'BEGIN INSERT INTO public.who VALUES (current_user, session_user); RETURN true; END'");
        mallory.text("SELECT net.create_webhook('mine', 'evil.mine', '" + URL
                + "', signed => false, condition => 'evil.note(new)')");

        session.execute("ALTER TABLE evil.mine OWNER TO postgres", "INSERT INTO evil.mine VALUES (1)");

        assertThat(session.number("SELECT count(*) FROM public.who")).isZero();
        assertThat(session.number(QUEUED)).isZero();
    }

    @Test
    void ownerCannotBeChangedToAnother() throws SQLException {
        create(mallory, "mallorys", "evil.mine", "");

        assertThatThrownBy(() -> mallory.execute("UPDATE net._webhooks SET owner = 'alice'"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> session.execute("UPDATE net._webhooks SET owner = 'alice'"))
                .hasMessageContaining("cannot be changed");
        session.execute("UPDATE net._webhooks SET owner_oid = 'alice'::regrole, relation = 'app.orders'::regclass");
        assertThat(session.text("SELECT owner_oid::regrole || ' ' || relation::regclass FROM net._webhooks"))
                .isEqualTo("mallory evil.mine");
    }

    // ---- names

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert or delete on pg_class",
                "insert; DROP TABLE app.orders",
                "insert on app.orders execute function net._webhook() --",
                "select",
                "",
                "truncate,insert"
            })
    void eventIsOneOfFour(String event) {
        assertThatThrownBy(() -> alice.text(
                        "SELECT net.create_webhook('orders', 'app.orders', '" + URL + "', events => array[?])", event))
                .hasMessageContaining("invalid event");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a'b",
                "a\"b",
                "a;b",
                "-- x",
                "1a",
                "\u00e4",
                "a{{b}}",
                "x23456789012345678901234567890123456789012345678901234567"
            })
    void nameIsAPlainWord(String name) {
        assertThatThrownBy(() -> alice.text("SELECT net.create_webhook(?, 'app.orders', '" + URL + "')", name))
                .hasMessageContaining("the name of a webhook must have 1 to 55");
    }

    @Test
    void tablesWithQuotesInTheirNames() throws SQLException {
        session.execute("CREATE SCHEMA \"Odd'\"\"; schema\" AUTHORIZATION alice");
        alice.execute("CREATE TABLE \"Odd'\"\"; schema\".\"ta\"\"b'le; DROP TABLE app.orders; --\" (\"co\"\"l'\" int)");
        alice.text(
                "SELECT net.create_webhook('odd', '\"Odd''\"\"; schema\".\"ta\"\"b''le; DROP TABLE app.orders; --\"', '"
                        + URL + "', columns => '{\"co\\\"l''\"}', signed => false, for_each_row => false)");

        alice.execute("INSERT INTO \"Odd'\"\"; schema\".\"ta\"\"b'le; DROP TABLE app.orders; --\" VALUES (1)");

        assertThat(session.text("SELECT convert_from(body, 'UTF8')::jsonb - 'timestamp' FROM net.http_request_queue"))
                .isEqualTo("{\"data\": {\"record\": {\"co\\\"l'\": 1}, \"old_record\": null}, \"type\":"
                        + " \"Odd'\\\"; schema.ta\\\"b'le; DROP TABLE app.orders; --.insert\"}");
        alice.text("SELECT net.drop_webhook('odd')");
        session.execute("DROP SCHEMA \"Odd'\"\"; schema\" CASCADE");
    }

    @Test
    void triggerOfTheUsersIsNotReplaced() throws SQLException {
        alice.execute(
                "CREATE FUNCTION app.own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER net_webhook_insert AFTER INSERT ON app.orders FOR EACH STATEMENT EXECUTE FUNCTION"
                        + " app.own()");

        assertThatThrownBy(() -> create(alice, "")).hasMessageContaining("already exists");

        assertThat(session.text("SELECT tgfoid::regproc FROM pg_trigger WHERE tgname = 'net_webhook_insert'"))
                .isEqualTo("app.own");
    }

    // ---- what is no table

    @ParameterizedTest
    @CsvSource({
        "pg_catalog.pg_class, is a system catalog",
        "information_schema.sql_features, is a system catalog",
        "net.http_request_queue, is a table of pg_net",
        "net._http_response, is a table of pg_net",
        "net._webhooks, is a table of pg_net",
        "net.webhooks, is a view",
        "app.shown, is a view",
        "app.kept, is a materialized view",
        "app.far, is a foreign table",
        "app.part, is a partition",
        "app.counter, is a sequence",
        "app.pair, is a composite type",
        "short_lived, is a temporary table",
        "app.orders_pkey, is an index"
    })
    void webhookOnWhatIsNoTableIsRefused(String name, String problem) throws SQLException {
        session.execute(
                "CREATE VIEW app.shown AS SELECT 1 AS id",
                "CREATE MATERIALIZED VIEW app.kept AS SELECT 1 AS id",
                "CREATE SEQUENCE app.counter",
                "CREATE TYPE app.pair AS (a int)",
                "CREATE TABLE app.parent (id int) PARTITION BY LIST (id)",
                "CREATE TABLE app.part PARTITION OF app.parent DEFAULT",
                "CREATE TEMP TABLE IF NOT EXISTS short_lived (id int)",
                "CREATE FOREIGN DATA WRAPPER nothing",
                "CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing",
                "CREATE FOREIGN TABLE app.far (id int) SERVER nowhere");
        try {
            assertThatThrownBy(() -> session.text("SELECT net.create_webhook('x', ?::regclass, '" + URL + "')", name))
                    .hasMessageContaining(problem);
        } finally {
            session.execute("DROP FOREIGN DATA WRAPPER nothing CASCADE");
        }
    }

    @Test
    void partitionMayHaveAWebhookForEachRow() throws SQLException {
        alice.execute(
                "CREATE TABLE app.parent (id int) PARTITION BY LIST (id)",
                "CREATE TABLE app.part PARTITION OF app.parent DEFAULT");
        create(alice, "part", "app.part", ", for_each_row => true");

        alice.execute("INSERT INTO app.parent VALUES (1)");

        assertThat(session.text("SELECT convert_from(body, 'UTF8')::jsonb ->> 'type' FROM net.http_request_queue"))
                .isEqualTo("app.part.insert");
    }

    /** PostgreSQL fails a statement that writes to a foreign child of a table with transition tables. */
    @Test
    void tableWithForeignChildrenHasAWebhookForEachRow() throws SQLException {
        session.execute(
                "CREATE FOREIGN DATA WRAPPER nothing",
                "CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing",
                "GRANT USAGE ON FOREIGN SERVER nowhere TO alice");
        try {
            alice.execute(
                    "CREATE TABLE app.parent (id int) PARTITION BY LIST (id)",
                    "CREATE TABLE app.near PARTITION OF app.parent FOR VALUES IN (1, 2) PARTITION BY LIST (id)",
                    "CREATE TABLE app.here PARTITION OF app.near FOR VALUES IN (1)",
                    "CREATE FOREIGN TABLE app.far PARTITION OF app.near FOR VALUES IN (2) SERVER nowhere");
            assertThatThrownBy(() -> create(alice, "parent", "app.parent", ""))
                    .hasMessageContaining("\"parent\" has children that are foreign tables");

            create(alice, "parent", "app.parent", ", for_each_row => true");
            alice.execute("INSERT INTO app.parent VALUES (1)");

            assertThat(session.number(QUEUED)).isEqualTo(1);
        } finally {
            session.execute("DROP FOREIGN DATA WRAPPER nothing CASCADE");
        }
    }

    // ---- tables that change

    @Test
    void partitionsThatAreAttachedCountAndThoseDetachedDoNot() throws SQLException {
        alice.execute(
                "CREATE TABLE app.parent (id int) PARTITION BY LIST (id)",
                "CREATE TABLE app.statements (id int) PARTITION BY LIST (id)",
                "CREATE TABLE app.one (id int)",
                "CREATE TABLE app.other (id int)");
        create(alice, "rows", "app.parent", ", for_each_row => true");
        create(alice, "statements", "app.statements", "");
        alice.execute("INSERT INTO app.one VALUES (1)");
        assertThat(session.number(QUEUED)).isZero();

        alice.execute(
                "ALTER TABLE app.parent ATTACH PARTITION app.one FOR VALUES IN (1)",
                "ALTER TABLE app.statements ATTACH PARTITION app.other FOR VALUES IN (1)",
                "INSERT INTO app.one VALUES (1)",
                "INSERT INTO app.parent VALUES (1)",
                "INSERT INTO app.statements VALUES (1)");
        assertThat(session.column("SELECT convert_from(body, 'UTF8')::jsonb ->> 'type' FROM net.http_request_queue"
                        + " ORDER BY id"))
                .containsExactly("app.parent.insert", "app.parent.insert", "app.statements.insert");

        alice.execute(
                "ALTER TABLE app.parent DETACH PARTITION app.one",
                "ALTER TABLE app.statements DETACH PARTITION app.other",
                "INSERT INTO app.one VALUES (1)",
                "INSERT INTO app.other VALUES (1)");
        assertThat(session.number(QUEUED)).isEqualTo(3);
        assertThat(session.number("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.one'::regclass"))
                .isZero();
    }

    /** It goes on by itself, for the statements on it. */
    @Test
    void tableWithAWebhookThatBecomesAPartitionSendsItsOwnStatements() throws SQLException {
        long version = session.number("SELECT current_setting('server_version_num')::int");
        assumeTrue(
                version < 160000 || version > 160002, "PostgreSQL 16.2 attaches no table whose triggers see all rows");
        alice.execute("CREATE TABLE app.parent (LIKE app.orders) PARTITION BY LIST (id)");
        create(alice, "");
        alice.execute("ALTER TABLE app.parent ATTACH PARTITION app.orders FOR VALUES IN (1, 2)");

        alice.execute("INSERT INTO app.orders VALUES (1)", "INSERT INTO app.parent VALUES (2)");

        assertThat(session.column("SELECT convert_from(body, 'UTF8')::jsonb ->> 'type' FROM net.http_request_queue"))
                .containsExactly("app.orders.insert");
    }

    @Test
    void conditionOverAColumnThatIsRenamedOrChangedRefusesRowsAndNotTheStatement() throws SQLException {
        create(alice, ", condition => 'new.id > 1', columns => '{id}'");
        alice.execute("ALTER TABLE app.orders RENAME COLUMN id TO number");

        assertThat(alice.notices("INSERT INTO app.orders VALUES (2)"))
                .singleElement()
                .asString()
                .contains("webhook \"orders\" could not be evaluated for 1 row", "id");
        assertThatThrownBy(() -> alice.execute("UPDATE net.webhooks SET condition = 'new.number > 1'"))
                .hasMessageContaining("has no column \"id\"");
        alice.execute("UPDATE net.webhooks SET condition = 'new.number > 1', columns = '{number}'");
        alice.execute("INSERT INTO app.orders VALUES (3)");
        assertThat(session.number(QUEUED)).isEqualTo(1);

        alice.execute("ALTER TABLE app.orders ALTER COLUMN number TYPE text");
        assertThat(alice.notices("INSERT INTO app.orders VALUES ('4')"))
                .singleElement()
                .asString()
                .contains("operator does not exist: text > integer");
        assertThat(session.number("SELECT count(*) FROM net.dead_letters WHERE reason = 'refused'"))
                .isEqualTo(2);
    }

    @Test
    void writesThroughViewsSetItOffOnce() throws SQLException {
        alice.execute(
                "CREATE VIEW app.simple AS SELECT * FROM app.orders",
                "CREATE VIEW app.instead AS SELECT id FROM app.orders",
                "CREATE FUNCTION app.write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
                        + " 'BEGIN INSERT INTO app.orders (id) VALUES (NEW.id); RETURN NEW; END'",
                "CREATE TRIGGER w INSTEAD OF INSERT ON app.instead FOR EACH ROW EXECUTE FUNCTION app.write()",
                "GRANT INSERT ON app.simple, app.instead TO mallory");
        create(alice, "");

        mallory.execute("INSERT INTO app.simple VALUES (1)", "INSERT INTO app.instead VALUES (2)");

        assertThat(session.column("SELECT owner::regrole FROM net.http_request_queue"))
                .containsExactly("alice", "alice");
        assertThatThrownBy(() -> create(alice, "view", "app.instead", "")).hasMessageContaining("is a view");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://127.0.0.2/", "nothing", "http://", "http://127.0.0.2:99999/"})
    void urlThatCannotBeSentToIsRefused(String url) {
        assertThatThrownBy(() -> alice.text("SELECT net.create_webhook('orders', 'app.orders', ?)", url))
                .isInstanceOf(SQLException.class);
    }

    private static void create(Session as, String more) throws SQLException {
        create(as, "orders", "app.orders", more);
    }

    private static void create(Session as, String name, String table, String more) throws SQLException {
        as.text("SELECT net.create_webhook('" + name + "', '" + table + "', '" + URL + "', signed => false" + more
                + ")");
    }
}
