package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgnet.testkit.http.ScriptedServer.respond;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.http.ScriptedServer.Request;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** The recipes of {@code docs/delivery.md} do what they promise, as they stand there and for a role without privileges. */
@PgNetTest(sql = {"CREATE ROLE shop LOGIN", "CREATE ROLE clerk LOGIN"})
class DeliveryPageIT {
    private static final String RETRIES = "### Retries like Stripe's";
    private static final String EMBEDDINGS = "### Embeddings for each new row";
    private static final String RATE_LIMIT = "### An API with a rate limit";
    private static final String ALERT = "### An alert when a request is dead";
    private static final String OUTAGE = "### Everything again after an outage";
    private static final String TOKEN = "### A token that expires hourly";
    private static final String MANY_ROWS = "### Two million rows";
    private static final String MONEY = "### Money";

    private static final int CHAINS = 20;
    private static final long SECOND = 1_000_000_000;

    private static Page page;

    @Given
    private static Session session;

    @Given(role = "shop")
    private static Session shop;

    private ScriptedServer server;

    @BeforeAll
    static void readPage() throws IOException {
        page = Page.of("delivery.md");
    }

    @BeforeEach
    void start() throws SQLException {
        server = ScriptedServer.start();
        session.execute(
                "DROP OWNED BY shop CASCADE",
                "GRANT CREATE ON SCHEMA public TO shop",
                "TRUNCATE net.http_request_queue, net._http_response, net.attempts, net._callbacks, net.dead_letters",
                "DELETE FROM net.policies WHERE name NOT IN ('none', 'quick', 'standard')",
                "GRANT INSERT ON net.policies TO shop");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void everyRecipeIsRun() {
        assertThat(page.section("## Recipes").headings("###"))
                .containsExactly(RETRIES, EMBEDDINGS, RATE_LIMIT, ALERT, OUTAGE, TOKEN, MANY_ROWS, MONEY);
    }

    @Test
    void retriesLikeStripes() throws SQLException {
        answer("/hooks", "503", "500", "200");
        run(RETRIES);

        shop.execute("BEGIN", "INSERT INTO orders (item) VALUES ('never')", "ROLLBACK");
        shop.execute("INSERT INTO orders (item) VALUES ('lamp')");

        long id = onlyRequest();
        awaitFailure(id, 1, Duration.ofSeconds(5));
        retry(id);
        awaitFailure(id, 2, Duration.ofMinutes(5));
        retry(id);
        assertThat(shop.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(server.requests())
                .hasSize(3)
                .allMatch(request -> request.text()
                        .equals("{\"data\": {\"id\": 2, \"item\": \"lamp\"}, \"type\": \"order.created\"}"));
        assertThat(server.requests().stream().flatMap(request -> request.values("Idempotency-Key").stream()))
                .hasSize(3)
                .containsOnly(server.requests().get(0).values("Idempotency-Key").get(0));
        assertThat(shop.text("SELECT max_attempts || ' ' || max_age FROM net.policies WHERE name = 'patient'"))
                .isEqualTo("40 2 days");
    }

    @Test
    void embeddingsForEachNewRow(@Given(role = "clerk") Session clerk) throws SQLException {
        CountDownLatch newTextIsEmbedded = new CountDownLatch(1);
        AtomicBoolean fails = new AtomicBoolean(true);
        server.on("/v1/embeddings", (request, out) -> {
            if (request.text().contains("old")) {
                newTextIsEmbedded.await();
            }
            int status = fails.getAndSet(false) ? 503 : 200;
            respond(out, status, "{\"data\": [{\"embedding\": [" + request.body().length + "]}]}");
            return true;
        });
        run(EMBEDDINGS);
        shop.execute("GRANT INSERT ON document TO clerk");

        clerk.execute("INSERT INTO document (content) VALUES ('of a clerk')");
        long id = onlyRequest();
        awaitFailure(id, 1, Duration.ofSeconds(5));
        retry(id);
        shop.await("SELECT count(*) FROM document WHERE embedding = '[23]'", 1);

        shop.execute("INSERT INTO document (content) VALUES ('the old text')");
        shop.execute("UPDATE document SET content = 'new' WHERE content = 'the old text'");
        shop.await("SELECT count(*) FROM document WHERE embedding = '[16]'", 1);
        newTextIsEmbedded.countDown();
        shop.await("SELECT count(*) FROM net.responses WHERE status_code = 200", 3);
        shop.await("SELECT count(*) FROM net._callbacks", 0);
        assertThat(shop.column("SELECT embedding FROM document ORDER BY id")).containsExactly("[23]", "[16]");
    }

    @Test
    void apiWithARateLimit() throws SQLException {
        int perSecond = 8;
        List<Arrival> arrivals = new CopyOnWriteArrayList<>();
        server.on("/v1/contacts", (request, out) -> {
            long second = System.nanoTime() / SECOND;
            int status;
            synchronized (arrivals) {
                boolean full = arrivals.stream()
                                .filter(arrival -> arrival.nanos / SECOND == second)
                                .count()
                        >= perSecond;
                status = full ? 429 : 200;
                arrivals.add(new Arrival(request.text(), System.nanoTime(), status));
            }
            respond(out, status, "", "Retry-After: 1");
            return true;
        });
        run(RATE_LIMIT);

        session.await("SELECT least(count(*), 1) FROM net._delivery WHERE attempts > 0", 1);
        assertThat(session.number("SELECT coalesce(max(counted), 0) FROM net._delivery"))
                .isZero();
        session.await("SELECT count(*) FROM net.responses WHERE status_code = 200", 30);
        Map<String, List<Arrival>> byContact =
                arrivals.stream().collect(Collectors.groupingBy(arrival -> arrival.body));
        assertThat(byContact).hasSize(30).allSatisfy((body, attempts) -> {
            assertThat(attempts.stream().map(attempt -> attempt.status)).endsWith(200);
            for (int i = 1; i < attempts.size(); i++) {
                assertThat(attempts.get(i).nanos - attempts.get(i - 1).nanos).isGreaterThanOrEqualTo(SECOND);
            }
        });
        assertThat(byContact.values()).as("refused").anyMatch(attempts -> attempts.size() > 1);
        assertThat(byContact.values().stream()
                        .mapToLong(attempts -> attempts.get(0).nanos)
                        .max()
                        .orElseThrow())
                .as("spread")
                .isGreaterThan(arrivals.get(0).nanos + 2 * SECOND);
    }

    @Test
    void alertWhenARequestIsDead() throws SQLException {
        answer("/hooks", "503", "503", "503", "503", "503", "200");
        answer("/hooks/alerts", "200");
        run(ALERT);
        long id = onlyRequest();
        for (int attempt = 1; attempt < 5; attempt++) {
            session.await("SELECT coalesce(max(attempts), 0) FROM net._delivery WHERE request_id = " + id, attempt);
            retry(id);
        }

        Eventually.until(
                "an alert",
                Duration.ofSeconds(10),
                () -> !requestsTo("/hooks/alerts").isEmpty());
        assertThat(requestsTo("/hooks/alerts").get(0).text())
                .isEqualTo("{\"text\": \"POST " + server.url("/hooks")
                        + " is dead: exhausted after 5 attempts, last with status 503\"}");
        assertThat(shop.text(lastStatement(ALERT))).isEqualTo("1");

        long successful = shop.number(
                "SELECT net.request(?, '{}', policy => 'quick', on_response => 'alert_if_dead')", server.url("/hooks"));
        assertThat(shop.collect(successful)).startsWith("SUCCESS|ok|200");
        session.await("SELECT count(*) FROM net._callbacks", 0);
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isZero();
        assertThat(requestsTo("/hooks/alerts")).hasSize(1);
    }

    @Test
    void everythingAgainAfterAnOutage() throws SQLException {
        session.execute("INSERT INTO net.policies (name, delays, max_attempts) VALUES ('once', '{}', 1)");
        AtomicBoolean isDown = new AtomicBoolean(true);
        server.on("/hooks", (request, out) -> {
            respond(out, isDown.get() ? 503 : 200, "");
            return true;
        });
        String request = "SELECT net.request('" + server.url("/hooks") + "', '{\"n\": 1}', policy => ";
        shop.execute(
                request + "'once') FROM generate_series(1, 3)", request + "'standard') FROM generate_series(1, 2)");
        shop.await("SELECT count(*) FROM net.dead_letters", 3);
        shop.await("SELECT count(*) FROM net._delivery WHERE attempts > 0", 2);

        isDown.set(false);
        List<String> statements =
                List.of(page.section(OUTAGE).sql(server).get(0).split(";\\s*"));
        String counts = "SELECT string_agg(reason || ' ' || requests, ', ' ORDER BY reason) FROM (%s) r";
        assertThat(shop.text(String.format(counts, statements.get(0)))).isEqualTo("exhausted 3, waiting 2");
        assertThat(shop.number("SELECT count(*) FROM net.dead_letters")).isEqualTo(3);
        assertThat(shop.text(String.format(counts, statements.get(1)))).isEqualTo("exhausted 3, waiting 2");

        shop.await("SELECT count(*) FROM net.responses WHERE status_code = 200", 5);
        assertThat(shop.number("SELECT count(*) FROM net.dead_letters")).isZero();
        assertThat(keys()).hasSize(10);
        assertThat(Set.copyOf(keys())).hasSize(5);
    }

    @Test
    void tokenThatExpiresHourly() throws SQLException {
        AtomicReference<String> valid = new AtomicReference<>("");
        Queue<String> tokens = new ConcurrentLinkedQueue<>(List.of("", "first", "second"));
        server.on("/oauth/token", (request, out) -> {
            String token = tokens.remove();
            respond(
                    out,
                    token.isEmpty() ? 401 : 200,
                    "{\"access_token\": \"" + token + "\", \"expires_in\": 3600}",
                    "Content-Type: application/json");
            return true;
        });
        server.on("/v1/deals", (request, out) -> {
            boolean isValid = request.values("Authorization").contains("Bearer " + valid);
            respond(
                    out,
                    request.text().contains("later") && valid.get().equals("first") ? 503 : isValid ? 200 : 401,
                    "");
            return true;
        });
        run(TOKEN);

        assertThat(awaitTokenRequest()).as("after a refusal").isBetween(50L, 60L);
        retry(onlyRequest());
        shop.await("SELECT count(*) FROM token WHERE value = 'first'", 1);
        assertThat(awaitTokenRequest()).as("before the token expires").isBetween(3200L, 3240L);
        assertThat(requestsTo("/oauth/token").get(0).text())
                .isEqualTo("client_id=shop&grant_type=client_credentials&client_secret=%3Csecret%3E");

        // A token that is refused all the same: twice more, and no further.
        shop.execute("SELECT call_crm('{\"deal\": 1}')");
        shop.await("SELECT count(*) FROM net.responses WHERE status_code = 401 AND url LIKE '%/deals'", 3);
        shop.await("SELECT count(*) FROM net._callbacks", 0);
        assertThat(requestsTo("/v1/deals")).hasSize(3);

        // One that waits while the token is renewed.
        valid.set("first");
        long later = shop.number("SELECT call_crm('{\"deal\": \"later\"}')");
        awaitFailure(later, 1, Duration.ofSeconds(5));
        valid.set("second");
        retry(shop.number("SELECT id FROM net.http_request_queue WHERE url LIKE '%/token'"));
        shop.await("SELECT count(*) FROM token WHERE value = 'second'", 1);
        retry(later);
        shop.await("SELECT count(*) FROM net.responses WHERE status_code = 200 AND url LIKE '%/deals'", 1);
        assertThat(requestsTo("/v1/deals").stream().skip(3).map(request -> request.values("Authorization")))
                .containsExactly(List.of("Bearer first"), List.of("Bearer first"), List.of("Bearer second"));
        assertThat(requestsTo("/v1/deals"))
                .last()
                .satisfies(request -> assertThat(request.text()).isEqualTo("{\"deal\": \"later\"}"));
    }

    @Test
    void twoMillionRows() throws SQLException {
        int rows = 300;
        AtomicReference<String> state = new AtomicReference<>("up");
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Set<String> done = ConcurrentHashMap.newKeySet();
        server.on("/v1/import", (request, out) -> {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            Thread.sleep(5);
            if (done.size() >= rows / 3) {
                state.compareAndSet("up", "down");
            }
            inFlight.decrementAndGet();
            int status = state.get().equals("down") ? 503 : request.text().endsWith("99}") ? 404 : 200;
            if (status != 503) {
                assertThat(done.add(request.text())).as("sent twice").isTrue();
            }
            respond(out, status, "");
            return true;
        });
        run(shop, blocks(MANY_ROWS, "2000000", "" + rows));

        session.await("SELECT count(*) FROM net._delivery WHERE attempts > 0", CHAINS);
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue"))
                .isEqualTo(CHAINS);
        assertThat(shop.number("SELECT count(*) FROM work WHERE state = 'sent'"))
                .isEqualTo(CHAINS);
        state.set("up again");
        session.execute("SELECT net.retry(request_id) FROM net._delivery");
        shop.await("SELECT count(*) FROM work WHERE state = '200'", rows - 3);
        assertThat(shop.column("SELECT payload->>'n' FROM work WHERE state = '404' ORDER BY id"))
                .containsExactly("99", "199", "299");
        assertThat(most.get()).as("in flight").isBetween(2, CHAINS);
    }

    @Test
    void money() throws SQLException {
        answer("/v1/charges", "lost", "409", "200");
        run(MONEY);
        shop.execute("INSERT INTO payment (cents) VALUES (100), (200), (300), (400)");

        // Lost, still at work, done: each time with the same key.
        long id = shop.number("SELECT pay(1)");
        awaitFailure(id, 1, Duration.ofSeconds(2));
        retry(id);
        awaitFailure(id, 2, Duration.ofSeconds(10));
        retry(id);
        awaitState(1, "paid");
        assertThat(keys()).hasSize(3).containsOnly(shop.text("SELECT key FROM payment WHERE id = 1"));
        assertThat(shop.query("SELECT pay(1)")).as("paid already").isEmpty();

        // The caller has lost his answer too, and calls again.
        answer("/v1/charges", "402", "402");
        shop.execute("BEGIN", "SELECT pay(2)", "SELECT pay(2)", "COMMIT");
        awaitState(2, "refused");
        Eventually.until("both are sent", Duration.ofSeconds(10), () -> keys().size() == 5);
        assertThat(keys().subList(3, 5)).containsOnly(shop.text("SELECT key FROM payment WHERE id = 2"));

        answer("/v1/charges", "500");
        shop.execute("SELECT pay(3)");
        awaitState(3, "unknown");

        // With seconds for hours: no attempt once the key may be forgotten.
        shop.execute("DROP FUNCTION pay");
        run(
                shop,
                blocks(MONEY, "23 hours", "4 s").stream()
                        .flatMap(block -> Arrays.stream(block.split("(?m)(?=^CREATE )")))
                        .filter(statement -> statement.startsWith("CREATE FUNCTION pay("))
                        .toList());
        answer("/v1/charges", "503", "503", "200");
        shop.execute("SELECT pay(4)");
        awaitState(4, "unknown");
        assertThat(keys()).hasSize(8);
        assertThat(shop.column("SELECT DISTINCT state FROM payment ORDER BY 1"))
                .containsExactly("paid", "refused", "unknown");
    }

    /** What stands beside the recipes is SQL that runs. */
    @Test
    void statementsOfTheRulesRun() throws SQLException {
        session.execute(
                "CREATE SCHEMA app",
                "CREATE TABLE app.outcome (id bigint, status_code integer, error_msg text, context jsonb)",
                "CREATE FUNCTION announce_order() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
        server.on("/work", (request, out) -> {
            respond(out, 200, "");
            return true;
        });
        try {
            run(session, page.section("## The rules").sql(server));
            session.await("SELECT count(*) FROM app.outcome WHERE status_code = 200 AND context->>'job' = '7'", 1);
        } finally {
            session.execute("ALTER ROLE shop RESET ALL", "DROP SCHEMA app CASCADE", "DROP FUNCTION announce_order");
        }
    }

    private record Arrival(String body, long nanos, int status) {}

    private void run(String recipe) throws SQLException {
        run(shop, page.section(recipe).sql(server));
    }

    private static void run(Session who, List<String> blocks) throws SQLException {
        who.execute(blocks.toArray(String[]::new));
    }

    /** The blocks of a recipe with something else in the place of what takes a test too long, which must be there. */
    private List<String> blocks(String recipe, String slow, String fast) {
        List<String> blocks = page.section(recipe).sql(server);
        assertThat(blocks).anyMatch(block -> block.contains(slow));
        return blocks.stream().map(block -> block.replace(slow, fast)).toList();
    }

    /** Answers a path with these, and ends the connection of any further request: statuses, or {@code lost}. */
    private void answer(String path, String... statuses) {
        Queue<String> left = new ConcurrentLinkedQueue<>(List.of(statuses));
        server.on(path, (request, out) -> {
            String status = left.isEmpty() ? "lost" : left.remove();
            if (status.equals("lost")) {
                return false;
            }
            respond(out, Integer.parseInt(status), "");
            return true;
        });
    }

    private String lastStatement(String recipe) {
        List<String> blocks = page.section(recipe).sql(server);
        return blocks.get(blocks.size() - 1);
    }

    private List<Request> requestsTo(String path) {
        return server.requests().stream()
                .filter(request -> request.target().equals(path))
                .toList();
    }

    private List<String> keys() {
        return server.requests().stream()
                .flatMap(request -> request.values("Idempotency-Key").stream())
                .toList();
    }

    private static long onlyRequest() throws SQLException {
        return session.number("SELECT min(id) FROM net.http_request_queue HAVING count(*) = 1");
    }

    /** Waits for the next request for a token, and returns in how many seconds it is due. */
    private static long awaitTokenRequest() throws SQLException {
        String due =
                "SELECT extract(epoch FROM max(due) - clock_timestamp())::integer FROM net._delivery WHERE attempts = 0";
        Eventually.until(
                "a token is asked for later",
                Duration.ofSeconds(10),
                () -> session.query(due).map(Long::parseLong).orElse(0L) > 1);
        return session.number(due);
    }

    /** Waits until a request has failed so often and waits for the next attempt, after this pause and its jitter. */
    private static void awaitFailure(long id, int attempts, Duration pause) throws SQLException {
        session.await("SELECT count(*) FROM net._delivery WHERE request_id = " + id + " AND attempts = " + attempts, 1);
        double seconds = Double.parseDouble(session.text(
                "SELECT extract(epoch FROM d.due - max(a.started + a.duration)) FROM net._delivery d JOIN net.attempts a"
                        + " USING (request_id) WHERE request_id = ? GROUP BY d.due",
                id));
        assertThat(seconds).as("pause").isBetween(pause.toMillis() * 0.0008 - 0.05, pause.toMillis() * 0.0012 + 0.25);
    }

    /** Has it sent now, unless its time has come already. */
    private static void retry(long id) throws SQLException {
        session.query("SELECT net.retry(?)", id);
    }

    private static void awaitState(int payment, String state) {
        shop.await("SELECT state FROM payment WHERE id = " + payment, state, Duration.ofSeconds(20));
    }
}
