package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.session.Session;

/** What webhooks make of statements, of every kind and on tables of every kind. Their host is paused, so requests stay. */
@PgNetTest(
        sql = {
            "CREATE ROLE alice LOGIN",
            "CREATE ROLE bob LOGIN",
            "CREATE ROLE writer LOGIN",
            "CREATE ROLE deputy LOGIN",
            "GRANT alice TO deputy",
            "INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.2', true)"
        })
class WebhookIT {
    private static final String URL = "http://127.0.0.2/hook";

    /** type, new row, old row: what the format standard says of each request. */
    private static final String EVENTS =
            "SELECT concat_ws(' ', b ->> 'type', b #>> '{data,record}', '<-', b #>> '{data,old_record}') FROM"
                    + " (SELECT id, convert_from(body, 'UTF8')::jsonb FROM net.http_request_queue) q (id, b) ORDER BY id";

    @Given
    private static Session session;

    @Given(role = "alice")
    private Session alice;

    @Given(role = "bob")
    private Session bob;

    @Given(role = "deputy")
    private Session deputy;

    @Given(role = "writer")
    private Session writer;

    @BeforeEach
    void makeSchema() throws SQLException {
        session.execute("CREATE SCHEMA app AUTHORIZATION alice", "GRANT USAGE ON SCHEMA app TO PUBLIC");
        alice.execute(
                "CREATE TABLE app.orders (id int PRIMARY KEY, status text, total numeric)",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON app.orders TO writer");
    }

    @AfterEach
    void drop() throws SQLException {
        session.execute(
                "DROP SCHEMA IF EXISTS app CASCADE",
                "DROP SCHEMA IF EXISTS elsewhere CASCADE",
                "DROP SCHEMA IF EXISTS supabase_functions CASCADE",
                "DELETE FROM net._webhooks",
                "DELETE FROM net._secrets",
                "DELETE FROM net.http_request_queue",
                "DELETE FROM net.dead_letters",
                "DELETE FROM net.policies WHERE name NOT IN ('none', 'quick', 'standard')");
    }

    // ---- making, changing and dropping

    @Test
    void madeWebhookReturnsItsKeyOnce() throws SQLException {
        assertThat(create(alice, "")).matches("created whsec_[A-Za-z0-9+/]{43}=");
        assertThat(create(alice, "")).isEqualTo("unchanged");
        assertThat(alice.text(
                        "SELECT concat_ws(' ', hosts, owner::regrole) FROM net.secrets WHERE name = 'webhook.orders'"))
                .isEqualTo("{http://127.0.0.2:80} alice");
    }

    @Test
    void webhookIsShownToMembersOfItsOwnerAlone() throws SQLException {
        create(alice, "");

        String shown =
                "SELECT concat_ws(' ', name, table_name, owner, url, events, policy, timeout, format, secret, strict,"
                        + " for_each_row, enabled, disabled_because) FROM net.webhooks";
        assertThat(alice.column(shown))
                .containsExactly("orders app.orders alice " + URL
                        + " {insert,update,delete} standard 00:00:15 standard webhook.orders f f t");
        assertThat(deputy.column(shown)).hasSize(1);
        assertThat(bob.column(shown)).isEmpty();
    }

    @Test
    void sameNameAgainChangesTheWebhook() throws SQLException {
        create(alice, "");

        assertThat(create(alice, ", events => '{delete}', columns => null")).isEqualTo("changed");
        assertThat(create(alice, ", events => '{DELETE}'")).isEqualTo("unchanged");
        assertThat(create(deputy, ", events => '{delete}'")).isEqualTo("unchanged");

        writer.execute("INSERT INTO app.orders VALUES (1)", "DELETE FROM app.orders");
        assertThat(session.column(EVENTS)).hasSize(1);
        assertThat(alice.column("SELECT tgname FROM pg_trigger WHERE tgrelid = 'app.orders'::regclass"))
                .containsExactly("net_webhook_delete");
    }

    @Test
    void eachArgumentThatDiffersIsAChange() throws SQLException {
        create(alice, ", signed => false");

        for (String argument : List.of(
                "condition => 'true'",
                "columns => '{status}'",
                "policy => 'quick'",
                "format => 'supabase'",
                "headers => '{\"X-A\": \"b\"}'",
                "strict => true",
                "timeout => '3 s'",
                "for_each_row => true")) {
            assertThat(create(alice, ", signed => false, " + argument)).isEqualTo("changed");
            assertThat(create(alice, ", signed => false, " + argument)).isEqualTo("unchanged");
        }
        assertThat(create(alice, "")).startsWith("changed whsec_");
        assertThat(create(alice, ", signed => false")).isEqualTo("changed");
        assertThat(alice.column("SELECT name FROM net.secrets")).isEmpty();
    }

    @Test
    void nameOfAnotherRolesWebhookIsRefused() throws SQLException {
        create(alice, "");
        session.execute("CREATE SCHEMA elsewhere AUTHORIZATION bob");
        bob.execute("CREATE TABLE elsewhere.t (id int)");

        assertThatThrownBy(() -> bob.text("SELECT net.create_webhook('orders', 'elsewhere.t', '" + URL + "')"))
                .hasMessageContaining("belongs to another role");
    }

    @Test
    void webhookMovesToAnotherTableOfItsOwner() throws SQLException {
        create(alice, "");
        alice.execute("CREATE TABLE app.other (id int)");

        assertThat(alice.text("SELECT concat_ws(' ', outcome, new_key) FROM net.create_webhook('orders', 'app.other', '"
                        + URL + "')"))
                .isEqualTo("changed");

        alice.execute("INSERT INTO app.orders VALUES (1)", "INSERT INTO app.other VALUES (2)");
        assertThat(session.column(EVENTS)).containsExactly("app.other.insert {\"id\": 2} <-");
    }

    @Test
    void droppedWebhookLeavesNothing() throws SQLException {
        create(alice, "");

        assertThat(alice.text("SELECT net.drop_webhook('orders')")).isEqualTo("t");
        assertThat(alice.text("SELECT net.drop_webhook('orders')")).isEqualTo("f");

        assertThat(alice.number("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.orders'::regclass"))
                .isZero();
        assertThat(alice.column("SELECT name FROM net.secrets")).isEmpty();
        assertThat(session.number("SELECT count(*) FROM net._webhooks")).isZero();
    }

    @Test
    void severalWebhooksShareATrigger() throws SQLException {
        create(alice, "");
        alice.text("SELECT net.create_webhook('audit', 'app.orders', '" + URL
                + "', events => '{insert}', signed => false)");

        writer.execute("INSERT INTO app.orders VALUES (1), (2)");

        assertThat(session.column("SELECT webhook || count(*) FROM net.http_request_queue GROUP BY webhook ORDER BY 1"))
                .containsExactly("audit2", "orders2");
        assertThat(alice.text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'net_webhook_insert'"))
                .endsWith("EXECUTE FUNCTION net._webhook('orders', 'audit')");
        alice.text("SELECT net.drop_webhook('orders')");
        writer.execute("INSERT INTO app.orders VALUES (3)");
        assertThat(session.column("SELECT webhook || count(*) FROM net.http_request_queue GROUP BY webhook"))
                .containsExactly("audit3");
    }

    @Test
    void testSendsARequestWithoutARow() throws SQLException {
        create(alice, "");

        long id = deputy.number("SELECT net.test_webhook('orders')");

        assertThat(session.text(
                        "SELECT concat_ws(' ', id, owner::regrole, webhook, sign_with) FROM net.http_request_queue"))
                .isEqualTo(id + " alice orders webhook.orders");
        assertThat(session.column(EVENTS)).containsExactly("app.orders.test <-");
        assertThatThrownBy(() -> bob.number("SELECT net.test_webhook('orders')"))
                .hasMessageContaining("does not exist");
    }

    @Test
    void rotatedSecretHasBothKeysForAWhile() throws SQLException {
        String first = create(alice, "").split(" ")[1];

        String second = alice.text("SELECT net.rotate_webhook_secret('orders')");

        assertThat(second).startsWith("whsec_").isNotEqualTo(first);
        assertThat(session.column(
                        "SELECT convert_from(value, 'UTF8') || CASE WHEN until > now() + interval '23 hours 59 min'"
                                + " AND until < now() + interval '24 hours 1 min' THEN ' for a day' ELSE '' END"
                                + " FROM net._secret_keys ORDER BY until"))
                .containsExactly(first + " for a day", second);
        assertThatThrownBy(() -> bob.text("SELECT net.rotate_webhook_secret('orders')"))
                .hasMessageContaining("does not exist");
    }

    @Test
    void secretOfOnesOwnSignsAndIsNotRotatedHere() throws SQLException {
        alice.execute("SELECT net.set_secret('mine', 'whsec_' || encode(decode(repeat('ab', 32), 'hex'), 'base64'),"
                + " hosts => '{http://127.0.0.2}')");

        assertThat(create(alice, ", secret => 'mine'")).isEqualTo("created");

        writer.execute("INSERT INTO app.orders VALUES (1)");
        assertThat(session.text("SELECT sign_with FROM net.http_request_queue")).isEqualTo("mine");
        assertThatThrownBy(() -> alice.text("SELECT net.rotate_webhook_secret('orders')"))
                .hasMessageContaining("is signed with secret \"mine\"");
        assertThat(alice.text("SELECT net.drop_webhook('orders')")).isEqualTo("t");
        assertThat(alice.column("SELECT name FROM net.secrets")).containsExactly("mine");
    }

    @Test
    void secretsInUrlAndHeadersAreNamedInTheRequest() throws SQLException {
        alice.execute("SELECT net.set_secret('token', 'x', hosts => '{http://127.0.0.2}')");
        create(
                alice,
                ", signed => false, headers => '{\"Authorization\": \"Bearer {{token}}\", \"X-Braces\": \"{{{{a}}\"}'");

        writer.execute("INSERT INTO app.orders VALUES (1)");

        assertThat(session.text("SELECT concat_ws(' ', secrets, headers ->> 'Authorization', headers ->> 'X-Braces')"
                        + " FROM net.http_request_queue"))
                .isEqualTo("{token} Bearer {{token}} {{a}}");
    }

    // ---- rows of net.webhooks

    @Test
    void sevenColumnsCanBeUpdated() throws SQLException {
        create(alice, "");

        alice.execute(
                "UPDATE net.webhooks SET url = 'http://127.0.0.2:81/other', condition = 'new.id > 1', columns = '{total}',"
                        + " headers = '{\"A\": \"b\"}', policy = 'quick', timeout = '2 s', enabled = true WHERE name = 'orders'");

        writer.execute("INSERT INTO app.orders VALUES (1), (2)");
        assertThat(session.column("SELECT concat_ws(' ', url, headers ->> 'A', policy, timeout_milliseconds)"
                        + " FROM net.http_request_queue"))
                .containsExactly("http://127.0.0.2:81/other b quick 2000");
        assertThat(alice.text("SELECT hosts::text FROM net.secrets")).isEqualTo("{http://127.0.0.2:81}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name = 'x'",
                "owner = 'bob'",
                "events = '{insert}'",
                "format = 'supabase'",
                "secret = 'x'",
                "strict = true",
                "for_each_row = true",
                "disabled_because = 'x'",
                "created = now()",
                "table_name = 'x'"
            })
    void otherColumnsCannot(String change) throws SQLException {
        create(alice, "");

        assertThatThrownBy(() -> alice.execute("UPDATE net.webhooks SET " + change))
                .hasMessageMatching("(?s).*(permission denied|cannot be updated|cannot update).*");
    }

    @Test
    void disabledWebhookMakesNoRequestsAndSaysWhy() throws SQLException {
        create(alice, "");

        alice.execute("UPDATE net.webhooks SET enabled = false");

        writer.execute("INSERT INTO app.orders VALUES (1)");
        assertThat(session.column(EVENTS)).isEmpty();
        assertThat(alice.text("SELECT disabled_because FROM net.webhooks"))
                .startsWith("disabled by role \"alice\" at 20");
        assertThat(create(alice, "")).isEqualTo("unchanged");
        alice.execute("UPDATE net.webhooks SET enabled = true");
        writer.execute("INSERT INTO app.orders VALUES (2)");
        assertThat(session.column(EVENTS)).hasSize(1);
        assertThat(alice.query("SELECT disabled_because FROM net.webhooks")).isEmpty();
    }

    @Test
    void changeHoldsInItsOwnTransactionAndGoesWithIt() throws SQLException {
        create(alice, "");

        alice.execute(
                "BEGIN",
                "UPDATE net.webhooks SET enabled = false",
                "INSERT INTO app.orders VALUES (1)",
                "ROLLBACK",
                "INSERT INTO app.orders VALUES (2)");

        assertThat(session.column(EVENTS)).hasSize(1);
    }

    // ---- what is sent

    @Test
    void requestsAreTheOwnersWhoeverWrites() throws SQLException {
        create(alice, "");

        writer.execute("INSERT INTO app.orders VALUES (1)");

        assertThat(session.text(
                        "SELECT concat_ws(' ', method, url, owner::regrole, policy, timeout_milliseconds, sign_with)"
                                + " FROM net.http_request_queue"))
                .isEqualTo("POST " + URL + " alice standard 15000 webhook.orders");
        assertThat(writer.number("SELECT count(*) FROM net.http_request_queue")).isZero();
    }

    @Test
    void standardFormat() throws SQLException {
        create(alice, "");

        writer.execute(
                "INSERT INTO app.orders VALUES (1, 'new', 9.50)",
                "UPDATE app.orders SET status = 'paid'",
                "DELETE FROM app.orders");

        assertThat(session.column(EVENTS))
                .containsExactly(
                        "app.orders.insert {\"id\": 1, \"total\": 9.50, \"status\": \"new\"} <-",
                        "app.orders.update {\"id\": 1, \"total\": 9.50, \"status\": \"paid\"} <- {\"id\": 1, \"total\": 9.50,"
                                + " \"status\": \"new\"}",
                        "app.orders.delete <- {\"id\": 1, \"total\": 9.50, \"status\": \"paid\"}");
        assertThat(session.text("SELECT string_agg(DISTINCT k, ' ' ORDER BY k) FROM net.http_request_queue,"
                        + " jsonb_object_keys(convert_from(body, 'UTF8')::jsonb) k"))
                .isEqualTo("data timestamp type");
        assertThat(session.text("SELECT bool_and((convert_from(body, 'UTF8')::jsonb ->> 'timestamp')::timestamptz"
                        + " BETWEEN created - interval '10 s' AND created) FROM net.http_request_queue"))
                .isEqualTo("t");
    }

    @Test
    void supabaseFormatHasEachMemberThatSupabaseSends() throws SQLException {
        create(alice, ", format => 'supabase', events => '{insert,update,delete,truncate}'");
        alice.execute(
                "CREATE FUNCTION app.as_supabase() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.expected VALUES"
                        + " (jsonb_build_object('old_record', OLD, 'record', NEW, 'type', TG_OP, 'table', TG_TABLE_NAME,"
                        + " 'schema', TG_TABLE_SCHEMA)); RETURN NULL; END $$",
                "CREATE TABLE app.expected (body jsonb)",
                "CREATE TRIGGER z AFTER INSERT OR UPDATE OR DELETE ON app.orders FOR EACH ROW"
                        + " EXECUTE FUNCTION app.as_supabase()");

        alice.execute(
                "INSERT INTO app.orders VALUES (1, 'new', 'NaN'), (2, NULL, 1.10)",
                "UPDATE app.orders SET status = 'paid'",
                "DELETE FROM app.orders");

        assertThat(session.column("SELECT convert_from(body, 'UTF8')::jsonb FROM net.http_request_queue ORDER BY id"))
                .hasSize(6)
                .containsExactlyElementsOf(session.column("SELECT body FROM app.expected"));
        alice.execute("TRUNCATE app.orders");
        assertThat(session.text(
                        "SELECT convert_from(body, 'UTF8') FROM net.http_request_queue ORDER BY id DESC LIMIT 1"))
                .isEqualTo(
                        "{\"type\": \"TRUNCATE\", \"table\": \"orders\", \"schema\": \"app\", \"record\": null, \"old_record\": null}");
    }

    @Test
    void truncateIsAnEventOfItsOwnIfAsked() throws SQLException {
        create(alice, "");
        alice.execute("INSERT INTO app.orders VALUES (1)", "TRUNCATE app.orders");
        assertThat(session.column(EVENTS)).hasSize(1);

        create(alice, ", events => '{truncate}'");
        alice.execute("TRUNCATE app.orders");

        assertThat(session.column(EVENTS)).hasSize(2).last().isEqualTo("app.orders.truncate <-");
    }

    @Test
    void columnsChooseAmongUpdates() throws SQLException {
        create(alice, ", columns => '{status,total}'");

        writer.execute(
                "INSERT INTO app.orders VALUES (1, 'a', 1), (2, NULL, 2)",
                "UPDATE app.orders SET id = id + 10",
                "UPDATE app.orders SET status = 'a', total = 2",
                "UPDATE app.orders SET status = 'a'",
                "DELETE FROM app.orders");

        assertThat(session.column("SELECT substring(e FROM 'app.orders.(\\w+)') FROM (" + EVENTS + ") q (e)"))
                .containsExactly("insert", "insert", "update", "update", "delete", "delete");
    }

    @Test
    void conditionChoosesRows() throws SQLException {
        create(
                alice,
                ", condition => $$event = 'delete' or new.total > 100 and old is null or new.status <> old.status$$");

        writer.execute(
                "INSERT INTO app.orders VALUES (1, 'a', 100), (2, 'b', 101), (3, NULL, NULL)",
                "UPDATE app.orders SET status = 'b'",
                "DELETE FROM app.orders WHERE id > 1");

        assertThat(session.column("SELECT substring(e FROM 'app.orders.(\\w+)') FROM (" + EVENTS + ") q (e)"))
                .containsExactly("insert", "update", "delete", "delete");
    }

    @Test
    void conditionMayCallTheOwnersFunctionsAsTheOwner() throws SQLException {
        alice.execute(
                "CREATE TABLE app.large (least numeric)",
                "INSERT INTO app.large VALUES (50)",
                "CREATE FUNCTION app.is_large(o app.orders) RETURNS boolean LANGUAGE sql STABLE AS"
                        + " 'SELECT o.total >= least FROM app.large'",
                "REVOKE ALL ON FUNCTION app.is_large FROM PUBLIC");
        create(alice, ", condition => 'app.is_large(new)'");

        writer.execute("INSERT INTO app.orders VALUES (1, 'a', 49), (2, 'a', 50)");

        assertThat(session.column(EVENTS)).hasSize(1);
    }

    // ---- what raises an error

    @Test
    void rowThatRaisesIsADeadLetterAndTheStatementGoesOn() throws SQLException {
        create(alice, ", condition => '1 / new.total > 0'");

        assertThat(writer.notices("INSERT INTO app.orders VALUES (1, 'a', 0), (2, 'b', 1), (3, 'c', 0)"))
                .singleElement()
                .asString()
                .contains("webhook \"orders\" could not be evaluated for 2 rows: division by zero");

        assertThat(session.number("SELECT count(*) FROM app.orders")).isEqualTo(3);
        assertThat(session.column(EVENTS)).hasSize(1);
        assertThat(
                        alice.column(
                                "SELECT concat_ws(' ', reason, error_msg, webhook, owner::regrole, attempts,"
                                        + " convert_from(body, 'UTF8')::jsonb #>> '{data,record,id}') FROM net.dead_letters ORDER BY id"))
                .containsExactly(
                        "refused division by zero orders alice 0 1", "refused division by zero orders alice 0 3");
    }

    @Test
    void refusedRowsComeBackWithRetry() throws SQLException {
        create(alice, ", condition => '1 / new.total > 0'");
        writer.execute("INSERT INTO app.orders VALUES (1, 'a', 0)");

        assertThat(alice.text("SELECT net.retry(id) FROM net.dead_letters")).isEqualTo("t");

        assertThat(session.column(EVENTS)).hasSize(1);
        assertThat(session.text("SELECT webhook FROM net.http_request_queue")).isEqualTo("orders");
    }

    @Test
    void strictWebhookFailsTheStatement() throws SQLException {
        create(alice, ", condition => '1 / new.total > 0', strict => true");

        assertThatThrownBy(() -> writer.execute("INSERT INTO app.orders VALUES (1, 'a', 0)"))
                .hasMessageContaining("division by zero")
                .hasMessageContaining("webhook \"orders\"");

        assertThat(session.number("SELECT count(*) FROM app.orders")).isZero();
        assertThat(session.number("SELECT count(*) FROM net.dead_letters")).isZero();
    }

    @Test
    void columnThatHasGoneRaises() throws SQLException {
        create(alice, ", condition => 'new.total > 1', columns => '{status}'");
        alice.execute("ALTER TABLE app.orders DROP COLUMN total");

        assertThat(writer.notices("INSERT INTO app.orders VALUES (1)"))
                .singleElement()
                .asString()
                .contains("column new.total does not exist");

        alice.execute("UPDATE net.webhooks SET condition = NULL", "ALTER TABLE app.orders DROP COLUMN status");
        assertThat(writer.notices("INSERT INTO app.orders VALUES (2)"))
                .singleElement()
                .asString()
                .contains("column \"status\" of relation \"orders\" does not exist");
        assertThat(session.number("SELECT count(*) FROM net.dead_letters")).isEqualTo(2);
    }

    @Test
    void policyThatHasGoneRaises() throws SQLException {
        session.execute("INSERT INTO net.policies (name, delays, max_attempts) VALUES ('mine', '{1 s}', 2)");
        create(alice, ", policy => 'mine'");
        session.execute("DELETE FROM net.policies WHERE name = 'mine'");

        assertThat(writer.notices("INSERT INTO app.orders VALUES (1)"))
                .singleElement()
                .asString()
                .contains("policy \"mine\" does not exist");
        assertThat(session.number("SELECT count(*) FROM app.orders")).isEqualTo(1);
    }

    @Test
    void cancelledStatementIsNoErrorOfTheWebhook() throws SQLException {
        create(alice, ", condition => 'pg_sleep(60) is null'");
        writer.execute("SET statement_timeout = '300 ms'");

        assertThatThrownBy(() -> writer.execute("INSERT INTO app.orders VALUES (1)"))
                .hasMessageContaining("timeout");

        assertThat(session.number("SELECT count(*) FROM app.orders")).isZero();
        assertThat(session.number("SELECT count(*) FROM net.dead_letters")).isZero();
    }

    // ---- statements

    @Test
    void everyStatementThatWritesSetsItOff() throws SQLException {
        create(alice, "");

        alice.execute(
                "INSERT INTO app.orders VALUES (1) ON CONFLICT DO NOTHING",
                "INSERT INTO app.orders VALUES (1) ON CONFLICT DO NOTHING",
                "INSERT INTO app.orders VALUES (1, 'x'), (2, 'y') ON CONFLICT (id) DO UPDATE SET status = excluded.status",
                "MERGE INTO app.orders o USING (VALUES (1, 'merged'), (3, 'new')) s (id, status) ON o.id = s.id"
                        + " WHEN MATCHED THEN UPDATE SET status = s.status"
                        + " WHEN NOT MATCHED THEN INSERT (id, status) VALUES (s.id, s.status)",
                "WITH gone AS (DELETE FROM app.orders WHERE id = 3 RETURNING id) INSERT INTO app.orders SELECT id + 10 FROM gone",
                "UPDATE app.orders SET status = 'none' WHERE false");

        assertThat(
                        session.column(
                                "SELECT b ->> 'type' || ' ' || coalesce(b #>> '{data,record,id}', '') FROM (SELECT id,"
                                        + " convert_from(body, 'UTF8')::jsonb FROM net.http_request_queue) q (id, b) ORDER BY id"))
                .containsExactlyInAnyOrder(
                        "app.orders.insert 1",
                        "app.orders.insert 2",
                        "app.orders.update 1",
                        "app.orders.update 1",
                        "app.orders.insert 3",
                        "app.orders.insert 13",
                        "app.orders.delete ");
    }

    @Test
    void copySetsItOff() throws Exception {
        create(alice, "");

        new org.postgresql.copy.CopyManager(alice.connection().unwrap(org.postgresql.core.BaseConnection.class))
                .copyIn("COPY app.orders (id, status) FROM STDIN", new java.io.StringReader("1\ta\n2\tb\n"));

        assertThat(session.column(EVENTS)).hasSize(2);
    }

    @Test
    void functionWithAnEmptySearchPathSetsItOff() throws SQLException {
        create(alice, ", condition => 'new.id > 0'");
        alice.execute("CREATE FUNCTION app.write() RETURNS void LANGUAGE plpgsql SET search_path = '' AS"
                + " 'BEGIN INSERT INTO app.orders VALUES (1); END'");

        alice.execute("SELECT app.write()");

        assertThat(session.column(EVENTS)).hasSize(1);
    }

    @Test
    void rolledBackStatementSendsNothing() throws SQLException {
        create(alice, "");

        writer.execute(
                "BEGIN",
                "INSERT INTO app.orders VALUES (1)",
                "SAVEPOINT s",
                "INSERT INTO app.orders VALUES (2)",
                "ROLLBACK TO s",
                "COMMIT",
                "BEGIN",
                "INSERT INTO app.orders VALUES (3)",
                "ROLLBACK");

        assertThat(session.column(EVENTS)).hasSize(1);
    }

    @Test
    void manyRowsOfAStatementAreAllSent() throws SQLException {
        create(alice, ", condition => 'new.id <> 1700'");

        writer.execute(
                "INSERT INTO app.orders SELECT g, 'v' || g, g FROM generate_series(1, 3000) g",
                "UPDATE app.orders SET total = total + 1");

        assertThat(session.text("SELECT concat_ws(' ', count(*), count(DISTINCT id), count(*) FILTER (WHERE"
                        + " (b #>> '{data,record,total}')::numeric = (b #>> '{data,old_record,total}')::numeric + 1"
                        + " AND b #>> '{data,record,id}' = b #>> '{data,old_record,id}'))"
                        + " FROM (SELECT id, convert_from(body, 'UTF8')::jsonb FROM net.http_request_queue) q (id, b)"))
                .isEqualTo("5998 5998 2999");
    }

    @Test
    void rowsAreStoredByAStatementWhenTheQueueHasATrigger() throws SQLException {
        create(alice, "");
        session.execute(
                "CREATE TABLE app.seen (id bigint)",
                "CREATE FUNCTION app.see() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN INSERT INTO app.seen VALUES (NEW.id); RETURN NEW; END'",
                "CREATE TRIGGER seen AFTER INSERT ON net.http_request_queue FOR EACH ROW EXECUTE FUNCTION app.see()");

        writer.execute("INSERT INTO app.orders VALUES (1), (2)");

        assertThat(session.number("SELECT count(*) FROM app.seen JOIN net.http_request_queue USING (id)"
                        + " WHERE owner = 'alice'::regrole AND webhook = 'orders'"))
                .isEqualTo(2);
        session.execute("DROP TRIGGER seen ON net.http_request_queue");
    }

    @Test
    void ownerWithoutTheRightToMakeRequestsMakesNone() throws SQLException {
        create(alice, "");
        session.execute(
                "REVOKE INSERT (url, method, headers, body, timeout_milliseconds) ON net.http_request_queue FROM PUBLIC");
        try {
            assertThat(writer.notices("INSERT INTO app.orders VALUES (1)"))
                    .singleElement()
                    .asString()
                    .contains("permission denied for table http_request_queue");
        } finally {
            session.execute(
                    "GRANT INSERT (url, method, headers, body, timeout_milliseconds) ON net.http_request_queue TO PUBLIC");
        }
        assertThat(session.column(EVENTS)).isEmpty();
    }

    // ---- kinds of tables

    @Test
    void partitionedTableSendsTheStatementsOfTheParent() throws SQLException {
        alice.execute(
                "CREATE TABLE app.p (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                "CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE app.p2 (v text, id int NOT NULL)",
                "ALTER TABLE app.p ATTACH PARTITION app.p2 FOR VALUES FROM (100) TO (200)");
        createOn("app.p", "");

        alice.execute(
                "INSERT INTO app.p VALUES (1, 'a'), (101, 'b')",
                "INSERT INTO app.p1 VALUES (2, 'direct')",
                "UPDATE app.p SET id = CASE id WHEN 1 THEN 150 ELSE 50 END, v = v || '!' WHERE id <> 2");

        assertThat(session.column(EVENTS))
                .containsExactly(
                        "app.p.insert {\"v\": \"a\", \"id\": 1} <-",
                        "app.p.insert {\"v\": \"b\", \"id\": 101} <-",
                        "app.p.update {\"v\": \"a!\", \"id\": 150} <- {\"v\": \"a\", \"id\": 1}",
                        "app.p.update {\"v\": \"b!\", \"id\": 50} <- {\"v\": \"b\", \"id\": 101}");
    }

    @Test
    void rowsWithoutAPartnerArePairedByTheirKey() throws SQLException {
        alice.execute(
                "CREATE TABLE app.p (id int, v text, n int, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                "CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE app.p2 PARTITION OF app.p FOR VALUES FROM (100) TO (200)",
                "CREATE FUNCTION app.swallow() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN CASE WHEN NEW.v = ''swallowed'' THEN NULL ELSE NEW END; END'",
                "CREATE TRIGGER swallow BEFORE INSERT ON app.p2 FOR EACH ROW EXECUTE FUNCTION app.swallow()",
                "INSERT INTO app.p VALUES (1, 'swallowed', 0), (2, 'moves', 0), (3, 'stays', 0)");
        createOn("app.p", ", columns => '{v}'");

        alice.execute("UPDATE app.p SET id = CASE v WHEN 'stays' THEN id ELSE id + 100 END, n = 1");

        // Of the one that moved nobody knows what it was, so columns says nothing of it; the other one has not changed
        // in v.
        assertThat(session.column(EVENTS)).containsExactly("app.p.update {\"n\": 1, \"v\": \"moves\", \"id\": 102} <-");
        alice.execute("DELETE FROM app.p", "INSERT INTO app.p VALUES (1, 'swallowed', 0), (3, 'stays', 0)");
        session.execute("DELETE FROM net.http_request_queue");
        alice.text("SELECT net.drop_webhook('first')");
        createSecondOn("app.p", "");
        alice.execute("UPDATE app.p SET id = CASE v WHEN 'stays' THEN id ELSE id + 100 END, n = 1");
        assertThat(session.column(EVENTS))
                .containsExactly(
                        "app.p.update {\"n\": 1, \"v\": \"stays\", \"id\": 3} <- {\"n\": 0, \"v\": \"stays\", \"id\": 3}");
    }

    @Test
    void rowsSwallowedByATriggerOfTheTableAreNotSent() throws SQLException {
        alice.execute(
                "CREATE FUNCTION app.swallow() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN CASE WHEN NEW.id = 2 THEN NULL ELSE NEW END; END'",
                "CREATE TRIGGER swallow BEFORE INSERT OR UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.swallow()");
        create(alice, "");

        writer.execute("INSERT INTO app.orders VALUES (1), (2), (3)", "UPDATE app.orders SET status = 'x'");

        assertThat(session.column(EVENTS)).hasSize(4);
        assertThat(session.column(EVENTS).get(3)).contains("\"id\": 3, ").matches(".*<- .*\"id\": 3, .*");
    }

    @Test
    void forEachRowAlsoSeesWhatIsWrittenToPartitions() throws SQLException {
        alice.execute(
                "CREATE TABLE app.p (id int, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE app.p2 (v text, id int)",
                "ALTER TABLE app.p ATTACH PARTITION app.p2 FOR VALUES FROM (100) TO (200)");
        createOn("app.p", ", for_each_row => true, condition => 'coalesce(new.id, old.id) > 0'");

        alice.execute(
                "INSERT INTO app.p1 VALUES (1, 'direct')",
                "INSERT INTO app.p2 (id, v) VALUES (101, 'direct')",
                "CREATE TABLE app.p3 PARTITION OF app.p FOR VALUES FROM (200) TO (300)",
                "INSERT INTO app.p VALUES (201, 'later')",
                "UPDATE app.p1 SET v = 'x'",
                "DELETE FROM app.p WHERE id = 101");

        assertThat(session.column(EVENTS))
                .containsExactly(
                        "app.p.insert {\"v\": \"direct\", \"id\": 1} <-",
                        "app.p.insert {\"v\": \"direct\", \"id\": 101} <-",
                        "app.p.insert {\"v\": \"later\", \"id\": 201} <-",
                        "app.p.update {\"v\": \"x\", \"id\": 1} <- {\"v\": \"direct\", \"id\": 1}",
                        "app.p.delete <- {\"v\": \"direct\", \"id\": 101}");
    }

    @Test
    void rowSecurityHidesNothingFromTheWebhook() throws SQLException {
        alice.execute(
                "ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                "CREATE POLICY own ON app.orders USING (status = current_user) WITH CHECK (true)");
        create(alice, "");

        writer.execute("INSERT INTO app.orders VALUES (1, 'other'), (2, 'writer')", "UPDATE app.orders SET total = 1");

        assertThat(session.column(EVENTS)).hasSize(3);
        assertThat(session.column(EVENTS).get(2)).contains("\"id\": 2, ");
    }

    @Test
    void typesAreWrittenAsRowToJsonWritesThem() throws SQLException {
        alice.execute(
                "CREATE TYPE app.pair AS (a int, b text)",
                "CREATE TYPE app.mood AS ENUM ('sad', 'ok')",
                "CREATE DOMAIN app.positive AS int CHECK (VALUE > 0)",
                "CREATE TABLE app.kinds (id int GENERATED ALWAYS AS IDENTITY, gone text, doubled int GENERATED ALWAYS AS (7 * 2) STORED,"
                        + " b bytea, n numeric, f float8, f4 float4, ts timestamptz, t timestamp, d date, tt time, i interval,"
                        + " c app.pair, ca app.pair[], a int[], ta text[], j json, jb jsonb, x xml, u uuid, bits bit(3), bool boolean,"
                        + " m app.mood, p app.positive, r int4range, ch char(3), vc varchar, h name, net inet, s smallint, big bigint,"
                        + " nothing text)",
                "ALTER TABLE app.kinds DROP COLUMN gone");
        createOn("app.kinds", ", format => 'supabase'");

        alice.execute(
                "SET bytea_output = 'escape'",
                "SET intervalstyle = 'sql_standard'",
                "SET extra_float_digits = -3",
                "INSERT INTO app.kinds (b, n, f, f4, ts, t, d, tt, i, c, ca, a, ta, j, jb, u, bits, bool, m, p, r, ch, vc, h,"
                        + " net, s, big) VALUES ('\\x00ff', 'NaN', 'Infinity', 1.1, 'infinity', '-infinity', '2026-02-03', '01:02',"
                        + " '1 day 2 h', ROW (1, 'x\"y'), ARRAY[ROW (2, NULL)::app.pair], '{{1,2},{3,4}}', '{a,\"b,c\",NULL}',"
                        + " '{\"a\": 1,  \"a\": 2}', '{\"k\": [1]}', gen_random_uuid(), '101', true, 'ok', 5, '[1,3)', 'z',"
                        + " E'line\\nbreak \\\\ \\u20ac \\U0001F600 \\u0001', 'n', '10.0.0.0/8', 3, 9007199254740993)");

        session.execute("SET bytea_output = 'hex'", "SET intervalstyle = 'postgres'");
        assertThat(session.text(
                        "SELECT (convert_from(q.body, 'UTF8')::json -> 'record')::text FROM net.http_request_queue q"))
                .isEqualTo(session.text("SELECT row_to_json(k)::text FROM app.kinds k"))
                .contains("\"n\":\"NaN\"", "\"ts\":\"infinity\"", "\"b\":\"\\\\x00ff\"", "\"big\":9007199254740993");
    }

    @Test
    void typeWithACastToJsonIsWrittenByIt() throws SQLException {
        session.execute(
                "CREATE TYPE app.colour AS ENUM ('red')",
                "CREATE FUNCTION app.colour_json(app.colour) RETURNS json LANGUAGE sql AS 'SELECT to_json(42)'",
                "CREATE CAST (app.colour AS json) WITH FUNCTION app.colour_json (app.colour)");
        alice.execute("CREATE TABLE app.painted (c app.colour, d text)");
        createOn("app.painted", "");

        alice.execute("INSERT INTO app.painted VALUES ('red', 'x')");

        assertThat(session.column(EVENTS)).containsExactly("app.painted.insert {\"c\": 42, \"d\": \"x\"} <-");
    }

    @Test
    void emptyRowsAndLargeValuesAreSent() throws SQLException {
        alice.execute("CREATE TABLE app.bare ()", "CREATE TABLE app.wide (id int PRIMARY KEY, v text)");
        createOn("app.bare", "");
        createSecondOn("app.wide", "");

        alice.execute(
                "INSERT INTO app.bare DEFAULT VALUES",
                "INSERT INTO app.wide SELECT 1, string_agg(md5(g::text), '') FROM generate_series(1, 20000) g",
                "UPDATE app.wide SET id = 2");

        assertThat(session.column(EVENTS)).first().isEqualTo("app.bare.insert {} <-");
        assertThat(session.text(
                        "SELECT bool_and(b #>> '{data,record,v}' = v AND coalesce(b #>> '{data,old_record,v}', v) = v)"
                                + " FROM app.wide, (SELECT convert_from(body, 'UTF8')::jsonb FROM net.http_request_queue"
                                + " WHERE webhook = 'second') q (b)"))
                .isEqualTo("t");
    }

    @Test
    void renamedAndMovedTableIsFoundByItsTrigger() throws SQLException {
        create(alice, "");
        alice.execute(
                "ALTER TABLE app.orders RENAME COLUMN status TO \"we ird\"",
                "ALTER TABLE app.orders RENAME TO \"Quo\"\"ted 'x'\"");
        session.execute("CREATE SCHEMA elsewhere AUTHORIZATION alice");
        alice.execute("ALTER TABLE app.\"Quo\"\"ted 'x'\" SET SCHEMA elsewhere");

        alice.execute("INSERT INTO elsewhere.\"Quo\"\"ted 'x'\" VALUES (1)");

        assertThat(session.column(EVENTS))
                .containsExactly("elsewhere.Quo\"ted 'x'.insert {\"id\": 1, \"total\": null, \"we ird\": null} <-");
        assertThat(alice.text("SELECT table_name FROM net.webhooks")).isEqualTo("elsewhere.\"Quo\"\"ted 'x'\"");
    }

    @Test
    void webhookOfADroppedTableIsNotShownAndIsSwept() throws SQLException {
        create(alice, "");
        alice.execute("DROP TABLE app.orders");
        assertThat(alice.column("SELECT name FROM net.webhooks")).isEmpty();

        alice.execute("CREATE TABLE app.orders (id int)");
        assertThat(create(alice, "")).startsWith("created whsec_");

        alice.execute("DROP TABLE app.orders", "CREATE TABLE app.other (id int)");
        session.execute(
                "ALTER TABLE net._webhooks DISABLE TRIGGER _check_webhook",
                "UPDATE net._webhooks SET created = now() - interval '2 days'",
                "ALTER TABLE net._webhooks ENABLE ALWAYS TRIGGER _check_webhook");
        alice.text("SELECT net.create_webhook('other', 'app.other', '" + URL + "', signed => false)");
        assertThat(session.column("SELECT name FROM net._webhooks")).containsExactly("other");
    }

    @Test
    void childrenOfATableAreSentByStatementsOnTheParent() throws SQLException {
        alice.execute("CREATE TABLE app.child (extra int) INHERITS (app.orders)");
        create(alice, "");

        alice.execute("INSERT INTO app.child VALUES (1, 'child', 2, 3)", "UPDATE app.orders SET status = 'x'");

        assertThat(session.column(EVENTS))
                .containsExactly(
                        "app.orders.update {\"id\": 1, \"total\": 2, \"status\": \"x\"} <- {\"id\": 1, \"total\": 2,"
                                + " \"status\": \"child\"}");
    }

    // ---- owners

    @Test
    void requestsGoOnAfterTheOwnerIsRenamed() throws SQLException {
        session.execute(
                "CREATE ROLE carol", "GRANT ALL ON SCHEMA app TO carol", "ALTER TABLE app.orders OWNER TO carol");
        create(session, ", signed => false");

        session.execute("ALTER ROLE carol RENAME TO caroline", "INSERT INTO app.orders VALUES (1)");

        assertThat(session.text("SELECT owner::regrole FROM net.http_request_queue"))
                .isEqualTo("caroline");
        assertThat(session.text("SELECT owner FROM net.webhooks")).isEqualTo("caroline");
        session.execute("DROP OWNED BY caroline CASCADE", "DROP ROLE caroline");
    }

    @Test
    void roleWithAWebhookIsNotDropped() throws SQLException {
        create(alice, "");

        assertThatThrownBy(() -> session.execute("DROP ROLE alice")).hasMessageContaining("cannot be dropped");
    }

    @Test
    void tableThatIsReassignedSendsNothingUntilItsNewOwnerHasLooked() throws SQLException {
        create(alice, ", signed => false");

        session.execute("ALTER TABLE app.orders OWNER TO bob");

        writer.execute("INSERT INTO app.orders VALUES (1)");
        assertThat(session.column(EVENTS)).isEmpty();
        assertThat(alice.column("SELECT name FROM net.webhooks")).isEmpty();
        assertThat(bob.text("SELECT owner || ' ' || disabled_because FROM net.webhooks"))
                .isEqualTo(
                        "bob the table belongs to role \"bob\", and the webhook was made by \"alice\": look at it, then"
                                + " set enabled to true");
        bob.execute("UPDATE net.webhooks SET enabled = true");
        writer.execute("INSERT INTO app.orders VALUES (2)");
        assertThat(session.text("SELECT owner::regrole FROM net.http_request_queue"))
                .isEqualTo("bob");
        assertThat(bob.query("SELECT disabled_because FROM net.webhooks")).isEmpty();
    }

    @Test
    void webhookThatIsTakenOverKeepsItsKey() throws SQLException {
        create(alice, "");
        session.execute("ALTER TABLE app.orders OWNER TO bob");

        bob.execute("UPDATE net.webhooks SET enabled = true");

        writer.execute("INSERT INTO app.orders VALUES (1)");
        assertThat(session.text("SELECT owner::regrole || ' ' || sign_with FROM net.http_request_queue"))
                .isEqualTo("bob webhook.orders");
        assertThat(alice.column("SELECT name FROM net.secrets")).isEmpty();
        assertThat(bob.text("SELECT net.rotate_webhook_secret('orders')")).startsWith("whsec_");
    }

    @Test
    void callThatChangesNothingTakesNoLock() throws SQLException {
        create(alice, "");

        writer.execute("BEGIN", "INSERT INTO app.orders VALUES (1)");
        alice.execute("SET lock_timeout = '1 s'");
        assertThat(create(alice, "")).isEqualTo("unchanged");
        assertThat(create(alice, ", condition => 'true'")).isEqualTo("changed");
        writer.execute("ROLLBACK");
    }

    @Test
    void tableThatIsGivenToAGroupOfItsOwnerGoesOn() throws SQLException {
        session.execute("CREATE ROLE team", "GRANT team TO alice", "GRANT ALL ON SCHEMA app TO team");
        create(alice, ", signed => false");

        alice.execute("ALTER TABLE app.orders OWNER TO team");

        writer.execute("INSERT INTO app.orders VALUES (1)");
        assertThat(session.text("SELECT owner::regrole FROM net.http_request_queue"))
                .isEqualTo("team");
        session.execute("DROP OWNED BY team CASCADE", "DROP ROLE team");
    }

    @Test
    void droppedOwnedTakesTheWebhookAlong() throws SQLException {
        create(alice, "");
        session.execute("DROP OWNED BY alice CASCADE");

        assertThat(session.column("SELECT name FROM net.webhooks")).isEmpty();
    }

    @Test
    void superusersWebhookOnARolesTableIsThatRoles() throws SQLException {
        assertThat(create(session, "")).startsWith("created");

        writer.execute("INSERT INTO app.orders VALUES (1)");

        assertThat(session.text("SELECT owner::regrole FROM net.http_request_queue"))
                .isEqualTo("alice");
        assertThat(create(alice, "")).isEqualTo("unchanged");
    }

    // ---- Supabase's functions

    @Test
    void functionsOfSupabaseAreInstalledOnce() throws SQLException {
        session.execute("SELECT net.install_supabase_functions()", "SELECT net.install_supabase_functions()");
        alice.execute("CREATE TRIGGER hook AFTER INSERT OR UPDATE OR DELETE ON app.orders FOR EACH ROW EXECUTE FUNCTION"
                + " supabase_functions.http_request('" + URL
                + "', 'POST', '{\"Content-Type\": \"application/json\"}', '{\"a\": \"b\"}',"
                + " '5000')");

        writer.execute("INSERT INTO app.orders VALUES (1, 'a', 2)", "DELETE FROM app.orders");

        assertThat(session.column("SELECT concat_ws(' ', url, timeout_milliseconds, convert_from(body, 'UTF8'))"
                        + " FROM net.http_request_queue ORDER BY id"))
                .containsExactly(
                        URL
                                + "?a=b 5000 {\"type\": \"INSERT\", \"table\": \"orders\", \"record\": {\"id\": 1, \"total\": 2,"
                                + " \"status\": \"a\"}, \"schema\": \"app\", \"old_record\": null}",
                        URL
                                + "?a=b 5000 {\"type\": \"DELETE\", \"table\": \"orders\", \"record\": null, \"schema\": \"app\","
                                + " \"old_record\": {\"id\": 1, \"total\": 2, \"status\": \"a\"}}");
        assertThat(session.text(
                        "SELECT string_agg(h.hook_name || (h.request_id = q.id)::text, ' ') FROM supabase_functions.hooks h"
                                + " JOIN net.http_request_queue q ON q.id = h.request_id"))
                .isEqualTo("hooktrue hooktrue");
    }

    @Test
    void functionOfSupabaseWantsUrlAndMethod() throws SQLException {
        session.execute("SELECT net.install_supabase_functions()");
        alice.execute("CREATE TRIGGER hook AFTER INSERT ON app.orders FOR EACH ROW EXECUTE FUNCTION"
                + " supabase_functions.http_request('null', 'POST')");

        assertThatThrownBy(() -> writer.execute("INSERT INTO app.orders VALUES (1)"))
                .hasMessageContaining("url argument is missing");
    }

    private static String create(Session as, String more) throws SQLException {
        return as.text("SELECT concat_ws(' ', outcome, new_key) FROM net.create_webhook('orders', 'app.orders', '" + URL
                + "'" + more + ")");
    }

    private void createOn(String table, String more) throws SQLException {
        alice.text("SELECT net.create_webhook('first', '" + table + "', '" + URL + "', signed => false" + more + ")");
    }

    private void createSecondOn(String table, String more) throws SQLException {
        alice.text("SELECT net.create_webhook('second', '" + table + "', '" + URL + "', signed => false" + more + ")");
    }
}
