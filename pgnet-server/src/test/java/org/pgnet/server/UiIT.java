package org.pgnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** The page in a real browser: what people do with it, and that nothing of it is refused by its own security policy. */
@PgNetTest(
        cluster = Sharing.WITH_NONE,
        sql = {
            "CREATE ROLE app LOGIN",
            "CREATE ROLE other LOGIN",
        })
class UiIT {
    @Given
    private static Ui ui;

    @Given
    private static Browser browser;

    @Given
    private static Session session;

    @Given
    private static HttpServerFixture http;

    @AfterEach
    void nothingWasRefused() {
        assertThat(browser.complaints()).isEmpty();
        browser.size(1280, 860);
        browser.scheme("light");
    }

    @Test
    void aBurstArrivesByItself() throws SQLException {
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/requests"));
        browser.await("#pulse", "live");
        session.execute("SELECT net.http_get('" + http.url("/burst") + "?n=' || n) FROM generate_series(1, 40) n");
        browser.await("#rows", "/burst?n=40");
        browser.open(ui.url("/"));
        // Whatever the headline says: other tests leave dead letters.
        browser.await("body", "a minute");
        assertThat(browser.count("#strips canvas")).isEqualTo(3);
    }

    @Test
    void aFilterIsInTheAddressAndCanBeShared() throws SQLException {
        session.collect(session.get(http.url("/status/404?shared")));
        session.collect(session.get(http.url("/status/200?not-shared")));
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/requests"));
        browser.type("#q", "host:127.0.0.1 status:4xx");
        browser.submit("#q");
        browser.await("#rows", "/status/404?shared");
        assertThat(browser.text("#rows")).doesNotContain("not-shared");
        String address = browser.address();
        assertThat(address).contains("q=").contains("status");

        browser.open(ui.url("/hosts"));
        browser.open(ui.url(address));
        browser.await("#rows", "/status/404?shared");
        assertThat(browser.text("#rows")).doesNotContain("not-shared");
    }

    @Test
    void aRequestIsCancelledAfterItsStatementWasShown() throws SQLException {
        long id = session.send("SELECT net.request(?, delay => '1 hour')", http.url("/later"));
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/requests/" + id));
        browser.click("[data-key=c]");
        browser.await("#dialog", "net.cancel(" + id + ")");
        browser.click("#dialog [data-close]");
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isEqualTo(1);

        browser.press("c");
        browser.await("#dialog", "net.cancel(" + id + ")");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", "1 of 1 cancelled.");
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isZero();
    }

    @Test
    void oneAndManyAreRetriedByTheKeyboard() throws SQLException {
        http.handle("/flaky", request -> Optional.of(Reply.text(503, "not now")));
        session.execute(
                "INSERT INTO net.policies (name, delays, max_attempts) VALUES ('twice', '{100 ms}', 2) ON CONFLICT DO"
                        + " NOTHING");
        for (int i = 0; i < 3; i++) {
            session.collect(session.send("SELECT net.request(?, policy => 'twice')", http.url("/flaky?n=" + i)));
        }
        http.handle("/flaky", request -> Optional.of(Reply.text(200, "now")));
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/requests?state=dead&q=flaky"));
        browser.await("#rows", "/flaky?n=0");

        browser.press("j");
        browser.press("r");
        browser.await("#dialog", "net.retry(");
        browser.press(Keys.ENTER);
        browser.await(".notice", "1 of 1 will be sent again.");
        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%/flaky%' AND status_code = 200", 1);

        browser.open(ui.url("/requests?state=dead&q=flaky"));
        browser.click("[data-all]");
        browser.await("[data-chosen]", "2 requests:");
        browser.click("button[value=retry]");
        browser.await("#dialog", "Retry 2 requests?");
        browser.await("#dialog", "from unnest('{");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", "2 of 2 will be sent again.");
        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%/flaky%' AND status_code = 200", 3);
    }

    @Test
    void deadLettersAreSentAgainAtAChosenRate() throws SQLException {
        http.handle("/given-up", request -> Optional.of(Reply.text(404, "none")));
        session.execute(
                "INSERT INTO net.policies (name, delays, max_attempts) VALUES ('one', '{}', 1) ON CONFLICT DO NOTHING");
        String host = "localhost";
        for (int i = 0; i < 3; i++) {
            String url = http.url("/given-up?n=" + i).replace("127.0.0.1", host);
            session.collect(session.send("SELECT net.request(?, policy => 'one')", url));
        }
        http.handle("/given-up", request -> Optional.of(Reply.text(200, "there")));
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/dead?host=" + host));
        browser.click("#groups a[href*='host=" + host + "'][data-dialog]");
        browser.type("#dialog #pace", "0.01");
        browser.click("#dialog button[type=submit]");
        browser.await("#dialog", "per_second => 0.01");
        browser.await("#dialog", "within 300 s");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", "3 requests will be sent again.");
        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%/given-up%' AND status_code = 200", 1);
        assertThat(session.column("SELECT state FROM net.requests WHERE url LIKE '%/given-up%' ORDER BY id"))
                .containsExactly("succeeded", "scheduled", "scheduled");
        session.execute("SELECT net.cancel(id) FROM net.http_request_queue WHERE url LIKE '%/given-up%'");
    }

