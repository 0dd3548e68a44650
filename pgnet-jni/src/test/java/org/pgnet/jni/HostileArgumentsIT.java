package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;

/** Arguments that nobody sane passes are errors or harmless, and never more than that. */
@PgNetTest
class HostileArgumentsIT {
    private static final String HOSTILE =
            "%s%n%n%1$s''); DROP TABLE net.http_request_queue; --\\ {} $1 :x \u00e9\u2028";

    @Given
    private static HostileCluster roles;

    private static long worker;

    @BeforeAll
    static void start() throws SQLException {
        worker = roles.cluster.awaitWorker();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "22004 | SELECT net._with_default_header(NULL, NULL, NULL)",
                "22004 | SELECT net._with_default_header('{}', 'a', NULL)",
                "22023 | SELECT net._with_default_header('[]', 'a', 'b')",
                "22023 | SELECT net._with_default_header('1', 'a', 'b')",
                "00000 | SELECT net._header(NULL, NULL)",
                "22023 | SELECT net._header('\"%s%n\"', 'a')",
                "00000 | SELECT net._url_with_params(NULL, NULL)",
                "00000 | SELECT net._url_with_params('', '{\"\": \"\", \"?\": {\"a\": [null]}}')",
                "22023 | SELECT net._url_with_params('', 'null')",
                "00000 | SELECT net._encode_url_with_params_array('?#', '{{a,b},{NULL,d}}')",
                "00000 | SELECT net._encode_url_with_params_array('', '{}')",
                "00000 | SELECT net._urlencode_string(repeat('%s%n', 1000000))",
                "00000 | SELECT net._url_with_params(repeat('#', 1000000), jsonb_build_object('a', repeat('&', 1000000)))",
                "00000 | SELECT net._await_response(n) FROM unnest('{-9223372036854775808, 9223372036854775807}'::bigint[]) n",
                "00000 | SELECT net._await_response_until(1, d) FROM unnest('{-infinity, infinity}'::timestamptz[]) d",
                "00000 | SELECT net._await_response_until(NULL, NULL), net._await_response(NULL), net.cancel(NULL)",
                "00000 | SELECT * FROM net.await(NULL, NULL)",
                "00000 | SELECT * FROM net.await('{NULL, -1, 9223372036854775807}', '-100 years')",
                "22008 | SELECT * FROM net.await('{1}', '300000 years')",
                "00000 | SELECT net.http_collect_response(NULL, NULL), net.http_collect_response(-1, false)",
                "23502 | SELECT net.request(NULL)",
                "23502 | SELECT net.request(NULL, policy := 'quick', params := '{\"a\": 1}')",
                "42704 | SELECT net.request('http://127.0.0.1/', policy := '%s%n')",
                "42704 | SELECT net.request('http://127.0.0.1/', policy := '')",
                "22023 | SELECT net.request('http://127.0.0.1/', timeout := '170000000 years')",
                "22023 | SELECT net.request('http://127.0.0.1/', timeout := '-170000000 years')",
                "22008 | SELECT net.request('http://127.0.0.1/', delay := '170000000 years')",
                "22023 | SELECT net.request('http://127.0.0.1/', priority := '%s%n')",
                "22023 | SELECT net._form('[[1]]')",
                "00000 | SELECT net._form('{\"\": \"\", \"%s&=\": {\"a\": [null]}}'), net._form(NULL)",
                "23502 | SELECT net.http_get(NULL, NULL, NULL, NULL)",
                "22023 | SELECT net.http_get('http://127.0.0.1/', timeout_milliseconds := -2147483648)",
                "22023 | SELECT net.http_get('http://127.0.0.1/', params := '[[[1]]]')",
                "22023 | SELECT net.http_get('http://127.0.0.1/', headers := 'true')",
                "22023 | SELECT net.http_get(E'http://127.0.0.1/\\r\\nX: y')",
                "22023 | SELECT net.http_get('http://127.0.0.1/', headers := '{\"A\": \"b\\r\\nX: y\"}')",
                "22023 | SELECT net.http_get('http://127.0.0.1/', headers := '{\"A\": [\"b\", [\"c\\nX: y\"]]}')",
                "22023 | SELECT net.http_get('http://127.0.0.1/', headers := '{\"A\\r\\nX\": \"y\"}')",
                "22023 | SELECT net.http_get('http://127.0.0.1/', headers := '{\"\": \"y\"}')",
                "23514 | SELECT net.request('http://127.0.0.1/', method := E'GET / HTTP/1.1\\r\\nX: y\\r\\n')",
                "23514 | SELECT net.request('http://127.0.0.1/', method := 'GET %s')",
                "22023 | SELECT net.request('http://127.0.0.1/', method := 'connect')",
                "22023 | SELECT net.http_get('file:///etc/passwd')",
                "22023 | SELECT net.http_get('%s%n%n')",
                "42501 | SELECT net._queue_request()",
                "42501 | SELECT net._check_policy()",
                "42501 | SELECT net._requests_removed()",
                "00000 | SELECT net._requester(), net._worker_state(), net._worker_failure(), net._worker_counters()",
                "00000 | SELECT net._require_preload()",
            })
    void badArgument(String sqlState, String statement) throws SQLException {
        assertThat(HostileCluster.outcome(roles.mallory, statement)).isEqualTo(sqlState);
        assertThat(roles.cluster.awaitWorker()).isEqualTo(worker);
    }

    /** Nobody but a superuser can make it one, and not even that one's mistake may end the server. */
    @Test
    void triggerFunctionOnATableOfOtherTypes() throws SQLException {
        roles.superuser.execute(
                "CREATE TABLE other (id text, method integer, url bigint, headers bigint, timeout_milliseconds text)",
                "CREATE TRIGGER t BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION net._queue_request()",
                "CREATE TABLE bare (a integer)",
                "CREATE TRIGGER t BEFORE INSERT ON bare FOR EACH ROW EXECUTE FUNCTION net._queue_request()",
                "CREATE TRIGGER s BEFORE DELETE ON bare EXECUTE FUNCTION net._queue_request()");

        assertThat(HostileCluster.outcome(roles.superuser, "INSERT INTO other VALUES ('1', 1, 1, 1, '1')"))
                .isEqualTo("42804");
        assertThat(HostileCluster.outcome(roles.superuser, "INSERT INTO bare VALUES (1)"))
                .isEqualTo("42703");
        assertThat(HostileCluster.outcome(roles.superuser, "DELETE FROM bare")).isEqualTo("39P01");
        assertThat(HostileCluster.outcome(roles.superuser, "SELECT net._queue_request()"))
                .isEqualTo("39P01");
        assertThat(HostileCluster.outcome(roles.superuser, "SELECT net._requests_removed()"))
                .isEqualTo("39P01");
    }

    /** In the method, the body, the parameters and the headers of a request, and in the body of its response. */
    @ParameterizedTest
    @ValueSource(strings = {HOSTILE, "%s", "'; SELECT 1; --", "\u0001\u001b[2J"})
    void formatsAndStatementsAreDataOnly(String hostile) throws SQLException {
        String text = "E'" + hostile.replace("''", "'").replace("\\", "\\\\").replace("'", "''") + "'";
        String header = "translate(" + text + ", E'\\u0001\\u001b\\u00e9\\u2028', '')";
        long id = roles.mallory.number("SELECT net.request(method := '%s%n', url := '"
                + roles.server.url("/post?id=" + hostile.hashCode()) + "', body_text := " + text
                + ", params := jsonb_build_object('p', " + text + "), headers := jsonb_build_object('X-A', " + header
                + "))");

        assertThat(roles.mallory.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(roles.mallory.query("SELECT content = " + text + " FROM net._http_response WHERE id = " + id))
                .contains("t");
        assertThat(roles.server.received("" + hostile.hashCode()))
                .singleElement()
                .satisfies(received -> {
                    assertThat(received.method()).isEqualTo("%s%n");
                    assertThat(received.text()).isEqualTo(hostile.replace("''", "'"));
                    assertThat(received.parameter("p")).contains(hostile.replace("''", "'"));
                    assertThat(received.headers().keySet()).contains("x-a").doesNotContain("x");
                });
        assertThat(roles.cluster.awaitWorker()).isEqualTo(worker);
    }
}
