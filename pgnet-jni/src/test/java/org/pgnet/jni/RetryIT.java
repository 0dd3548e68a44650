package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Requests under a policy are sent again when they fail, by its schedule, until it ends them. */
@PgNetTest(settings = "max_prepared_transactions = 5", cluster = Sharing.WITH_NONE)
class RetryIT {
    private static final String UNDER_A_POLICY = "SELECT net.request(?, policy => ?)";
    private static final String HISTORY = "SELECT format('%s %s', attempt, coalesce(status_code::text, error_msg))"
            + " FROM net.attempts WHERE request_id = ? ORDER BY attempt";

    /** The answers of each path that are left: a status, a status and seconds of Retry-After, or an ended connection. */
    private static final Map<String, Queue<String>> ANSWERS = new ConcurrentHashMap<>();

    @Given
    private static PgCluster cluster;

    private ScriptedServer server;

    @Given
    private Session session;

    @BeforeEach
    void start() throws SQLException {
        server = ScriptedServer.answering(RetryIT::answer);
        ANSWERS.clear();
        session.execute(
                "TRUNCATE net.http_request_queue, net._http_response, net.attempts",
                "DELETE FROM net.policies WHERE name NOT IN ('none', 'quick', 'standard')",
                "INSERT INTO net.policies (name, delays, max_attempts, jitter)"
                        + " VALUES ('exact', '{200 ms,400 ms,600 ms}', 4, 0), ('slow', '{1 h}', 5, 0)");
    }

    @Test
    void requestIsSentByTheScheduleOfItsPolicy() throws SQLException {
        long id = send("/schedule", "exact", "503", "network", "500", "200");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        assertThat(session.column(HISTORY, id))
                .containsExactly("1 503", "2 Server returned nothing (no headers, no data)", "3 500", "4 200");
        assertPauses(id, "0.2", "0.4", "0.6");
        assertThat(session.number("SELECT attempts FROM net.responses WHERE id = " + id))
                .isEqualTo(4);
        assertThat(session.number("SELECT count(*) FROM net._delivery")).isZero();
        assertThat(session.number("SELECT in_flight FROM net.stats")).isZero();
    }

    @Test
    void historySaysWhereTheTimeOfEachAttemptWent() throws SQLException {
        long id = send("/stages", "exact", "503", "network", "200");
        session.collect(id);

        assertThat(session.column(
                        "SELECT attempt FROM net.attempts WHERE request_id = ? AND dns >= '0' AND connect >= '0' AND"
                                + " tls = '0' AND first_byte > '0' AND dns + connect + tls + first_byte <= duration ORDER"
                                + " BY attempt",
                        id))
                .containsExactly("1", "2", "3");
        assertThat(session.number("SELECT count(*) FROM net.attempts WHERE request_id = " + id + " AND connect > '0'"))
                .as("those on a connection of their own")
                .isPositive();
    }

    @Test
    void exhaustedRequestHasItsLastOutcome() throws SQLException {
        long id = send("/exhausted", "exact", "503", "503", "503", "502");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|502");

        assertThat(session.column(HISTORY, id)).containsExactly("1 503", "2 503", "3 503", "4 502");
    }

    @Test
    void statusThatIsNotRepeatedEndsIt() throws SQLException {
        long id = send("/rejected", "exact", "503", "404");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|404");

        assertThat(session.column(HISTORY, id)).containsExactly("1 503", "2 404");
    }

    @Test
    void requestThatSucceedsAtOnceHasNoHistory() throws SQLException {
        long id = send("/first", "exact", "200");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        assertThat(session.column(HISTORY, id)).isEmpty();
    }

    @Test
    void plainRequestIsNotSentAgain() throws SQLException {
        long id = send("/plain", null, "503");
        long ofNone = send("/none", "none", "503");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|503");
        assertThat(session.collect(ofNone)).startsWith("SUCCESS|ok|503");
    }

    @Test
    void serverThatSaysWhenIsAskedThenAndNotCounted() throws SQLException {
        session.execute(
                "INSERT INTO net.policies (name, delays, max_attempts, jitter) VALUES ('two', '{100 ms}', 2, 0)");
        long id = send("/later", "two", "429 1", "503 1", "500", "200");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        assertThat(session.column(HISTORY, id)).containsExactly("1 429", "2 503", "3 500", "4 200");
        assertPauses(id, "1", "1", "0.1");
    }

    @Test
    void oldRequestIsNotSentAgain() throws SQLException {
        session.execute(
                "INSERT INTO net.policies (name, delays, max_age, jitter) VALUES ('brief', '{700 ms}', '1 s', 0)");
        long id = send("/old", "brief", "503", "503", "200");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|503");

        assertThat(session.column(HISTORY, id)).hasSize(2);
    }

