package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** What becomes of requests of webhooks: signatures, 410 Gone, redirects, retries. */
@PgNetTest(sql = {"CREATE ROLE alice LOGIN", "CREATE ROLE bob LOGIN"})
class WebhookDeliveryIT {
    private static final String DEAD = "SELECT count(*) FROM net.dead_letters WHERE reason = 'gone'";

    /** What each path answers with, one after the other; then 200. */
    private static final Map<String, Queue<Integer>> ANSWERS = new ConcurrentHashMap<>();

    private static final Queue<ScriptedServer.Request> RECEIVED = new ConcurrentLinkedQueue<>();

    private ScriptedServer server;

    @Given
    private static Session session;

    @Given(role = "alice")
    private Session alice;

    @Given(role = "bob")
    private Session bob;

    @BeforeEach
    void start() throws SQLException {
        ANSWERS.clear();
        RECEIVED.clear();
        server = ScriptedServer.answering(WebhookDeliveryIT::answer);
        session.execute(
                "CREATE SCHEMA app AUTHORIZATION alice",
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES ('patient', '{1 h}', 5, 0),"
                        + " ('quickly', '{50 ms}', 5, 0)");
        alice.execute("CREATE TABLE app.orders (id int PRIMARY KEY, note text)");
    }

    @AfterEach
    void stop() throws SQLException {
        server.close();
        session.execute(
                "DELETE FROM net.http_request_queue",
                "DELETE FROM net._delivery",
                "DROP SCHEMA app CASCADE",
                "DELETE FROM net._webhooks",
                "DELETE FROM net._secrets",
                "DELETE FROM net.dead_letters",
                "DELETE FROM net._http_response",
                "DELETE FROM net.hosts",
                "DELETE FROM net.policies WHERE name IN ('patient', 'quickly')");
    }

    @Test
    void messageIsSignedAnewAtEachAttemptAndHasOneId() throws SQLException {
        ANSWERS.put("/orders", answers(503, 503));
        String key = create("orders", "/orders", "policy => 'quickly'");

        alice.execute("INSERT INTO app.orders VALUES (1, U&'\\20ac')");

        awaitReceived(3);
        assertThat(RECEIVED.stream()
                        .map(request -> request.values("webhook-id").get(0))
                        .distinct())
                .hasSize(1);
        assertThat(RECEIVED.stream().map(ScriptedServer.Request::text).distinct())
                .hasSize(1);
        assertThat(RECEIVED)
                .allSatisfy(request ->
                        assertThat(StandardWebhook.verifies(request, key)).isTrue());
        assertThat(RECEIVED.element().values("content-type")).containsExactly("application/json");
    }

    @Test
    void bothKeysSignDuringTheOverlapAndTheNewOneAloneAfterIt() throws SQLException {
        String old = create("orders", "/orders", "policy => 'quickly'");
        String young = alice.text("SELECT net.rotate_webhook_secret('orders')");

        alice.execute("INSERT INTO app.orders VALUES (1)");
        awaitReceived(1);
        ScriptedServer.Request both = RECEIVED.remove();
        assertThat(StandardWebhook.verifies(both, old)).isTrue();
        assertThat(StandardWebhook.verifies(both, young)).isTrue();

        String newest = alice.text("SELECT net.rotate_webhook_secret('orders', overlap => '0')");
        alice.execute("INSERT INTO app.orders VALUES (2)");
        awaitReceived(1);
        assertThat(StandardWebhook.verifies(RECEIVED.element(), newest)).isTrue();
        assertThat(StandardWebhook.verifies(RECEIVED.element(), young)).isFalse();
    }

    @Test
    void goneDisablesTheWebhookAndWhatIsQueuedBecomesDeadLetters() throws SQLException {
        session.execute("INSERT INTO net.hosts (pattern, max_in_flight) VALUES ('127.0.0.1', 1)");
        ANSWERS.put("/orders", answers(410));
        create("orders", "/orders", "");

        alice.execute("INSERT INTO app.orders SELECT g FROM generate_series(1, 50) g");

        session.await(DEAD, 50);
        assertThat(RECEIVED).hasSize(1);
        assertThat(alice.text("SELECT enabled || ' ' || disabled_because FROM net.webhooks"))
                .startsWith("false the receiver answered 410 Gone at 20");
        assertThat(session.column(
                        "SELECT DISTINCT concat_ws(' ', status_code, error_msg) FROM net.dead_letters ORDER BY 1"))
                .hasSize(2)
                .first()
                .isEqualTo("410");
        assertThat(session.column("SELECT DISTINCT error_msg FROM net.dead_letters WHERE error_msg IS NOT NULL"))
                .allMatch(text -> text.startsWith("webhook \"orders\" is disabled: the receiver answered 410 Gone"));
        alice.execute("INSERT INTO app.orders VALUES (100)");
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isZero();
    }