    @Test
    void aWebhookIsTestedAndItsAnswerShown() throws SQLException {
        http.handle("/hook", request -> Optional.of(Reply.text(200, "thank you")));
        session.execute(
                "CREATE TABLE shop (id int PRIMARY KEY, item text)",
                "SELECT net.create_webhook('shop', 'shop', '" + http.url("/hook") + "')",
                "INSERT INTO shop VALUES (7, 'tea')");
        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%/hook' AND status_code = 200", 1);
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/webhooks"));
        browser.click("a.origin[href*='name=shop']");
        browser.await(".chosen .body", "\"type\" : \"public.shop.insert\"");
        browser.await(".chosen .body", "\"item\" : \"tea\"");
        browser.await(".chosen", "SHOP_WEBHOOK_KEY");
        browser.await("li.flow:has(a.origin[href*='name=shop']) .hours", "1 response");

        browser.click("a[href*='do=test']");
        browser.await("#dialog", "net.test_webhook('shop')");
        browser.click("#dialog button[type=submit]");
        browser.await("#answer", "status 200");
        browser.await("#answer", "thank you");
        session.execute("DROP TABLE shop");
    }

    @Test
    void aWebhookWhoseReceiverIsBackIsEnabledAndSendsWhatWasKept() throws SQLException {
        http.handle("/back", request -> Optional.of(Reply.text(410, "gone")));
        session.execute(
                "CREATE TABLE parcels (id int PRIMARY KEY)",
                "SELECT net.create_webhook('parcels', 'parcels', '" + http.url("/back") + "')",
                "INSERT INTO parcels VALUES (1)");
        session.await("SELECT count(*) FROM net.dead_letters WHERE webhook = 'parcels'", 1);
        session.await("SELECT count(*) FROM net.webhooks WHERE name = 'parcels' AND NOT enabled", 1);
        http.handle("/back", request -> Optional.of(Reply.text(200, "here")));
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/webhooks"));
        browser.click("a[href*='do=enable-retry&webhook=parcels']");
        browser.await("#dialog", "update net.webhooks set enabled = true");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", "Webhook parcels is enabled; 1 request will be sent again.");
        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%/back' AND status_code = 200", 1);
        session.execute("DROP TABLE parcels");
    }

    @Test
    void aHostIsPausedResumedAndLimited() throws SQLException {
        session.collect(session.get(http.url("/get")));
        String pattern = "127.0.0.1:" + http.port();
        String rule = " FROM net.hosts WHERE pattern = '" + pattern + "'";
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/hosts"));
        browser.click("#flows a[href*='do=pause&pattern=" + pattern + "']");
        browser.await("#dialog", "insert into net.hosts (pattern, paused)");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", pattern + " is paused.");
        assertThat(session.text("SELECT paused" + rule)).isEqualTo("t");

        browser.click("#flows a[href*='do=resume&pattern=" + pattern + "']");
        browser.await("#dialog", "Resume");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", "is resumed.");
        assertThat(session.text("SELECT paused" + rule)).isEqualTo("f");

        browser.click("#flows a[href*='do=rate&pattern=" + pattern + "']");
        browser.type("#dialog #rate", "40");
        browser.click("#dialog button[type=submit]");
        browser.await("#dialog", "rate = excluded.rate");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", "is limited to 40 per 1 s.");
        assertThat(session.text("SELECT rate::text || per::text" + rule)).isEqualTo("4000:00:01");
        session.execute("DELETE" + rule);
    }

    @Test
    void aHostThatWasMendedIsProbedAtOnce() throws SQLException {
        HttpServerFixture gone = HttpServerFixture.start();
        String pattern = "127.0.0.1:" + gone.port();
        String url = gone.url("/mended");
        gone.close();
        session.execute(
                "INSERT INTO net.policies (name, delays) VALUES ('patient', '{1 h}') ON CONFLICT DO NOTHING",
                "INSERT INTO net.hosts (pattern, breaker) VALUES ('" + pattern + "', true)",
                "SELECT net.request('" + url + "', policy => 'patient') FROM generate_series(1, 5)");
        session.await("SELECT count(*) FROM net._delivery WHERE attempts = 1", 5);
        String probe = "#flows a[href*='do=probe&pattern=" + pattern + "']";
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/hosts"));
        browser.await("#flows", "breaker open");
        try (HttpServerFixture back = HttpServerFixture.startOn(gone.port())) {
            back.handle("/mended", request -> Optional.of(Reply.text(200, "back")));
            browser.click(probe);
            browser.await("#dialog", "select net.probe('" + pattern + "')");
            browser.click("#dialog button[type=submit]");
            browser.await(".notice", pattern + " is probed.");
            session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%/mended' AND status_code = 200", 5);
        }
        Eventually.until("no button", Duration.ofSeconds(20), () -> !browser.has(probe));
        session.execute("DELETE FROM net.hosts");
    }

