package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.session.Session;

/** Requests that did not succeed, and functions that were given up, are kept, and come back when somebody says so. */
@PgNetTest(
        cluster = Sharing.WITH_NONE,
        sql = {"CREATE ROLE alice LOGIN", "CREATE ROLE mallory LOGIN", "CREATE ROLE clerk LOGIN", "GRANT alice TO clerk"
        })
class DeadLetterIT {
    private static final String DEAD = "SELECT count(*) FROM net.dead_letters";
    private static final String CALLBACKS = "SELECT count(*) FROM net._callbacks";
    private static final String LETTER =
            "SELECT concat_ws('|', method, url, headers, convert_from(body, 'UTF8'), timeout_milliseconds, policy,"
                    + " context, attempts, status_code, error_msg, reason, host) FROM net.dead_letters WHERE id = ?";

    /** The statuses that each path answers with; 200 when none is left. */
    private static final Map<String, Queue<Integer>> ANSWERS = new ConcurrentHashMap<>();

    @Given
    private static PgCluster cluster;

    private ScriptedServer server;

    @Given
    private Session session;

    @Given(role = "alice")
    private Session alice;

    @Given(role = "clerk")
    private Session clerk;

    @Given(role = "mallory")
    private Session mallory;

    @BeforeEach
    void start() throws SQLException {
        server = ScriptedServer.answering(DeadLetterIT::answer);
        ANSWERS.clear();
        session.execute(
                "DELETE FROM net.http_request_queue",
                "DELETE FROM net._delivery",
                "DELETE FROM net._http_response",
                "DELETE FROM net._callbacks",
                "DELETE FROM net.dead_letters",
                "DELETE FROM net.policies WHERE name NOT IN ('none', 'quick', 'standard')",
                "INSERT INTO net.policies (name, delays, max_attempts, jitter, keep_dead) VALUES"
                        + " ('twice', '{50 ms}', 2, 0, true), ('forgotten', '{50 ms}', 2, 0, false),"
                        + " ('slow', '{1 h}', 5, 0, true)",
                "DROP FUNCTION IF EXISTS public.told",
                "CREATE TABLE IF NOT EXISTS public.heard (id bigint, status integer, content text, context jsonb)",
                "TRUNCATE public.heard",
                "GRANT ALL ON public.heard TO PUBLIC");
    }

    // ---- what is kept

    @Test
    void rejectedRequestIsKeptWhole() throws SQLException {
        String url = server.url("/orders");
        ANSWERS.put("/orders", answers(404));
        long id = session.number("SELECT net.request('" + url + "', '{\"order\": 7}', method => 'PUT',"
                + " headers => '{\"X-Name\": \"a\"}', timeout => '7 s', policy => 'twice', context => '[1]')");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|404");

        assertThat(session.text(LETTER, id))
                .isEqualTo("PUT|" + url + "|{\"X-Name\": \"a\", \"Content-Type\": \"application/json\"}|{\"order\": 7}"
                        + "|7000|twice|[1]|1|404|rejected|127.0.0.1");
        assertThat(session.text("SELECT d.died = r.created AND d.owner = r.owner AND d.created < d.died"
                        + " FROM net.dead_letters d JOIN net.responses r USING (id)"))
                .isEqualTo("t");
        assertThat(session.number("SELECT dead FROM net.stats")).isEqualTo(1);
    }

    @Test
    void exhaustedRequestSaysHowOftenItWasSent() throws SQLException {
        long id = send(session, "/exhausted", "twice", 503, 502);

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|502");

        assertThat(session.text(
                        "SELECT concat_ws(' ', attempts, status_code, reason) FROM net.dead_letters WHERE id = ?", id))
                .isEqualTo("2 502 exhausted");
    }

    @Test
    void requestsWithoutAResponseSayWhyTheyAreKept() throws SQLException {
        long noServer = session.number("SELECT net.request('http://127.0.0.1:1/', policy => 'twice')");
        session.execute("BEGIN");
        long expired = session.number(
                "SELECT net.request('" + server.url("/late") + "', policy => 'twice', expires_after => '100 ms')");
        session.execute("SELECT pg_sleep(0.2)", "COMMIT");

        assertThat(session.collect(noServer)).startsWith("ERROR|");
        assertThat(session.collect(expired)).startsWith("ERROR|expired");

        assertThat(session.text("SELECT reason FROM net.dead_letters WHERE id = ?", noServer))
                .isEqualTo("exhausted");
        assertThat(session.text("SELECT reason FROM net.dead_letters WHERE id = ?", expired))
                .isEqualTo("expired");
        assertThat(session.number(DEAD + " WHERE error_msg IS NOT NULL AND status_code IS NULL"))
                .isEqualTo(2);
    }

