package org.pgnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** What people see while the database is away, and that the page goes on by itself when it is back. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class DatabaseDownIT {
    private static final String DOWN = "The database does not answer.";
    /** The page asks every five seconds, and waits for a connection as long. */
    private static final Duration UNTIL_IT_IS_NOTICED = Duration.ofSeconds(60);

    @Given
    private static PgCluster cluster;

    @Given
    private static Ui ui;

    @Given
    private static Browser browser;

    @Given
    private static HttpServerFixture http;

    private boolean stopped;

    @AfterEach
    void theDatabaseIsBack() {
        if (stopped) {
            start();
        }
    }

    @Test
    void loginSaysThatTheDatabaseIsAway() throws Exception {
        Visitor visitor = new Visitor(ui);
        visitor.get("/login");
        stop();
        HttpResponse<String> answer = visitor.post("/login", "role", "postgres", "password", "any", "next", "/hosts");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body())
                .contains(DOWN, "value=\"postgres\"", "value=\"/hosts\"")
                .doesNotContain("value=\"any\"");
        start();
        assertThat(new Visitor(ui).as("postgres").page("/setup")).contains("<h1");
    }

    @Test
    void pageThatIsAskedForSaysSoAndComesByItself() throws Exception {
        browser.logIn(ui, "postgres");
        stop();
        browser.open(ui.url("/requests?q=host:127.0.0.1"));
        browser.await(".problem-title", DOWN);
        assertThat(browser.has("#rows")).isFalse();
        start();
        browser.await("main", "Requests", UNTIL_IT_IS_NOTICED);
        browser.await("#pulse", "live");
        assertThat(browser.has(".problem")).isFalse();
        assertThat(browser.address()).isEqualTo("/requests?q=host:127.0.0.1");
    }

    @Test
    void pageThatIsOpenKeepsWhatItShowsAndGoesOn() throws Exception {
        send("/before");
        browser.logIn(ui, "postgres");
        browser.open(ui.url("/requests"));
        browser.await("#rows", "/before");
        browser.await("#pulse", "live");
        browser.run("window.theSamePage = true");
        stop();
        browser.await("#problem", DOWN, UNTIL_IT_IS_NOTICED);
        browser.await("#pulse", "waiting");
        assertThat(browser.text("#rows")).contains("/before");
        start();
        send("/after");
        browser.await("#rows", "/after", UNTIL_IT_IS_NOTICED);
        browser.await("#pulse", "live");
        assertThat(browser.text("#problem")).isEmpty();
        assertThat(browser.run("return window.theSamePage")).isEqualTo(true);
    }

    /** The same without a browser. */
    @Test
    void streamTellsThatTheDatabaseIsAwayAndThatItIsBack() throws Exception {
        Visitor visitor = new Visitor(ui).as("postgres");
        try (EventReader events =
                new EventReader(visitor.stream("/live?page=/workers").body())) {
            events.await("processes", text -> true);
            stop();
            events.await("problem", text -> text.contains(DOWN));
            HttpResponse<String> asked = visitor.get("/requests");
            assertThat(asked.statusCode()).isEqualTo(503);
            assertThat(asked.body()).contains(DOWN, "data-live=\"/live?page=");
            start();
            events.await("problem", String::isBlank);
        }
    }

    private void stop() {
        stopped = true;
        cluster.stop(StopMode.FAST);
    }

    private void start() {
        cluster.start();
        stopped = false;
    }

    private static void send(String path) throws SQLException {
        try (Session session = cluster.session()) {
            session.collect(session.get(http.url(path)));
        }
    }
}
