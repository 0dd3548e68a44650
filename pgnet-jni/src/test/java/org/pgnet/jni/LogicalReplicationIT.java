package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/**
 * A publication FOR ALL TABLES between two servers that both have the extension: each sends its own requests and keeps its own
 * responses, under ids that the other has given too, and all else is replicated.
 */
@PgNetTest(
        settings = {"wal_level = logical", "max_prepared_transactions = 5"},
        cluster = Sharing.WITH_NONE)
class LogicalReplicationIT {
    private static final Duration A_WHILE = Duration.ofSeconds(30);

    @Given
    private static HttpServerFixture server;

    @Given
    private PgCluster publisher;

    private PgCluster subscriber;
    private Session there;
    private Session here;

    @BeforeEach
    void start() throws SQLException {
        subscriber = PgCluster.withExtension("max_prepared_transactions = 5", "wal_retrieve_retry_interval = 100");
        there = publisher.session();
        here = subscriber.session();
        there.execute("CREATE TABLE item (id bigint PRIMARY KEY)", "CREATE PUBLICATION everything FOR ALL TABLES");
        here.execute("CREATE TABLE item (id bigint PRIMARY KEY)");
    }

    @AfterEach
    void end() throws SQLException {
        here.close();
        there.close();
        subscriber.close();
    }

    @Test
    void eachServerKeepsToItsOwnRequestsAndResponses() throws SQLException {
        long copied = there.get(server.url("/get?id=copied"));
        there.collect(copied);
        leaveOpen(there, "open-there");
        long own = here.get(server.url("/get?id=own"));
        here.collect(own);
        long open = leaveOpen(here, "open-here");
        assertThat(List.of(own, open)).startsWith(copied);

        assertThat(here.notices(subscription("copy_data = true")))
                .contains("subscription \"s\" skips the tables of pg_net");
        long after = there.get(server.url("/get?id=after"));
        there.collect(after);
        there.execute(
                "DELETE FROM net._http_response", "TRUNCATE net.http_request_queue", "INSERT INTO item VALUES (1)");
        here.await("SELECT count(*) FROM item", 1);

        for (String request : new String[] {"copied", "own", "after", "open-here", "open-there"}) {
            assertThat(server.received(request)).as(request).hasSize(1);
        }
        assertThat(here.column("SELECT id FROM net._http_response ORDER BY id")).containsExactly("" + own);
        assertThat(here.column("SELECT id FROM net.http_request_queue")).containsExactly("" + open);
    }

    @Test
    void refreshedSubscriptionLeavesTheTablesOut() throws SQLException {
        here.execute(subscription("copy_data = true"));
        there.execute("CREATE TABLE later (id bigint PRIMARY KEY)");
        here.execute("CREATE TABLE later (id bigint PRIMARY KEY)", "ALTER SUBSCRIPTION s REFRESH PUBLICATION");

        assertThat(here.column("SELECT srrelid::regclass FROM pg_subscription_rel ORDER BY 1::text"))
                .containsExactlyInAnyOrder("item", "later");
    }

    /** Not even by triggers that fire in a replication worker. */
    @Test
    void whatASubscriptionBringsSetsOffNoWebhook() throws SQLException {
        there.execute("INSERT INTO item VALUES (1)");
        here.execute(
                "SELECT net.create_webhook('item', 'item', '" + server.url("/get") + "', signed => false)",
                "SELECT net.create_webhook('row', 'item', '" + server.url("/get")
                        + "', signed => false, for_each_row => true)",
                "ALTER TABLE item ENABLE ALWAYS TRIGGER net_webhook_insert, ENABLE ALWAYS TRIGGER net_webhook_update,"
                        + " ENABLE ALWAYS TRIGGER net_webhook_delete, ENABLE ALWAYS TRIGGER net_webhook_insert_row,"
                        + " ENABLE ALWAYS TRIGGER net_webhook_update_row, ENABLE ALWAYS TRIGGER net_webhook_delete_row",
                "INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)",
                subscription("copy_data = true"));
        here.await("SELECT count(*) FROM item", 1);
        there.execute(
                "INSERT INTO item VALUES (2)", "UPDATE item SET id = 3 WHERE id = 2", "DELETE FROM item WHERE id = 1");
        here.await("SELECT count(*) FROM item WHERE id = 3", 1);
        here.await("SELECT count(*) FROM item", 1);
        assertThat(here.number("SELECT count(*) FROM net.http_request_queue")).isZero();

        here.execute("INSERT INTO item VALUES (4)");

        assertThat(here.column("SELECT webhook FROM net.http_request_queue")).containsExactlyInAnyOrder("item", "row");
    }