    @Test
    void refusedRequestIsKept() throws SQLException {
        long id = send(session, "/refused", "twice", 302);

        assertThat(session.collect(id)).startsWith("ERROR|");

        assertThat(session.text("SELECT reason FROM net.dead_letters WHERE id = ?", id))
                .isEqualTo("refused");
    }

    @ParameterizedTest
    @CsvSource({"none,503", "forgotten,404", "twice,200", ",503"})
    void othersAreNotKept(String policy, int status) throws SQLException {
        long id = send(session, "/others", policy, status, status);

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|" + status);

        assertThat(session.number(DEAD)).isZero();
    }

    @Test
    void successThatItsPolicyWouldRepeatIsNoFailure() throws SQLException {
        session.execute("INSERT INTO net.policies (name, delays, max_attempts, jitter, retry_on)"
                + " VALUES ('poll', '{50 ms}', 2, 0, '{202}')");
        long id = send(session, "/accepted", "poll", 202, 202);

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|202");

        assertThat(session.number(DEAD)).isZero();
    }

    @Test
    void oldDeadLettersAreDeleted() throws SQLException {
        session.collect(send(session, "/old", "twice", 404));
        cluster.set("pg_net.dead_letter_ttl = '1 s'");
        cluster.reload();
        try {
            session.await(DEAD, 0);
        } finally {
            cluster.set("pg_net.dead_letter_ttl = '7 days'");
            cluster.reload();
        }
    }

    // ---- net.retry

    @Test
    void deadRequestIsSentAgainAsTheSame() throws SQLException {
        ANSWERS.put("/again", answers(503, 503, 503));
        long id = alice.number("SELECT net.request('" + server.url("/again") + "', '{}', policy => 'twice')");
        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|503");

        assertThat(alice.text("SELECT net.retry(" + id + ")")).isEqualTo("t");

        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(alice.number("SELECT attempts FROM net.responses WHERE id = ?", id))
                .as("anew")
                .isEqualTo(2);
        assertThat(alice.column("SELECT attempt FROM net.attempts WHERE request_id = ? ORDER BY started", id))
                .containsExactly("1", "2", "1", "2");
        assertThat(alice.number(DEAD)).isZero();
        assertThat(alice.text("SELECT net.retry(" + id + ")"))
                .as("it has succeeded")
                .isEqualTo("f");
        assertThat(server.requests().stream().map(request -> request.values("Idempotency-Key")))
                .hasSize(4)
                .containsOnly(server.requests().get(0).values("Idempotency-Key"));
        assertThat(server.requests().get(0).values("Idempotency-Key")).hasSize(1);
    }

    @Test
    void requestThatIsSentAgainIsPendingAndOneThatIsRolledBackStaysDead() throws SQLException {
        long id = send(session, "/rolled-back", "twice", 404);
        session.collect(id);

        session.execute("BEGIN");
        assertThat(session.text("SELECT net.retry(" + id + ")")).isEqualTo("t");
        assertThat(session.collect(id, true)).startsWith("PENDING|request is pending");
        session.execute("ROLLBACK");

        assertThat(session.collect(id, true)).startsWith("SUCCESS|ok|404");
        assertThat(session.number(DEAD)).isEqualTo(1);
    }

    @Test
    void expiredRequestIsSentAgainWithoutItsOldLimit() throws SQLException {
        session.execute("BEGIN");
        long id = session.number(
                "SELECT net.request('" + server.url("/expired") + "', policy => 'twice', expires_after => '100 ms')");
        session.execute("SELECT pg_sleep(0.2)", "COMMIT");
        assertThat(session.collect(id)).startsWith("ERROR|expired");

        session.execute("SELECT net.retry(" + id + ")");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
    }