    @Test
    void deadLettersAreSentWhenTheWebhookIsEnabledAgain() throws SQLException {
        ANSWERS.put("/orders", answers(410));
        create("orders", "/orders", "");
        alice.execute("INSERT INTO app.orders VALUES (1)");
        session.await(DEAD, 1);

        alice.execute("UPDATE net.webhooks SET enabled = true");
        alice.column("SELECT requests FROM net.retry_all('127.0.0.1', now() - interval '1 hour', dry_run => false)");

        awaitReceived(2);
        session.await("SELECT count(*) FROM net.dead_letters", 0);
        assertThat(RECEIVED.stream()
                        .map(request -> request.values("webhook-id").get(0))
                        .distinct())
                .hasSize(1);
    }

    @Test
    void goneAlsoEndsWhatWaitsForItsNextAttempt() throws SQLException {
        ANSWERS.put("/orders", answers(500, 500, 410));
        create("orders", "/orders", "policy => 'patient'");
        alice.execute("INSERT INTO app.orders VALUES (1), (2)");
        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 2);

        alice.execute("INSERT INTO app.orders VALUES (3)");

        session.await(DEAD, 3);
        assertThat(RECEIVED).hasSize(3);
    }

    @Test
    void goneIsKeptWhateverThePolicySays() throws SQLException {
        ANSWERS.put("/orders", answers(410));
        create("orders", "/orders", "policy => 'none'");

        alice.execute("INSERT INTO app.orders VALUES (1)");

        session.await(DEAD, 1);
        assertThat(alice.text("SELECT enabled FROM net.webhooks")).isEqualTo("f");
    }

    @Test
    void goneDisablesNoOtherWebhook() throws SQLException {
        ANSWERS.put("/orders", answers(410));
        create("orders", "/orders", "");
        create("audit", "/audit", "");

        alice.execute("INSERT INTO app.orders VALUES (1)");

        session.await(DEAD, 1);
        assertThat(alice.column("SELECT name FROM net.webhooks WHERE enabled")).containsExactly("audit");
        alice.execute("INSERT INTO app.orders VALUES (2)");
        Eventually.until(
                "requests come",
                Duration.ofSeconds(10),
                () -> RECEIVED.stream()
                                .filter(request -> request.target().equals("/audit"))
                                .count()
                        == 2);
    }

    /** The breaker, which webhooks have without a rule, is that of a URL. */
    @Test
    void deadWebhookStopsNoOtherOfItsHost() throws SQLException {
        String place = " FROM net.stat_host WHERE endpoint = 'webhook dead'";
        ANSWERS.put("/dead", answers(Collections.nCopies(1_000, 503).toArray(Integer[]::new)));
        alice.execute("CREATE TABLE app.events (id int)");
        create("dead", "/dead", "policy => 'patient'");
        alice.query("SELECT new_key FROM net.create_webhook('well', 'app.events', '" + server.url("/well")
                + "', policy => 'patient')");
        alice.execute("INSERT INTO app.orders SELECT g FROM generate_series(1, 60) g");
        Eventually.until(
                "its breaker is open",
                Duration.ofSeconds(10),
                () -> alice.query("SELECT breaker" + place).equals(Optional.of("open")));

        alice.execute("INSERT INTO app.orders SELECT g FROM generate_series(101, 5100) g");
        alice.execute("INSERT INTO app.events SELECT g FROM generate_series(1, 50) g");

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 50);
        assertThat(RECEIVED.stream().filter(request -> request.target().equals("/dead")))
                .as("and few probes")
                .hasSizeLessThan(100);
        assertThat(alice.column("SELECT DISTINCT regexp_replace(reason, ':[0-9]+ ', ':PORT ') FROM net.requests"
                        + " WHERE state = 'held'"))
                .containsExactly("the breaker of http://127.0.0.1:PORT (webhook dead) is open");
        assertThat(alice.text("SELECT reason" + place)).isEqualTo("breaker");
        assertThat(session.column("SELECT finding FROM net.doctor() WHERE finding LIKE '%breaker open%'"))
                .hasSize(1)
                .first()
                .asString()
                .contains("(webhook dead): breaker open for", "last error: status 503");
    }

    /** What failed there is sent at once, and nothing that waits for other reasons. */
    @Test
    void webhookThatWorksAgainIsSentWhatFailedThere() throws SQLException {
        ANSWERS.put("/dead", answers(Collections.nCopies(1_000, 503).toArray(Integer[]::new)));
        ANSWERS.put("/well", answers(503));
        alice.execute("CREATE TABLE app.events (id int)");
        create("dead", "/dead", "policy => 'patient'");
        alice.query("SELECT new_key FROM net.create_webhook('well', 'app.events', '" + server.url("/well")
                + "', policy => 'patient')");
        alice.execute("INSERT INTO app.events VALUES (1)");
        Eventually.until(
                "the other has failed",
                Duration.ofSeconds(10),
                () -> session.number("SELECT count(*) FROM net._delivery WHERE last_status = 503") == 1);
        alice.execute("INSERT INTO app.orders SELECT g FROM generate_series(1, 60) g");
        Eventually.until(
                "its breaker is open",
                Duration.ofSeconds(10),
                () -> alice.query("SELECT breaker FROM net.stat_host WHERE endpoint = 'webhook dead' AND origin = '"
                                + server.url("") + "'")
                        .equals(Optional.of("open")));
        // They are held, and so probe whether it works.
        alice.execute("INSERT INTO app.orders SELECT g FROM generate_series(101, 105) g");

        ANSWERS.clear();

        Eventually.until(
                "all that failed has come",
                Duration.ofSeconds(60),
                () -> session.number("SELECT count(*) FROM net.http_request_queue WHERE webhook = 'dead'") == 0);
        assertThat(session.number("SELECT count(*) FROM net._delivery"))
                .as("of the other")
                .isEqualTo(1);
    }

    @Test
    void requestThatIsNoWebhooksIsNotDisturbedByGone() throws SQLException {
        ANSWERS.put("/orders", answers(410));
        create("orders", "/orders", "");

        long id = alice.number("SELECT net.http_post('" + server.url("/orders") + "')");

        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|410");
        assertThat(alice.text("SELECT enabled FROM net.webhooks")).isEqualTo("t");
    }

    @Test
    void redirectIsAFailureAndNotFollowed() throws SQLException {
        ANSWERS.put("/orders", answers(307));
        create("orders", "/orders", "signed => false");

        alice.execute("INSERT INTO app.orders VALUES (1)");

        session.await("SELECT count(*) FROM net.dead_letters WHERE reason = 'rejected' AND status_code = 307", 1);
        assertThat(RECEIVED).hasSize(1);
    }

    @Test
    void disabledByAPersonNothingMoreIsSent() throws SQLException {
        ANSWERS.put("/orders", answers(500));
        create("orders", "/orders", "policy => 'quickly'");
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        alice.execute("INSERT INTO app.orders VALUES (1)");

        alice.execute("UPDATE net.webhooks SET enabled = false");
        session.execute("DELETE FROM net.hosts");

        session.await(DEAD, 1);
        assertThat(RECEIVED).isEmpty();
        assertThat(session.text("SELECT error_msg FROM net.dead_letters"))
                .startsWith("webhook \"orders\" is disabled: disabled by role \"alice\"");
    }

    @Test
    void whatIsQueuedForADroppedWebhookBecomesDeadLettersAtOnce() throws SQLException {
        ANSWERS.put("/orders", answers(500));
        create("orders", "/orders", "policy => 'patient', signed => false");
        alice.execute("INSERT INTO app.orders VALUES (1)");
        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 1);
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        alice.execute("INSERT INTO app.orders VALUES (2)");
        session.await("SELECT coalesce(sum(waiting), 0) FROM net.stat_host WHERE origin = '" + server.url("") + "'", 1);

        assertThat(alice.text("SELECT net.drop_webhook('orders')")).isEqualTo("t");

        assertThat(alice.column("SELECT concat_ws(' ', attempts, status_code, reason, error_msg)"
                        + " FROM net.dead_letters ORDER BY id"))
                .containsExactly("1 500 gone webhook \"orders\" was dropped", "0 gone webhook \"orders\" was dropped");
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isZero();
        assertThat(session.number("SELECT count(*) FROM net._delivery")).isZero();
        session.execute("DELETE FROM net.hosts");
        assertThat(alice.collect(alice.get(server.url("/later")))).startsWith("SUCCESS|ok|200");
        assertThat(RECEIVED).as("what the worker had read, too").hasSize(2);

        create("orders", "/orders", "");
        alice.column("SELECT requests FROM net.retry_all('127.0.0.1', now() - interval '1 hour', dry_run => false)");
        awaitReceived(4);
    }

    @Test
    void webhookWhoseDropIsRolledBackIsSent() throws SQLException {
        create("orders", "/orders", "");
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        alice.execute("INSERT INTO app.orders VALUES (1)");

        alice.execute("BEGIN", "SELECT net.drop_webhook('orders')", "ROLLBACK");
        session.execute("DELETE FROM net.hosts");

        awaitReceived(1);
        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 1);
        assertThat(session.number(DEAD)).isZero();
    }

    @Test
    void whatIsQueuedBeforeTheKeyIsTakenAwayIsSignedWithIt() throws SQLException {
        String key = create("orders", "/orders", "");
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        alice.execute("INSERT INTO app.orders VALUES (1)");
        create("orders", "/orders", "signed => false");
        session.execute("DELETE FROM net.hosts");

        awaitReceived(1);
        assertThat(StandardWebhook.verifies(RECEIVED.element(), key)).isTrue();
        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        alice.execute("INSERT INTO app.orders VALUES (2)");
        awaitReceived(2);
        assertThat(RECEIVED.stream().skip(1).findFirst().orElseThrow().values("webhook-signature"))
                .isEmpty();
        alice.execute("SELECT net.drop_webhook('orders')");
        assertThat(session.number("SELECT count(*) FROM net._secrets")).isZero();
    }

    /** The table goes, and what was committed before is sent; then the webhook is swept, with its key. */
    @Test
    void whatWasWrittenToATableThatIsGoneIsSent() throws SQLException {
        String key = create("orders", "/orders", "");
        session.execute("INSERT INTO net.hosts (pattern, paused) VALUES ('127.0.0.1', true)");
        alice.execute("INSERT INTO app.orders VALUES (1)", "DROP TABLE app.orders", "CREATE TABLE app.events (id int)");
        // As if it were days ago.
        session.execute(
                "ALTER TABLE net._webhooks DISABLE TRIGGER _check_webhook",
                "UPDATE net._webhooks SET created = now() - interval '2 days'",
                "ALTER TABLE net._webhooks ENABLE ALWAYS TRIGGER _check_webhook");
        alice.execute("SELECT net.create_webhook('events', 'app.events', '" + server.url("/events") + "')");
        assertThat(session.column("SELECT name FROM net._webhooks ORDER BY 1")).containsExactly("events", "orders");

        session.execute("DELETE FROM net.hosts");
        awaitReceived(1);
        assertThat(StandardWebhook.verifies(RECEIVED.element(), key)).isTrue();
        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        alice.execute("SELECT net.create_webhook('events', 'app.events', '" + server.url("/events") + "')");
        assertThat(session.column("SELECT name FROM net._webhooks")).containsExactly("events");
        assertThat(session.column("SELECT name FROM net._secrets")).containsExactly("webhook.events");
    }

    @Test
    void roleCannotDisableAnothersWebhookByARequestOfItsOwn() throws SQLException {
        ANSWERS.put("/orders", answers(410));
        create("orders", "/elsewhere", "");
        session.execute("GRANT INSERT ON net.http_request_queue TO bob");
        try {
            bob.execute("INSERT INTO net.http_request_queue (method, url, webhook, policy) VALUES ('POST', '"
                    + server.url("/orders") + "', 'orders', 'standard')");

            session.await(DEAD, 1);
            assertThat(alice.text("SELECT enabled FROM net.webhooks")).isEqualTo("t");
        } finally {
            session.execute("REVOKE INSERT ON net.http_request_queue FROM bob");
        }
    }

    /** Makes a webhook on the table, and returns its key, if it has one. */
    private String create(String name, String path, String more) throws SQLException {
        return alice.query("SELECT new_key FROM net.create_webhook('" + name + "', 'app.orders', '" + server.url(path)
                        + "'" + (more.isEmpty() ? "" : ", " + more) + ")")
                .orElse("");
    }

    private static void awaitReceived(int count) {
        Eventually.until("requests come", Duration.ofSeconds(10), () -> RECEIVED.size() >= count);
    }

    private static Queue<Integer> answers(Integer... statuses) {
        return new ConcurrentLinkedQueue<>(List.of(statuses));
    }

    private static void answer(ScriptedServer.Request request, OutputStream out) throws IOException {
        RECEIVED.add(request);
        Integer status = ANSWERS.getOrDefault(request.target(), new ConcurrentLinkedQueue<>())
                .poll();
        ScriptedServer.respond(out, status == null ? 200 : status, "", "Location: /followed");
    }
}