    @Test
    void requestThatExpiresIsNotSentAgain() throws SQLException {
        ANSWERS.put("/expires", new ConcurrentLinkedQueue<>(List.of("503", "503", "200")));
        long id = session.number("SELECT net.request('" + server.url("/expires")
                + "', policy => 'exact', delay => '100 ms', expires_after => '500 ms')");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|503");

        assertThat(session.column(HISTORY, id)).hasSize(2);
    }

    @Test
    void pendingRequestSaysWhatItWaitsFor() throws SQLException {
        long failed = send("/waits", "slow", "503");
        long lost = send("/lost", "slow", "network");
        long asked = send("/asked", "slow", "429");
        awaitAttempts(3);

        String next = ", next at "
                + session.text(
                        "SELECT date_trunc('second', due)::text FROM net._delivery WHERE request_id = ?", failed);
        assertThat(session.collect(failed, true)).isEqualTo("PENDING|attempt 1 of 5 failed with status 503" + next);
        assertThat(session.collect(lost, true))
                .startsWith("PENDING|attempt 1 of 5 failed: Server returned nothing (no headers, no data), next at 20");
        assertThat(session.collect(asked, true)).startsWith("PENDING|attempt 1 failed with status 429, next at 20");
        long scheduled = session.number("SELECT net.request('http://127.0.0.1:1/', delay => '1 h')");
        assertThat(session.collect(scheduled, true)).startsWith("PENDING|request is scheduled for 20");
    }

    @Test
    void cancelledRequestIsNotSentAgain() throws SQLException {
        session.execute("UPDATE net.policies SET delays = '{300 ms}' WHERE name = 'slow'");
        long cancelled = send("/cancelled", "slow", "503", "200");
        awaitAttempts(1);

        assertThat(session.text("SELECT net.cancel(" + cancelled + ")")).isEqualTo("t");

        assertThat(session.number("SELECT count(*) FROM net._delivery")).isZero();
        assertThat(session.collect(cancelled)).startsWith("ERROR|request matching request_id not found");
        long other = send("/other", "slow", "503", "200");
        assertThat(session.collect(other)).startsWith("SUCCESS|ok|200");
        assertThat(ANSWERS.get("/cancelled")).containsExactly("200");
    }

    @Test
    void updatedRequestBeginsAnew() throws SQLException {
        long id = send("/updated", "slow", "503", "200");
        awaitAttempts(1);
        session.execute("UPDATE net.http_request_queue SET timeout_milliseconds = 6000 WHERE id = " + id);

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        assertThat(session.number("SELECT count(*) FROM net._delivery")).isZero();
    }

    @Test
    void rewrittenTableKeepsItsAttempts() throws SQLException {
        long id = send("/rewritten", "slow", "503", "200");
        awaitAttempts(1);
        session.execute(
                "ALTER TABLE net.http_request_queue ADD rewritten float DEFAULT random()",
                "ALTER TABLE net.http_request_queue DROP rewritten",
                "SELECT net.wake()");
        long other = send("/after", "exact", "200");
        assertThat(session.collect(other)).startsWith("SUCCESS|ok|200");

        assertThat(session.collect(id, true)).startsWith("PENDING|attempt 1 of 5 failed with status 503");
        assertThat(ANSWERS.get("/rewritten")).as("not sent early").containsExactly("200");
        assertThat(session.text("SELECT net.retry(" + id + ")")).isEqualTo("t");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(session.column(HISTORY, id)).containsExactly("1 503", "2 200");
    }

    @Test
    void preparedRequestIsSentAgain() throws SQLException {
        session.execute("BEGIN");
        long id = send("/prepared", "exact", "503", "200");
        session.execute("PREPARE TRANSACTION 'retried'", "COMMIT PREPARED 'retried'");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
    }

    @Test
    void truncatedQueueSendsNothingAgain() throws SQLException {
        session.execute("UPDATE net.policies SET delays = '{300 ms}' WHERE name = 'slow'");
        send("/truncated", "slow", "503", "200");
        awaitAttempts(1);
        session.execute("TRUNCATE net.http_request_queue RESTART IDENTITY");

        assertThat(session.collect(send("/after", "slow", "503", "200"))).startsWith("SUCCESS|ok|200");
        assertThat(ANSWERS.get("/truncated")).containsExactly("200");
    }

    @Test
    void changedPolicyHoldsAtTheNextAttempt() throws SQLException {
        session.execute("UPDATE net.policies SET delays = '{500 ms,1 h}' WHERE name = 'slow'");
        long id = send("/changed", "slow", "503", "503", "200");
        awaitAttempts(1);
        session.execute("UPDATE net.policies SET delays = '{1 h,100 ms}' WHERE name = 'slow'");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        assertPauses(id, "0.5", "0.1");
    }