    /** In the queue it would be in the way of the request that is given this id. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void letterOfAnIdThatIsStillToBeGivenIsNotSent(boolean anyGiven) throws SQLException {
        long id = send(session, "/early", "twice", 404);
        session.collect(id);
        session.execute(
                "ALTER TABLE net.http_request_queue ALTER id RESTART WITH " + (anyGiven ? id - 1 : id),
                anyGiven ? "SELECT net.request('" + server.url("/other") + "', delay => '1 s')" : "SELECT");

        assertThatThrownBy(() -> session.text("SELECT net.retry(" + id + ")"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refusal -> assertThat(refusal.getSQLState()).isEqualTo("23505"));
        session.execute("SELECT net.retry_all('*', '-infinity', dry_run => false)");
        assertThat(session.number(DEAD)).isEqualTo(1);

        assertThat(session.number("SELECT net.request('" + server.url("/other") + "')"))
                .isEqualTo(id);
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        session.execute("DELETE FROM net._http_response WHERE id = " + id);
        assertThat(session.text("SELECT net.retry(" + id + ")")).isEqualTo("t");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
    }

    /** Of a transaction that nobody may end for hours. */
    @Test
    void letterWhoseIdARequestToComeHasIsRefusedAtOnce() throws SQLException {
        long id = send(session, "/to-come", "twice", 404);
        session.collect(id);
        session.execute("ALTER TABLE net.http_request_queue ALTER id RESTART WITH " + id);

        try (Session other = cluster.session()) {
            other.execute("BEGIN");
            assertThat(other.number("SELECT net.request('" + server.url("/other") + "')"))
                    .isEqualTo(id);

            session.execute("SET statement_timeout = '5 s'");
            assertThatThrownBy(() -> session.text("SELECT net.retry(" + id + ")"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            refusal -> assertThat(refusal.getSQLState()).isEqualTo("23505"));
            session.execute("SELECT net.retry_all('*', '-infinity', dry_run => false)");
            assertThat(session.number(DEAD)).isEqualTo(1);
            other.execute("ROLLBACK");
        }
        assertThat(session.text("SELECT net.retry(" + id + ")")).isEqualTo("t");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
    }

    /** Whose id is given by something else than the identity that the table was made with. */
    @Test
    void letterIsSentAgainWhereTheQueueHasNoSequence() throws SQLException {
        long id = send(session, "/sequence", "twice", 404);
        session.collect(id);

        session.execute(
                "BEGIN",
                "ALTER EXTENSION pg_net DROP SEQUENCE net.http_request_queue_id_seq",
                "ALTER TABLE net.http_request_queue ALTER id DROP IDENTITY");
        assertThat(session.text("SELECT net.retry(" + id + ")")).isEqualTo("t");
        session.execute("ROLLBACK");
    }

    @Test
    void letterOfAnIdThatAnotherRequestHasIsNotSent() throws SQLException {
        long id = send(session, "/taken", "twice", 404);
        session.collect(id);
        session.execute("ALTER TABLE net.http_request_queue ALTER id RESTART WITH " + id);
        ANSWERS.put("/other", answers(203));
        long other = session.number("SELECT net.request('" + server.url("/other") + "', delay => '1 s')");
        assertThat(other).isEqualTo(id);

        session.execute("BEGIN");
        assertThat(session.text("SELECT net.retry(" + id + ")"))
                .as("the one that waits")
                .isEqualTo("t");
        session.execute("ROLLBACK");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|203");
        assertThatThrownBy(() -> session.text("SELECT net.retry(" + id + ")"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refusal -> assertThat(refusal.getSQLState()).isEqualTo("23505"))
                .hasMessageContaining("Hint");

        assertThat(session.collect(id)).startsWith("SUCCESS|ok|203");
        assertThat(session.number(DEAD)).isEqualTo(1);
        session.execute("DELETE FROM net._http_response WHERE id = " + id, "SELECT net.retry(" + id + ")");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
    }

    @Test
    void deadRequestHasThePolicyAndTheRulesOfToday() throws SQLException {
        long id = send(session, "/today", "twice", 503, 503, 503, 503, 503);
        session.collect(id);
        session.execute("UPDATE net.policies SET max_attempts = 3 WHERE name = 'twice'");

        session.execute("SELECT net.retry(" + id + ")");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|503");
        assertThat(session.number("SELECT attempts FROM net.responses WHERE id = ?", id))
                .isEqualTo(3);

        session.execute("INSERT INTO net.hosts (pattern, headers) VALUES ('127.0.0.1', '{\"X-Today\": \"yes\"}')");
        try {
            session.execute("SELECT net.retry(" + id + ")");
            assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        } finally {
            session.execute("TRUNCATE net.hosts");
        }
        assertThat(server.requests().get(server.requests().size() - 1).values("X-Today"))
                .containsExactly("yes");
    }

    @Test
    void policyThatHasGoneIsMissedBeforeAnythingIsSent() throws SQLException {
        long id = send(session, "/policy", "twice", 404);
        session.collect(id);
        session.execute("DELETE FROM net.policies WHERE name = 'twice'");

        assertThatThrownBy(() -> session.text("SELECT net.retry(" + id + ")"))
                .hasMessageContaining("policy \"twice\" does not exist");

        assertThat(session.number(DEAD)).isEqualTo(1);
    }

    @Test
    void roleBringsBackAndDiscardsItsOwnAlone() throws SQLException {
        long id = send(alice, "/own", "twice", 404);
        alice.collect(id);

        for (String call : List.of("SELECT net.retry(%d)", "SELECT net.cancel(%d)")) {
            assertThat(mallory.text(String.format(call, id))).isEqualTo("f");
        }
        assertThat(mallory.number(DEAD)).isZero();
        assertThat(mallory.column("SELECT requests FROM net.retry_all('*', '-infinity', dry_run => false)"))
                .isEmpty();
        for (String forgery : List.of(
                "INSERT INTO net.dead_letters (id, owner, attempts, reason, died) VALUES (1, 10, 1, 'refused', now())",
                "UPDATE net.dead_letters SET owner = 10",
                "DELETE FROM net.dead_letters",
                "TRUNCATE net.dead_letters",
                "INSERT INTO net.http_request_queue (id, method, url) OVERRIDING SYSTEM VALUE VALUES (1, 'GET',"
                        + " 'http://h/')",
                "INSERT INTO net.http_request_queue (method, url, owner) VALUES ('GET', 'http://h/', 10)")) {
            assertThatThrownBy(() -> mallory.execute(forgery)).hasMessageContaining("permission denied");
        }

        assertThat(clerk.text("SELECT net.retry(" + id + ")")).as("a member's").isEqualTo("t");
        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(alice.text("SELECT owner::regrole::text FROM net.responses WHERE id = ?", id))
                .isEqualTo("alice");
    }

    /** The caller's search_path, and what it finds there, is not the owner's. */
    @Test
    void callersObjectsAreNotFoundByWhatRunsAsTheOwner() throws SQLException {
        session.execute("GRANT CREATE ON SCHEMA public TO mallory");
        mallory.execute(
                "CREATE FUNCTION public.evil(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS"
                        + " $$ BEGIN RAISE EXCEPTION 'as %', current_user; END $$",
                "CREATE OPERATOR public.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = public.evil)",
                "SET search_path = public, pg_catalog");
        long id = send(mallory, "/path", "twice", 404);
        mallory.collect(id);

        assertThat(mallory.text("SELECT net.retry(" + id + ")")).isEqualTo("t");
        assertThat(mallory.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(mallory.column("SELECT net.retry_all('*', '-infinity')")).isEmpty();
        mallory.execute("DROP OPERATOR public.= (bigint, bigint)", "DROP FUNCTION public.evil(bigint, bigint)");
    }

    // ---- net.cancel

    @Test
    void cancelledDeadLetterIsGoneAndItsResponseStays() throws SQLException {
        long id = send(alice, "/discard", "twice", 404);
        alice.collect(id);

        assertThat(alice.text("SELECT net.cancel(" + id + ")")).isEqualTo("t");

        assertThat(session.number(DEAD)).isZero();
        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|404");
        assertThat(alice.text("SELECT net.cancel(" + id + ")")).isEqualTo("f");
    }

    // ---- net.retry_all

    @Test
    void allOfAHostAreSentAgain() throws SQLException {
        session.collect(send(session, "/a", "twice", 404));
        session.collect(send(session, "/b", "twice", 503, 503));
        long waiting = send(session, "/c", "slow", 503);
        session.await("SELECT retrying FROM net.stats", 1);
        String[] found = {"127.0.0.1|exhausted|1|t", "127.0.0.1|rejected|1|t", "127.0.0.1|waiting|1|t"};
        String lastHour = ", now() - interval '1 hour'";

        for (String host : List.of(
                "127.0.0.1",
                "*",
                "*.0.0.1",
                "127.0.0.1:" + URI.create(server.url("/")).getPort())) {
            assertThat(retryAll("'" + host + "'" + lastHour)).as(host).containsExactly(found);
        }
        for (String host : List.of("127.0.0.2", "*.127.0.0.1", "127.0.0.1:1", "0.0.1")) {
            assertThat(retryAll("'" + host + "'" + lastHour)).as(host).isEmpty();
        }
        assertThat(retryAll("'*', now() + interval '1 hour'")).isEmpty();
        assertThat(retryAll("'*', '-infinity', now() - interval '1 hour'")).isEmpty();
        assertThat(session.notices("SELECT FROM net.retry_all('*'" + lastHour + ")"))
                .containsExactly("2 dead, 1 waiting for their next attempt; nothing was sent: dry_run is true");
        assertThat(session.number(DEAD)).as("only counted").isEqualTo(2);

        assertThat(retryAll("'127.0.0.1'" + lastHour + ", dry_run => false")).containsExactly(found);

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 3);
        assertThat(session.collect(waiting)).startsWith("SUCCESS|ok|200");
        assertThat(session.number(DEAD)).isZero();
    }

    @Test
    void noMoreThanSoManyAreSentTheOldestFirst() throws SQLException {
        for (String path : List.of("/1", "/2", "/3")) {
            session.collect(send(session, path, "twice", 404));
        }

        assertThat(retryAll("'*', '-infinity', max_requests => 2, dry_run => false"))
                .containsExactly("127.0.0.1|rejected|2|t");

        session.await(DEAD, 1);
        assertThat(session.text("SELECT url FROM net.dead_letters")).endsWith("/3");
    }

    @Test
    void theyAreSpreadOverTime() throws SQLException {
        for (String path : List.of("/1", "/2", "/3")) {
            session.collect(send(session, path, "twice", 404));
        }
        long waiting = send(session, "/soon", "slow", 503);
        session.await("SELECT retrying FROM net.stats", 1);
        String due = "SELECT due::text FROM net._delivery WHERE request_id = " + waiting;
        String before = session.text(due);

        assertThat(retryAll("'*', '-infinity', per_second => 0.0001, dry_run => false"))
                .containsExactly("127.0.0.1|rejected|3|t", "127.0.0.1|waiting|1|t");

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 1);
        assertThat(session.column(
                        "SELECT substring(url, '/.$') || round(extract(epoch FROM not_before - min(not_before) OVER"
                                + " ())) FROM net.http_request_queue WHERE id <> " + waiting + " ORDER BY id"))
                .as("ten thousand seconds between those that are left")
                .containsExactly("/20", "/310000");
        assertThat(session.text(due)).as("not later than it was").isEqualTo(before);
        session.execute("SELECT net.cancel(id) FROM net.http_request_queue");
    }

    @Test
    void whatIsSpreadIsSentWhenItsTimeHasCome() throws SQLException {
        for (String path : List.of("/1", "/2", "/3")) {
            session.collect(send(session, path, "twice", 404));
        }

        retryAll("'*', '-infinity', per_second => 5, dry_run => false");

        session.await("SELECT count(*) FROM net._http_response WHERE status_code = 200", 3);
        assertThat(session.number(
                        "SELECT round(extract(epoch FROM max(created) - min(created)) * 1000) FROM net._http_response"))
                .isBetween(350L, 10_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "NULL, now();22004",
                "'h', NULL;22004",
                "'h', now(), max_requests => -1;22023",
                "'h', now(), per_second => 0;22023"
            })
    void argumentsThatSayNothingAreRefused(String arguments, String state) {
        assertThatThrownBy(() -> retryAll(arguments))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refusal -> assertThat(refusal.getSQLState()).isEqualTo(state));
    }