    /** Their owners are roles of the other server. */
    @Test
    void subscriptionThatHasTheCallbacksBringsNone() throws SQLException {
        String callback =
                "INSERT INTO net._callbacks (request_id, owner, function, due) VALUES (%d, 10, 'f', 'infinity')";
        there.execute(String.format(callback, 1));
        here.execute(
                subscription("copy_data = false"),
                "INSERT INTO pg_subscription_rel SELECT oid, 'net._callbacks'::regclass, 'i' FROM pg_subscription");
        Eventually.until(
                "the initial copy",
                A_WHILE,
                () -> here.number("SELECT count(*) FROM pg_subscription_rel WHERE srsubstate = 'r'") == 2);
        there.execute(
                String.format(callback, 2), "UPDATE net._callbacks SET attempts = 1", "INSERT INTO item VALUES (1)");
        here.await("SELECT count(*) FROM item", 1);

        assertThat(here.number("SELECT count(*) FROM net._callbacks")).isZero();
    }

    /** One that was made while the library was not loaded. */
    @Test
    void subscriptionThatHasTheTablesBringsNoRequests() throws SQLException {
        leaveOpen(there, "initial");
        here.execute(
                subscription("copy_data = false"),
                "ALTER SEQUENCE net.http_request_queue_id_seq RESTART 1000000",
                "INSERT INTO pg_subscription_rel SELECT oid, 'net.http_request_queue'::regclass, 'i' FROM pg_subscription");
        Eventually.until(
                "the initial copy",
                A_WHILE,
                () -> here.number("SELECT count(*) FROM pg_subscription_rel WHERE srsubstate = 'r'") == 2);
        leaveOpen(there, "streamed");
        there.execute("INSERT INTO item VALUES (1)");
        here.await("SELECT count(*) FROM item", 1);

        assertThat(here.number("SELECT count(*) FROM net.http_request_queue")).isZero();
        here.collect(here.get(server.url("/get")));
        Eventually.until(
                "sent by the publisher",
                A_WHILE,
                () -> server.received("streamed").size() == 1);
        assertThat(server.received("initial")).hasSize(1);
        assertThat(server.received("streamed")).hasSize(1);
    }

    @Test
    void triggerOfTheSubscriberMakesRequests() throws SQLException {
        makeRequestsOfItems("AFTER INSERT");
        here.execute(subscription("copy_data = true"));

        there.execute("INSERT INTO item VALUES (1), (2)");

        awaitAnswers(2);
        assertThat(server.received("item-1")).hasSize(1);
        assertThat(server.received("item-2")).hasSize(1);
    }

    @Test
    void initialCopyMakesRequestsThroughATrigger() throws SQLException {
        there.execute("INSERT INTO item VALUES (3)");
        makeRequestsOfItems("BEFORE INSERT");
        here.execute(subscription("copy_data = true"));

        awaitAnswers(1);
        assertThat(server.received("item-3")).hasSize(1);
    }

    @Test
    void preparedTransactionMakesRequestsWhenItIsCommitted() throws SQLException {
        makeRequestsOfItems("AFTER INSERT");
        here.execute(subscription("two_phase = true"));
        Eventually.until(
                "two-phase commits",
                A_WHILE,
                () -> here.text("SELECT subtwophasestate FROM pg_subscription").equals("e"));

        there.execute("BEGIN", "INSERT INTO item VALUES (4)", "PREPARE TRANSACTION 'p'");
        here.await("SELECT count(*) FROM pg_prepared_xacts", 1);
        assertThat(server.received("item-4")).isEmpty();
        there.execute("COMMIT PREPARED 'p'");

        awaitAnswers(1);
        assertThat(server.received("item-4")).hasSize(1);
    }

    private static long leaveOpen(Session session, String id) throws SQLException {
        return session.number(
                "SELECT net.http_get('" + server.url("/hang?id=" + id) + "', timeout_milliseconds := 600000)");
    }

    private String subscription(String options) {
        return "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 user=postgres dbname=postgres port=" + publisher.port()
                + "' PUBLICATION everything WITH (" + options + ")";
    }

    /** After a first request, so that the worker has read the whole queue and waits to be told of others. */
    private void makeRequestsOfItems(String when) throws SQLException {
        here.collect(here.get(server.url("/status/204")));
        here.execute(
                "CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN" + " PERFORM net.http_get('"
                        + server.url("/get?id=item-") + "' || new.id); RETURN new; END $$",
                "CREATE TRIGGER ask " + when + " ON item FOR EACH ROW EXECUTE FUNCTION ask()",
                "ALTER TABLE item ENABLE ALWAYS TRIGGER ask");
    }

    private void awaitAnswers(int count) {
        here.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", count);
    }
}