    @Test
    void policyThatHasGoneIsOneAttempt() throws SQLException {
        session.execute("UPDATE net.policies SET delays = '{300 ms}' WHERE name = 'slow'");
        long id = send("/gone", "slow", "503", "502", "200");
        awaitAttempts(1);
        session.execute("DELETE FROM net.policies WHERE name = 'slow'");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|502");
    }

    @Test
    void policyOfARoleHoldsForItsCalls() throws SQLException {
        session.execute(
                "DROP ROLE IF EXISTS retrying",
                "CREATE ROLE retrying LOGIN",
                "ALTER ROLE retrying SET pg_net.default_policy = 'exact'");
        ANSWERS.put("/role", new ConcurrentLinkedQueue<>(List.of("503", "200")));
        try (Session role = cluster.session("postgres", "retrying")) {
            long id = role.get(server.url("/role"));

            assertThat(role.collect(id)).startsWith("SUCCESS|ok|200");
            assertThat(role.column(HISTORY, id)).as("its own").containsExactly("1 503", "2 200");
        }
        session.execute("CREATE ROLE other LOGIN");
        try (Session other = cluster.session("postgres", "other")) {
            assertThat(other.number("SELECT count(*) FROM net.attempts")).isZero();
            assertThat(other.number("SELECT count(*) FROM net._delivery")).isZero();
        }
        session.execute("DROP ROLE other");
    }

    @Test
    void policyOfADatabaseOrAFunctionHoldsForItsCalls() throws SQLException {
        session.execute("CREATE OR REPLACE FUNCTION public.notify_partner(url text) RETURNS bigint LANGUAGE sql"
                + " SET pg_net.default_policy = 'exact' AS 'SELECT net.http_get(url)'");
        ANSWERS.put("/function", new ConcurrentLinkedQueue<>(List.of("503", "200")));
        assertThat(session.collect(session.number("SELECT public.notify_partner('" + server.url("/function") + "')")))
                .startsWith("SUCCESS|ok|200");

        session.execute("ALTER DATABASE postgres SET pg_net.default_policy = 'exact'");
        ANSWERS.put("/database", new ConcurrentLinkedQueue<>(List.of("503", "200")));
        try (Session later = cluster.session()) {
            assertThat(later.collect(later.get(server.url("/database")))).startsWith("SUCCESS|ok|200");
        } finally {
            session.execute("ALTER DATABASE postgres RESET pg_net.default_policy");
        }
    }

    @Test
    void keyIsTheSameForEachAttempt() throws SQLException {
        ANSWERS.put("/key", new ConcurrentLinkedQueue<>(List.of("503", "200", "200")));
        String post = "SELECT net.request('" + server.url("/key") + "', '{}', policy => 'exact')";
        assertThat(session.collect(session.number(post))).startsWith("SUCCESS");
        assertThat(session.collect(session.number(post))).startsWith("SUCCESS");

        List<String> keys = server.requests().stream()
                .flatMap(request -> request.values("Idempotency-Key").stream())
                .toList();
        assertThat(keys).hasSize(3);
        assertThat(keys.get(1)).isEqualTo(keys.get(0)).matches("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-.*");
        assertThat(keys.get(2)).isNotEqualTo(keys.get(0));
    }

    @Test
    void keyOfTheCallerStaysAsItIs() throws SQLException {
        ANSWERS.put("/own-key", new ConcurrentLinkedQueue<>(List.of("200")));
        session.collect(session.number("SELECT net.request('" + server.url("/own-key")
                + "', '{}', headers => '{\"idempotency-key\": \"mine\"}', policy => 'exact')"));

        assertThat(server.requests().get(0).values("Idempotency-Key")).containsExactly("mine");
    }

    @Test
    void killedWorkerCountsNoAttemptTwiceAndSendsNothingEarly() throws SQLException {
        session.execute("UPDATE net.policies SET delays = '{3 s}' WHERE name = 'slow'");
        long id = send("/killed", "slow", "503", "200");
        long waits = send("/waits", "standard", "503");
        awaitAttempts(2);
        long worker = cluster.awaitWorker();
        cluster.signal(worker, "KILL");
        Eventually.until("another worker", Duration.ofSeconds(20), () -> isReplaced(worker));

        try (Session after = cluster.session()) {
            assertThat(after.collect(id)).startsWith("SUCCESS|ok|200");
            assertThat(after.column(HISTORY, id)).containsExactly("1 503", "2 200");
            assertThat(after.text("SELECT max(started) - min(started + duration) >= '3 s' FROM net.attempts"
                            + " WHERE request_id = " + id))
                    .isEqualTo("t");
            assertThat(after.column(HISTORY, waits)).containsExactly("1 503");
            assertThat(after.collect(waits, true)).startsWith("PENDING|attempt 1 of 10 failed with status 503");
        }
    }

