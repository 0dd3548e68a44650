package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.machine.Eventually;

/** What alice sends and gets back, in the queue and answered, comes to mallory in no way. */
@PgNetTest(
        settings = {"shared_preload_libraries = 'pg_net,pg_stat_statements'", "log_min_error_statement = panic"},
        cluster = Sharing.WITH_NONE)
class HostileReaderIT {
    /** In each column of alice's rows that holds text. */
    private static final String SECRET = "s3cret";

    @Given
    private static HostileCluster roles;

    private static long queued;
    private static long answered;

    @BeforeAll
    static void start() throws SQLException {
        roles.superuser.execute("CREATE EXTENSION pg_stat_statements");
        answered = roles.alice.number(request("/post"));
        assertThat(roles.alice.collect(answered)).contains(SECRET);
        queued = roles.alice.number(request("/hang"));
        Eventually.until("in flight", Duration.ofSeconds(10), () -> roles.server.hanging() == 1);
        // One of her own in each table, so that what is tried on every row is seen to have been tried.
        roles.mallory.collect(roles.mallory.get(roles.server.url("/get?of=mallory")));
        roles.mallory.get(roles.server.url("/hang?of=mallory"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM net.http_request_queue WHERE public.trap(url)",
                "SELECT * FROM net.responses WHERE public.trap(url)",
                "SELECT * FROM net.responses WHERE public.trap(content || url) OR id < 0",
                "SELECT * FROM net.responses WHERE url OPERATOR(public.~~~) ''",
                "SELECT r.id FROM net._http_response r WHERE public.trap('of=mallory' || coalesce(r.content, ''))",
                "SELECT * FROM net.http_request_queue WHERE NOT public.trap(url) OR id < 0",
                "SELECT * FROM net.http_request_queue q JOIN net._http_response r ON public.trap(q.url)",
                "SELECT * FROM public.hers WHERE public.trap(url)",
                "SELECT * FROM net.http_request_queue WHERE url OPERATOR(public.~~~) ''",
                "EXPLAIN ANALYZE SELECT * FROM net.http_request_queue WHERE public.trap(url)",
                "SELECT max(url) FROM net.http_request_queue GROUP BY id HAVING public.trap(max(url))",
                "INSERT INTO net.http_request_queue (method, url) VALUES ('GET', 'http://127.0.0.1:1/of=mallory')"
                        + " RETURNING public.trap(url)",
            })
    void leakyFunctionMeetsOwnRowsAlone(String statement) throws SQLException {
        roles.mallory.execute(
                "CREATE OR REPLACE VIEW public.hers AS SELECT * FROM net.http_request_queue",
                "GRANT SELECT ON public.hers TO PUBLIC",
                "CREATE OR REPLACE FUNCTION public.trap_operator(text, text) RETURNS boolean LANGUAGE sql COST 0.0001"
                        + " AS 'SELECT public.trap($1)'",
                "DROP OPERATOR IF EXISTS public.~~~ (text, text)",
                "CREATE OPERATOR public.~~~ (LEFTARG = text, RIGHTARG = text, FUNCTION = public.trap_operator)");

        assertThat(roles.mallory.notices(statement))
                .isNotEmpty()
                .allSatisfy(message -> assertThat(message).contains("of=mallory"))
                .noneSatisfy(message -> assertThat(message).contains(SECRET));
    }

    @ParameterizedTest
    @ValueSource(strings = {"net.http_request_queue", "net.responses"})
    void errorQuotesOwnRowsAlone(String table) {
        String read = "SELECT url::integer FROM " + table + " WHERE url::integer = 1";

        assertThatThrownBy(() -> roles.mallory.query(read))
                .hasMessageContaining("of=mallory")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void functionsFindNoRequestOfAnother() throws SQLException {
        for (long id : new long[] {queued, answered}) {
            assertThat(roles.mallory.collect(id)).isEqualTo("ERROR|request matching request_id not found");
            assertThat(roles.mallory.query("SELECT net.cancel(" + id + ")")).contains("f");
            assertThat(roles.mallory.query("SELECT net._await_response(" + id + ")"))
                    .contains("f");
            assertThat(roles.mallory.column("SELECT id FROM net.await('{" + id + "}')"))
                    .isEmpty();
        }
        assertThat(roles.alice.collect(queued, true)).startsWith("PENDING");
        assertThat(roles.alice.collect(answered, true)).startsWith("SUCCESS");
    }

    @Test
    void statisticsOfThePlannerAreHidden() throws SQLException {
        String values = "SELECT count(*) FROM pg_stats WHERE schemaname = 'net'";
        roles.superuser.execute("ANALYZE net.http_request_queue, net._http_response, net._response_detail");

        assertThat(roles.superuser.number(values)).isPositive();
        assertThat(roles.mallory.number(values)).isZero();
        assertThat(HostileCluster.outcome(roles.mallory, "SELECT * FROM pg_statistic"))
                .isEqualTo("42501");
    }

    @Test
    void statementsOfOthersAreHidden() throws SQLException {
        String running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%" + SECRET + "%' AND pid = "
                + roles.alice.pid();
        String past = "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%" + SECRET + "%'";
        // The constants of a utility statement are not replaced.
        roles.alice.execute("DO 'BEGIN PERFORM net.http_get(''" + roles.server.url("/get?key=" + SECRET) + "''); END'");

        assertThat(roles.superuser.number(running)).isPositive();
        assertThat(roles.mallory.number(running)).isZero();
        assertThat(roles.superuser.number(past)).isPositive();
        assertThat(roles.mallory.number(past)).isZero();
        assertThat(roles.superuser.number("SELECT count(*) FROM pg_stat_statements"
                        + " WHERE query LIKE '%net._http_response%' AND query LIKE '%" + SECRET + "%'"))
                .as("the worker's statements hold no values")
                .isZero();
    }

    @Test
    void logHoldsNoSecret() throws SQLException {
        String refused = "http://user:" + SECRET + "@127.0.0.1:port/path?key=" + SECRET + "#" + SECRET;
        assertThat(HostileCluster.outcome(roles.alice, "SELECT net.http_get('" + refused + "')"))
                .isEqualTo("22023");
        assertThat(HostileCluster.outcome(
                        roles.alice,
                        "SELECT net.http_get('http://127.0.0.1/', headers := '{\"A\": \"" + SECRET + "\\r\\n\"}')"))
                .isEqualTo("22023");
        long lost = roles.alice.number("SELECT net.http_get('http://" + SECRET + ":" + SECRET + "@127.0.0.1:1/?key="
                + SECRET + "', headers := '{\"Authorization\": \"" + SECRET + "\"}')");
        assertThat(roles.alice.collect(lost)).startsWith("ERROR|");

        roles.cluster.log().await("invalid URL \"http://...@127.0.0.1:port/path\\?...\"", Duration.ofSeconds(10));
        assertThat(roles.cluster.log().text()).doesNotContain(SECRET);
    }

    private static String request(String path) {
        return "SELECT net.request(method => 'POST', url => '" + roles.server.url(path + "?key=" + SECRET)
                + "', body_text := '" + SECRET + "', headers := '{\"Authorization\": \"" + SECRET
                + "\"}', timeout := '1 min')";
    }
}