    private List<String> retryAll(String arguments) throws SQLException {
        return session.column("SELECT concat_ws('|', host, reason, requests, oldest IS NOT NULL) FROM net.retry_all("
                + arguments + ")");
    }

    // ---- functions that were given up

    @Test
    void functionThatWasGivenUpIsCalledAgainAndNothingIsSent() throws SQLException {
        long id = giveUp("all");
        int requests = server.requests().size();
        assertThat(alice.text(
                        "SELECT concat_ws('|', reason, attempts, status_code, on_response, context, method, host)"
                                + " FROM net.dead_letters WHERE id = ?",
                        id))
                .isEqualTo("callback|6|200|public.told|{\"n\": 1}|GET|127.0.0.1");

        createTold("INSERT INTO public.heard VALUES ($1, $2.status_code, $2.content, $3)");
        assertThat(mallory.text("SELECT net.retry(" + id + ")")).isEqualTo("f");
        assertThat(alice.text("SELECT net.retry(" + id + ")")).isEqualTo("t");

        session.await("SELECT count(*) FROM public.heard", 1);
        assertThat(session.text("SELECT concat_ws('|', id = " + id + ", status, context) FROM public.heard"))
                .isEqualTo("t|200|{\"n\": 1}");
        assertThat(session.number(DEAD)).isZero();
        assertThat(server.requests()).hasSize(requests);
        session.await("SELECT callbacks FROM net.stats", 0);
    }