    @Test
    void restartedServerGoesOnWhereItWas() throws SQLException {
        session.execute("UPDATE net.policies SET delays = '{1 s}' WHERE name = 'slow'");
        long id = send("/restarted", "slow", "503", "503", "200");
        awaitAttempts(1);
        session.close();
        cluster.stop(StopMode.FAST);
        cluster.start();

        try (Session after = cluster.session()) {
            assertThat(after.collect(id)).startsWith("SUCCESS|ok|200");
            assertThat(after.column(HISTORY, id)).containsExactly("1 503", "2 503", "3 200");
        }
    }

    @Test
    void waitingRequestIsSentAtOnceByHand() throws SQLException {
        long failed = send("/by-hand", "slow", "503", "503", "200");
        awaitAttempts(1);
        String key = "SELECT net.retry(" + failed + ")";

        assertThat(session.text(key)).isEqualTo("t");
        awaitAttempts(2);
        assertThat(session.number("SELECT retrying FROM net.stats")).isEqualTo(1);
        assertThat(session.text(key)).isEqualTo("t");

        assertThat(session.collect(failed)).startsWith("SUCCESS|ok|200");
        assertThat(session.column(HISTORY, failed)).containsExactly("1 503", "2 503", "3 200");
        assertThat(session.text(key)).as("it has its response").isEqualTo("f");
    }

    @Test
    void scheduledRequestIsSentAtOnceByHand() throws SQLException {
        ANSWERS.put("/scheduled", new ConcurrentLinkedQueue<>(List.of("200")));
        long id = session.number("SELECT net.request('" + server.url("/scheduled") + "', delay => '1 h')");
        assertThat(session.number("SELECT scheduled FROM net.stats")).isEqualTo(1);

        session.execute("BEGIN", "SELECT net.retry(" + id + ")", "ROLLBACK");
        assertThat(session.collect(id, true)).startsWith("PENDING|request is scheduled for 20");
        session.execute("SELECT net.retry(" + id + ")");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
    }

    @Test
    void requestOfAnotherRoleIsNotSentByHand() throws SQLException {
        long id = send("/others", "slow", "503");
        awaitAttempts(1);
        session.execute("CREATE ROLE stranger LOGIN");
        try (Session stranger = cluster.session("postgres", "stranger")) {
            assertThat(stranger.text("SELECT net.retry(" + id + ")")).isEqualTo("f");
        }
        session.execute("DROP ROLE stranger");
        assertThat(session.column(HISTORY, id)).containsExactly("1 503");
    }

    @Test
    void oldHistoryIsDeleted() throws SQLException {
        long id = send("/history", "exact", "503", "200");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        session.execute("ALTER SYSTEM SET pg_net.attempt_ttl = '1 s'", "SELECT pg_reload_conf()");
        try {
            session.await("SELECT count(*) FROM net.attempts", 0);
        } finally {
            session.execute("ALTER SYSTEM RESET pg_net.attempt_ttl", "SELECT pg_reload_conf()");
        }
    }

    private long send(String path, String policy, String... answers) throws SQLException {
        ANSWERS.put(path, new ConcurrentLinkedQueue<>(List.of(answers)));
        return session.send(UNDER_A_POLICY, server.url(path), policy);
    }

    private static void answer(ScriptedServer.Request request, OutputStream out) throws IOException {
        String[] words = ANSWERS.get(request.target()).remove().split(" ");
        if (words[0].equals("network")) {
            throw new IOException("ends the connection");
        }
        // On a connection that was used before, libcurl would send a request that gets no answer twice.
        String[] headers = Stream.concat(
                        Stream.of("Connection: close"),
                        Stream.of(words).skip(1).map(seconds -> "Retry-After: " + seconds))
                .toArray(String[]::new);
        ScriptedServer.respond(out, Integer.parseInt(words[0]), "", headers);
    }

    private void awaitAttempts(int count) {
        session.await("SELECT count(*) FROM net.attempts", count);
    }

    /** Each attempt began so many seconds after the end of the one before, and not much later. */
    private void assertPauses(long id, String... seconds) throws SQLException {
        List<String> pauses = session.column(
                "SELECT extract(epoch FROM started - lag(started + duration) OVER (ORDER BY attempt))"
                        + " FROM net.attempts WHERE request_id = ? ORDER BY attempt OFFSET 1",
                id);
        assertThat(pauses).hasSize(seconds.length);
        for (int i = 0; i < seconds.length; i++) {
            double expected = Double.parseDouble(seconds[i]);
            assertThat(Double.parseDouble(pauses.get(i))).isBetween(expected, expected + 1);
        }
    }

    private static boolean isReplaced(long worker) {
        try {
            return cluster.workerPid("postgres").filter(pid -> pid != worker).isPresent();
        } catch (SQLException notYet) {
            return false;
        }
    }
}