    @Test
    void aPlainRoleSeesItsOwnAndChangesNothingElse() throws SQLException {
        session.collect(session.get(http.url("/of-postgres")));
        session.execute("SET ROLE app");
        long own = session.get(http.url("/of-app"));
        session.execute("RESET ROLE");
        session.collect(own);
        browser.logIn(ui, "app");
        browser.open(ui.url("/requests"));
        browser.await("#rows", "/of-app");
        assertThat(browser.text("#rows")).doesNotContain("/of-postgres");
        browser.open(ui.url("/hosts"));
        browser.await("#flows", "Now");
        assertThat(browser.has("a[href*='do=pause']")).isFalse();
    }

    @Test
    void whoHasLoggedOutSeesTheFormAlone() {
        browser.logIn(ui, "postgres");
        browser.click(".who button");
        browser.await("h1", "Log in");
        browser.open(ui.url("/requests?q=host:a.example"));
        browser.await("h1", "Log in");
        browser.type("#role", "postgres");
        browser.click("button[type=submit]");
        browser.await("h1", "Requests");
        assertThat(browser.address()).isEqualTo("/requests?q=host:a.example");
    }

    @Test
    void nothingIsWiderThanTheWindow() throws SQLException {
        http.handle("/long", request -> Optional.of(Reply.text(200, "x".repeat(5_000))));
        session.execute("INSERT INTO net.hosts (pattern, comment) VALUES ('" + "label.".repeat(30)
                + "example', repeat('x', 300))");
        long id = session.send(
                "SELECT net.request(?)",
                http.url("/long?q=" + "a".repeat(1_500) + "&rtl=" + "\u05e9\u05dc\u05d5\u05dd\ud83d\ude80"));
        session.collect(id);
        browser.logIn(ui, "postgres");
        for (int width : new int[] {400, 860, 1280, 2560}) {
            for (String path : List.of(
                    "/", "/requests", "/requests/" + id, "/hosts", "/dead", "/workers", "/setup", "/webhooks")) {
                browser.size(width, 900);
                browser.open(ui.url(path));
                assertThat((Long) browser.run("return document.documentElement.scrollWidth"))
                        .as("%s at %s", path, width)
                        .isLessThanOrEqualTo(width);
            }
        }
        session.execute("DELETE FROM net.hosts");
    }

    /** Words that are there already stay, and the next one is suggested. */
    @Test
    void aFilterIsContinuedWordByWord() throws SQLException {
        session.collect(session.get(http.url("/get")));
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/requests"));
        browser.type("#q", "owner:postgres st");
        assertThat(browser.run("return Array.from(document.querySelectorAll('#filter-words option'), o => o.value)")
                        .toString())
                .contains("owner:postgres status:5xx")
                .doesNotContain("[status:5xx");
        assertThat(browser.run("return document.getElementById('q').list.id")).isEqualTo("filter-words");
    }

    @Test
    void allThatAFilterFindsIsCancelledAfterItsNumberWasShown() throws SQLException {
        session.execute("SELECT net.request('" + http.url("/all-of-them")
                + "?n=' || n, delay => '1 hour') FROM generate_series(1, 60) n");
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/requests?state=waiting&q=all-of-them"));
        browser.click("a[href*='do=cancel-found']");
        browser.await("#dialog", "Cancel 60 requests?");
        browser.click("#dialog button[type=submit]");
        browser.await(".notice", "60 of 60 cancelled.");
        assertThat(session.number("SELECT count(*) FROM net.http_request_queue WHERE url LIKE '%/all-of-them%'"))
                .isZero();
    }

    /** The pictures of the documentation, in target/pictures; -Dpictures=true puts them where the documentation has them. */
    @Test
    void pictures() throws SQLException, IOException, InterruptedException {
        Path directory = Boolean.getBoolean("pictures")
                ? PgInstallation.checkout().resolve("docs/pictures")
                : Path.of("target/pictures");
        long id = Examples.insert(session, http);
        browser.logIn(ui, "postgres");
        browser.scheme("dark");
        take("/requests/" + id, "#life", "status 200", directory.resolve("request-dark.png"));
        browser.scheme("light");
        take("/requests/" + id, "#life", "status 200", directory.resolve("request-light.png"));
        take("/requests", "#rows", "succeeded", directory.resolve("requests-light.png"));
        take("/", "#headline", ".", directory.resolve("overview-light.png"));
        take("/dead", "#groups", "exhausted", directory.resolve("dead-letters-light.png"));
        take("/webhooks?name=orders", ".chosen", "espresso", directory.resolve("webhooks-light.png"));
        assertThat(directory.resolve("request-light.png")).isNotEmptyFile();
    }

    private static void take(String path, String selector, String text, Path file)
            throws IOException, InterruptedException {
        browser.size(1280, 860);
        browser.open(ui.url(path));
        browser.await(selector, text);
        browser.picture(file, 1280);
    }
}