    @Test
    void requestThatIsSentAgainTellsItsFunctionTheNewOutcomeAlone() throws SQLException {
        createTold("SELECT 1 / 0");
        ANSWERS.put("/both", answers(404));
        long id = alice.number(
                "SELECT net.request('" + server.url("/both") + "', policy => 'twice', on_response => 'public.told')");
        awaitFailedCall();
        createTold("INSERT INTO public.heard VALUES ($1, $2.status_code)");

        assertThat(alice.text("SELECT net.retry(" + id + ")")).isEqualTo("t");

        session.await("SELECT count(*) FROM public.heard", 1);
        assertThat(session.column("SELECT status FROM public.heard")).containsExactly("200");
        session.await(CALLBACKS, 0);
    }

    @Test
    void waitingCallbackIsDiscarded() throws SQLException {
        createTold("SELECT 1 / 0");
        long id = alice.number("SELECT net.request('" + server.url("/wait") + "', on_response => 'public.told')");
        awaitFailedCall();
        assertThat(mallory.text("SELECT net.cancel(" + id + ")")).isEqualTo("f");
        assertThat(session.number("SELECT callbacks FROM net.stats")).isEqualTo(1);

        assertThat(alice.text("SELECT net.cancel(" + id + ")")).isEqualTo("t");

        assertThat(session.number(CALLBACKS)).isZero();
        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|200");
    }

