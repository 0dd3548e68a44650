package org.pgnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgnet.server.web.WebServer;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Pages as they are sent, without a browser: what each role sees, what is refused, and what it costs the database. */
@PgNetTest(
        sql = {
            "CREATE ROLE app LOGIN",
            "CREATE ROLE other LOGIN",
            "CREATE ROLE rare LOGIN",
            "CREATE ROLE blind LOGIN",
            "CREATE ROLE watcher LOGIN SUPERUSER",
            "CREATE ROLE \"<i>Möbius</i>\" LOGIN"
        })
class SiteIT {
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final String DEAD_LETTERS_READ =
            "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables WHERE relid = 'net.dead_letters'::regclass";

    @Given
    private static Ui ui;

    @Given
    private static Session session;

    @Given
    private static HttpServerFixture http;

    @Test
    void everyPageCanBeReadWithoutAScript() throws Exception {
        long id = session.send("SELECT net.request(?, '{\"a\": 1}')", http.url("/post"));
        session.collect(id);
        Visitor visitor = new Visitor(ui).as("postgres");
        for (String path : new String[] {"/", "/requests", "/hosts", "/webhooks", "/dead", "/workers", "/setup"}) {
            assertThat(visitor.page(path))
                    .as(path)
                    .contains("<h1", "aria-current=\"page\"")
                    .doesNotContain("problem-title");
        }
        assertThat(visitor.page("/requests/" + id))
                .contains("succeeded", "status 200", "\"a\" : 1", "class=\"timeline\"");
        assertThat(visitor.page("/hosts?origin=" + Visitor.encode(http.url("/"))))
                .contains("max_in_flight");
        assertThat(visitor.get("/requests/999999999").statusCode()).isEqualTo(404);
        assertThat(visitor.get("/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void aRoleSeesItsOwnRequestsAlone() throws Exception {
        session.execute("SET ROLE app");
        long id = session.send("SELECT net.http_get(?)", http.url("/of-app"));
        session.execute("RESET ROLE");
        session.collect(id);

        assertThat(new Visitor(ui).as("app").page("/requests")).contains("/of-app");
        Visitor other = new Visitor(ui).as("other");
        assertThat(other.page("/requests")).doesNotContain("/of-app");
        assertThat(other.get("/requests/" + id).statusCode()).isEqualTo(404);
        assertThat(other.page("/requests?q=" + id)).doesNotContain("/of-app");
    }

    /** However many of others are between them, as many ids are looked at, and the way goes on. */
    @Test
    void aRoleToWhichMostRequestsAreHiddenIsToldHowFarWasLooked() throws Exception {
        session.execute("SET ROLE rare");
        long id = session.send("SELECT net.http_get(?)", http.url("/long-ago"));
        session.execute("RESET ROLE");
        session.collect(id);
        session.execute("SELECT setval(pg_get_serial_sequence('net.http_request_queue', 'id'), " + (id + 40_000) + ")");
        Visitor visitor = new Visitor(ui).as("rare");
        for (String query : new String[] {"", "?state=succeeded", "?q=host:127.0.0.1", "?q=long-ago&state=succeeded"}) {
            String page = visitor.page("/requests" + query);
            assertThat(page)
                    .as(query)
                    .contains(
                            "Nothing of this is among the requests that were looked through.",
                            "Looked through the requests down to " + (id + 10_001) + ".",
                            "before=" + (id + 10_001))
                    .doesNotContain("/long-ago\"");
            assertThat(visitor.page("/requests" + query + (query.isEmpty() ? "?" : "&") + "before=" + (id + 10_001)))
                    .as(query)
                    .contains("id=\"r" + id + "\"");
        }
        assertThat(visitor.page("/requests?q=" + id)).contains("id=\"r" + id + "\"");
        for (String path : new String[] {"/", "/webhooks", "/dead"}) {
            assertThat(visitor.page(path)).as(path).doesNotContain("problem-title");
        }
        session.execute("SELECT setval(pg_get_serial_sequence('net.http_request_queue', 'id'), 1)");
        Eventually.until(
                "the list, after the sequence was set back",
                WITHIN,
                () -> visitor.page("/requests").contains("id=\"r" + id + "\""));
        session.execute("SELECT setval(pg_get_serial_sequence('net.http_request_queue', 'id'), " + (id + 40_000) + ")");
    }

    @Test
    void aRoleMayNotChangeWhatIsNotItsOwn() throws Exception {
        session.execute("SET ROLE app");
        long id = session.send("SELECT net.request(?, delay => '1 hour')", http.url("/later"));
        session.execute("RESET ROLE");
        Visitor other = new Visitor(ui).as("other");
        assertThat(other.page("/hosts")).doesNotContain("do=pause");

        assertThat(other.post("/change", "do", "cancel", "id", "" + id, "back", "/requests")
                        .statusCode())
                .isEqualTo(303);
        assertThat(other.page("/requests")).contains("0 of 1 cancelled");
        assertThat(other.post("/change", "do", "pause", "pattern", "a.example", "back", "/hosts")
                        .statusCode())
                .isEqualTo(403);
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isEqualTo(1);

        Visitor owner = new Visitor(ui).as("app");
        assertThat(owner.post("/change", "do", "cancel", "id", "" + id, "back", "//evil.example")
                        .headers()
                        .firstValue("Location"))
                .hasValue("/");
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isZero();
    }

    @Test
    void aChangeNeedsItsFormAndItsToken() throws Exception {
        long id = session.send("SELECT net.request(?, delay => '1 hour')", http.url("/kept"));
        Visitor visitor = new Visitor(ui).as("postgres");
        assertThat(visitor.page("/change?do=cancel&id=" + id + "&back=/requests"))
                .contains("select " + id + " as id, net.cancel(" + id + ") as done");
        assertThat(new Visitor(ui)
                        .post("/change", "do", "cancel", "id", "" + id)
                        .statusCode())
                .isEqualTo(403);
        for (String[] wrong : new String[][] {
            {"do", "drop"},
            {"do", "cancel"},
            {"do", "cancel", "id", "1; drop"},
            {"do", "rate", "pattern", "x", "rate", "1e9"},
            {"do", "retry-host", "host", "a", "since", "now'"},
            {"do", "advised", "finding", "0"}
        }) {
            assertThat(visitor.post("/change", wrong).statusCode())
                    .as(String.join(" ", wrong))
                    .isEqualTo(400);
        }
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isEqualTo(1);
        session.query("SELECT net.cancel(?)", id);
    }

    /** What is run are the ids that were shown, not what the filter finds then. */
    @Test
    void allThatAFilterFindsIsChangedAsItWasShown() throws Exception {
        session.execute("SET ROLE app");
        for (int i = 1; i <= 3; i++) {
            session.send("SELECT net.request(?, delay => '1 hour')", http.url("/together?n=" + i));
        }
        session.collect(session.get(http.url("/together?answered")));
        session.execute("RESET ROLE");
        List<String> ids = session.column(
                "SELECT id::text FROM net.http_request_queue WHERE url LIKE '%/together%' ORDER BY id DESC");
        Visitor visitor = new Visitor(ui).as("app");
        String ask = "/change?q=together&amp;do=cancel-found&amp;back=/requests%3Fq%3Dtogether";
        assertThat(visitor.page("/requests?q=together")).contains("Cancel all…", ask);
        assertThat(visitor.page("/requests")).doesNotContain("Cancel all…");

        String shown = visitor.page(ask.replace("&amp;", "&"));
        assertThat(shown).contains("Cancel 3 requests?", "{" + String.join(",", ids) + "}");
        for (String id : ids) {
            assertThat(shown).contains("name=\"id\" value=\"" + id + "\"");
        }
        assertThat(visitor.page("/change?do=retry-found&q=together&back=/requests"))
                .contains("Retry 3 requests?");
        assertThat(new Visitor(ui).as("other").page("/change?do=cancel-found&q=together&back=/requests"))
                .contains("Nothing to change")
                .doesNotContain("name=\"id\"");
        visitor.post(
                "/change", "do", "cancel", "id", ids.get(0), "id", ids.get(1), "id", ids.get(2), "back", "/requests");
        assertThat(visitor.page("/requests")).contains("3 of 3 cancelled.");
    }

    @Test
    void aFilterSuggestsItsWordsAndWhatIsThere() throws Exception {
        session.collect(session.get(http.url("/suggested")));
        Visitor visitor = new Visitor(ui).as("postgres");
        Eventually.until(
                "its host among the suggestions",
                WITHIN,
                () -> visitor.page("/requests").contains("<option value=\"host:127.0.0.1\">"));
        assertThat(visitor.page("/requests"))
                .contains(
                        "list=\"filter-words\"", "<option value=\"status:5xx\">", "<option value=\"owner:postgres\">");
        assertThat(new Visitor(ui).as("blind").page("/requests")).doesNotContain("owner:postgres");
    }

    @Test
    void whatIsHostileIsText() throws Exception {
        String hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
        session.execute("SET ROLE \"<i>Möbius</i>\"");
        long id = session.send(
                "SELECT net.request(?, body_text => ?, headers => jsonb_build_object('X-Evil', ?), context => to_jsonb(?), delay => '1 hour',"
                        + " order_key => ?)",
                http.url("/evil?q=<script>alert(1)</script>'<i>"),
                hostile + "x".repeat(1 << 20),
                hostile,
                hostile,
                hostile);
        session.execute("RESET ROLE");
        Visitor visitor = new Visitor(ui).as("<i>Möbius</i>");
        for (String path : new String[] {
            "/requests",
            "/requests/" + id,
            "/requests?q=" + Visitor.encode(hostile),
            "/hosts?origin=" + Visitor.encode(hostile),
            "/dead?host=" + Visitor.encode(hostile),
            "/change?do=pause&back=/&pattern=" + Visitor.encode(hostile)
        }) {
            assertThat(visitor.get(path).body())
                    .as(path)
                    .contains("&lt;i", "Möbius")
                    .doesNotContain("<script>alert", "<img", "<i>")
                    .hasSizeLessThan(400_000);
        }
        assertThat(visitor.get("/requests?q=%00&state=%00&before=x").statusCode())
                .isEqualTo(200);
        assertThat(visitor.get("/requests/%00").statusCode()).isEqualTo(404);
        session.query("SELECT net.cancel(?)", id);
    }

    @Test
    void aFilterReadsABoundedNumberOfRowsAndSaysSo() throws Exception {
        session.execute(
                "BEGIN",
                "SET LOCAL session_replication_role = replica",
                "INSERT INTO net._http_response (id, status_code) SELECT 50000000 + n, 200 FROM generate_series(1, 12000) n",
                "UPDATE net._http_response SET status_code = 418 WHERE id = 50000001",
                "COMMIT");
        Visitor visitor = new Visitor(ui).as("postgres");
        String first = visitor.page("/requests?state=failed&q=status:418");
        assertThat(first).contains("Looked through the requests down to").doesNotContain(">50000001<");
        assertThat(follow(visitor, first)).contains(">50000001<");
        session.execute("DELETE FROM net._http_response WHERE id > 50000000");
    }

    private static String follow(Visitor visitor, String page) throws Exception {
        String last = page;
        for (int i = 0; i < 5 && !last.contains(">50000001<"); i++) {
            String next = last.replaceFirst("(?s).*rel=\"next\" href=\"([^\"]*)\".*", "$1")
                    .replace("&amp;", "&");
            last = visitor.page(next);
        }
        return last;
    }

    @Test
    void manyTabsAskTheDatabaseAsOften() throws Exception {
        Visitor visitor = new Visitor(ui).as("app");
        long ofOne = queriesInThreeSeconds(visitor, 1);
        long ofFive = queriesInThreeSeconds(visitor, 5);
        assertThat(ofOne).isPositive();
        assertThat(ofFive).as("queries for five tabs, for one it was %s", ofOne).isLessThanOrEqualTo(ofOne + 4);
    }

    /** Transactions of the sessions of role app; a query each, since nothing is changed. */
    private static long queriesInThreeSeconds(Visitor visitor, int tabs) throws Exception {
        List<EventReader> readers = new ArrayList<>();
        try {
            for (int i = 0; i < tabs; i++) {
                readers.add(new EventReader(visitor.stream("/live?page=/hosts").body()));
            }
            for (EventReader reader : readers) {
                reader.await("flows", text -> true);
            }
            Set<String> seen = new HashSet<>();
            for (long end = System.nanoTime() + 3_000_000_000L; System.nanoTime() < end; Thread.sleep(2)) {
                seen.addAll(session.column("SELECT query_start::text FROM pg_stat_activity"
                        + " WHERE application_name = 'pgnet ui' AND usename = 'app'"));
            }
            return seen.size();
        } finally {
            for (EventReader reader : readers) {
                reader.close();
            }
        }
    }

    @Test
    void noConnectionIsKeptWhenNobodyLooks() throws Exception {
        new Visitor(ui).as("other").page("/requests");
        String ofPage =
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgnet ui' AND usename = 'other'";
        assertThat(session.number(ofPage)).isPositive();
        Eventually.until("no connection of other", WITHIN, () -> session.number(ofPage) == 0);
    }

    /** Figures are of all roles, as in net.stats; the dead letters of others are not looked through for those of a role. */
    @Test
    void aRoleThatSeesNothingCostsLittle() throws Exception {
        session.execute(
                "INSERT INTO net.dead_letters (id, method, url, owner, attempts, reason, died) SELECT -1000000 - n, 'POST',"
                        + " 'https://hidden.example/', 'postgres'::regrole, 1, 'exhausted', now() - n * interval '1 s'"
                        + " FROM generate_series(1, 30000) n",
                "ANALYZE net.dead_letters");
        String dead = session.text("SELECT to_char(dead, 'FM999,999') FROM net.stats");
        long before = session.number(DEAD_LETTERS_READ);
        Visitor visitor = new Visitor(ui).as("blind");
        assertThat(visitor.page("/")).contains("Counted for all roles.", ">" + dead + "</dd>");
        assertThat(visitor.page("/dead")).contains("Nothing died.");
        for (String path :
                new String[] {"/requests", "/requests?state=dead", "/dead?host=hidden.example", "/webhooks"}) {
            assertThat(visitor.page(path)).as(path).doesNotContain("hidden.example/", "problem-title");
        }
        awaitNoConnectionOf("blind");
        assertThat(session.number(DEAD_LETTERS_READ) - before).isLessThan(5_000);
        assertThat(new Visitor(ui).as("watcher").page("/")).doesNotContain("Counted for all roles.");
        // A DELETE would count its reads when the next test counts.
        session.execute("TRUNCATE net.dead_letters");
    }

    @Test
    void webhooksAreShownWithoutALookAtTheDeadLettersOfOtherHosts() throws Exception {
        session.execute(
                "CREATE TABLE watched (id int)",
                "SELECT net.create_webhook('watched', 'watched', '" + http.url("/watched") + "')",
                "INSERT INTO net.dead_letters (id, method, url, owner, attempts, reason, died) SELECT -n, 'POST',"
                        + " 'https://elsewhere.example/', 'postgres'::regrole, 1, 'exhausted', now() - interval '2 days'"
                        + " FROM generate_series(1, 30000) n",
                "ANALYZE net.dead_letters");
        long before = session.number(DEAD_LETTERS_READ);
        assertThat(new Visitor(ui).as("watcher").page("/webhooks")).contains("watched");
        awaitNoConnectionOf("watcher");
        assertThat(session.number(DEAD_LETTERS_READ) - before).isLessThan(10_000);
        session.execute("TRUNCATE net.dead_letters", "DROP TABLE watched");
    }

    /** That is when a session's counts are known at the latest. */
    private static void awaitNoConnectionOf(String role) throws Exception {
        String ofPage = "SELECT count(*) FROM pg_stat_activity WHERE usename = '" + role + "'";
        Eventually.until("no connection of " + role, WITHIN, () -> session.number(ofPage) == 0);
        session.execute("SELECT pg_stat_clear_snapshot()");
    }

    @Test
    void aStreamTellsOfABurst() throws Exception {
        Visitor visitor = new Visitor(ui).as("postgres");
        HttpResponse<InputStream> stream = visitor.stream("/live?page=/requests");
        assertThat(stream.headers().firstValue("Content-Type")).hasValue("text/event-stream; charset=utf-8");
        try (EventReader events = new EventReader(stream.body())) {
            events.await("rows", text -> true);
            session.execute("SELECT net.http_get('" + http.url("/burst") + "?n=' || n) FROM generate_series(1, 30) n");
            events.await("rows", text -> text.contains("/burst?n=30"));
        }
    }

    @Test
    void whoLogsOutSeesNothingMore() throws Exception {
        Visitor visitor = new Visitor(ui).as("postgres");
        assertThat(visitor.post("/logout").statusCode()).isEqualTo(303);
        assertThat(visitor.get("/requests").headers().firstValue("Location")).hasValue("/login?next=/requests");
    }

    @Test
    void aRoleThatIsNotThereIsRefused() throws Exception {
        Visitor visitor = new Visitor(ui);
        visitor.get("/login");
        HttpResponse<String> answer = visitor.post("/login", "role", "nobody", "password", "x");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("The database refuses this role and password.");
    }

    @Test
    void aDatabaseWithoutTheExtensionShowsWhatToDo(PgCluster cluster) throws Exception {
        session.execute("CREATE DATABASE bare");
        try (WebServer bare = Ui.start(Ui.databaseUrl(cluster, "bare"))) {
            Visitor visitor = new Visitor(bare.url().replaceFirst("/$", "")).as("postgres");
            assertThat(visitor.page("/")).contains("CREATE EXTENSION pg_net;");
            assertThat(visitor.page("/requests")).contains("CREATE EXTENSION pg_net;");
        }
        session.execute("DROP DATABASE bare WITH (FORCE)");
    }
}