    // ---- store

    @Test
    void waiterOfAResponseThatIsNotStoredIsToldOfTheSuccess() throws SQLException {
        String failures = "SELECT net.request('" + server.url("/store") + "', delay => '500 ms', store => 'failures')";
        long id = session.number(failures);
        assertThat(session.collect(id)).startsWith("SUCCESS|ok: a 2xx status, and the response is not stored");
        assertThat(session.collect(id)).startsWith("ERROR|request matching request_id not found");
        assertThat(session.column(
                        "SELECT id FROM net.await(ARRAY[" + session.number(failures) + "]::bigint[], '10 s')"))
                .isEmpty();

        ANSWERS.put("/store", answers(404));
        assertThat(session.collect(session.number(failures))).startsWith("SUCCESS|ok|404");
    }

    @Test
    void cancelledRequestIsNoSuccessThoughItWouldStoreNothing() throws Exception {
        long id = session.number(
                "SELECT net.request('" + server.url("/never") + "', delay => '1 h', store => 'failures')");
        Queue<String> results = new ConcurrentLinkedQueue<>();
        Thread waiter = new Thread(() -> {
            try (Session other = cluster.session()) {
                results.add(other.collect(id));
            } catch (SQLException e) {
                results.add(e.getMessage());
            }
        });
        waiter.start();
        session.await(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query LIKE '%collect%'",
                1);

        session.execute("SELECT net.cancel(" + id + ")");

        waiter.join(10_000);
        assertThat(results).hasSize(1);
        assertThat(results.element()).startsWith("ERROR|request matching request_id not found");
    }

    @ParameterizedTest
    @CsvSource({"status,1", "failures,0", "all,1"})
    void functionIsGivenTheWholeResponseAndThenLessIsLeft(String store, int left) throws SQLException {
        createTold("INSERT INTO public.heard VALUES ($1, $2.status_code, $2.headers->>'X-Path')");
        alice.number(
                "SELECT net.request('" + server.url("/told") + "', on_response => 'public.told', store => ?)", store);

        session.await("SELECT count(*) FROM public.heard", 1);

        assertThat(session.text("SELECT status || content FROM public.heard")).isEqualTo("200/told");
        session.await(CALLBACKS, 0);
        assertThat(session.number("SELECT count(*) FROM net._http_response")).isEqualTo(left);
        assertThat(session.number("SELECT count(*) FROM net._response_detail")).isEqualTo(left);
        assertThat(session.number("SELECT count(headers) FROM net._http_response"))
                .isEqualTo(store.equals("all") ? 1 : 0);
    }

    @Test
    void responseIsWholeForAsLongAsItsFunctionFails() throws SQLException {
        long id = giveUp("failures");
        assertThat(session.text("SELECT headers->>'X-Path' FROM net._http_response WHERE id = ?", id))
                .isEqualTo("/given-up");

        createTold("INSERT INTO public.heard VALUES ($1, $2.status_code, $2.headers->>'X-Path')");
        alice.execute("SELECT net.retry(" + id + ")");

        session.await("SELECT count(*) FROM public.heard WHERE content = '/given-up'", 1);
        session.await("SELECT count(*) FROM net._http_response", 0);
    }

    @ParameterizedTest
    @CsvSource({"all,false,1", "status,false,1", "failures,false,0", "status,true,1", "failures,true,0"})
    void callThatIsDiscardedLeavesOfItsResponseWhatIsWanted(String store, boolean isDead, int left)
            throws SQLException {
        long id = isDead ? giveUp(store) : failOnce(store);
        assertThat(session.number("SELECT count(headers) FROM net._http_response"))
                .isEqualTo(1);

        assertThat(alice.text("SELECT net.cancel(" + id + ")")).isEqualTo("t");

        assertThat(session.number("SELECT count(*) FROM net._http_response")).isEqualTo(left);
        assertThat(session.number("SELECT count(*) FROM net._response_detail")).isEqualTo(left);
        assertThat(session.number("SELECT count(headers) FROM net._http_response"))
                .isEqualTo(store.equals("all") ? 1 : 0);
        assertThat(session.number(CALLBACKS) + session.number(DEAD)).isZero();
    }

    @Test
    void discardedCallKeepsAFailureThatIsWanted() throws SQLException {
        ANSWERS.put("/given-up", answers(404));
        long id = failOnce("failures");

        alice.execute("SELECT net.cancel(" + id + ")");

        assertThat(session.text("SELECT headers->>'X-Path' FROM net._http_response WHERE id = ?", id))
                .isEqualTo("/given-up");
    }

    // ---- helpers

    /** A request whose function was called as often as it is. */
    private long giveUp(String store) throws SQLException {
        long id = failOnce(store);
        session.execute("UPDATE net._callbacks SET attempts = 5, due = now()");
        session.await(DEAD + " WHERE reason = 'callback'", 1);
        return id;
    }

    /** A request whose function has raised and is called again. */
    private long failOnce(String store) throws SQLException {
        createTold("SELECT 1 / 0");
        long id = alice.number(
                "SELECT net.request('" + server.url("/given-up")
                        + "', on_response => 'public.told', context => '{\"n\": 1}', store => ?)",
                store);
        awaitFailedCall();
        session.execute("UPDATE net._callbacks SET due = now() + interval '1 hour'");
        return id;
    }

    private void awaitFailedCall() {
        session.await(CALLBACKS + " WHERE error_msg LIKE '22012%'", 1);
        session.await("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'net callback'", 0);
    }

    private void createTold(String body) throws SQLException {
        session.execute("CREATE OR REPLACE FUNCTION public.told(bigint, net._http_response, jsonb) RETURNS void"
                + " LANGUAGE sql AS $$ " + body + " $$");
    }

    private long send(Session who, String path, String policy, int... statuses) throws SQLException {
        ANSWERS.put(path, answers(statuses));
        return who.send("SELECT net.request(?, policy => ?)", server.url(path), policy);
    }

    private static Queue<Integer> answers(int... statuses) {
        Queue<Integer> answers = new ConcurrentLinkedQueue<>();
        for (int status : statuses) {
            answers.add(status);
        }
        return answers;
    }

    private static void answer(ScriptedServer.Request request, OutputStream out) throws IOException {
        Integer status = ANSWERS.getOrDefault(request.target(), new ConcurrentLinkedQueue<>())
                .poll();
        ScriptedServer.respond(
                out,
                status == null ? 200 : status,
                "",
                "Connection: close",
                "Location: gopher://nowhere/",
                "X-Path: " + request.target());
    }
}
