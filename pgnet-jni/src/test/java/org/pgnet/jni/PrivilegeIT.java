package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** Any role may make requests; none sees or touches those of another. */
@PgNetTest(sql = {"CREATE ROLE alice LOGIN", "CREATE ROLE bob LOGIN", "GRANT CREATE ON SCHEMA public TO bob"})
class PrivilegeIT {
    private static final String NOT_FOUND = "ERROR|request matching request_id not found";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session superuser;

    @Given(role = "alice")
    private static Session alice;

    @Given(role = "bob")
    private static Session bob;

    @ParameterizedTest
    @ValueSource(strings = {"batch_size", "ttl", "database_name", "username"})
    void settingsOfPgNetAreShownToEveryRole(String setting) throws SQLException {
        assertThat(alice.text("SHOW pg_net." + setting)).isEqualTo(superuser.text("SHOW pg_net." + setting));
    }

    @Test
    void responseIsSeenByItsRoleAlone() throws SQLException {
        long id = alice.get(server.url("/get?id=secret"));

        assertThat(alice.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(bob.collect(id)).isEqualTo(NOT_FOUND);
        assertThat(bob.collect(id, true)).isEqualTo(NOT_FOUND);
        assertThat(alice.number("SELECT count(*) FROM net._http_response WHERE id = " + id))
                .isEqualTo(1);
        assertThat(bob.number("SELECT count(*) FROM net._http_response WHERE id = " + id))
                .isZero();
    }

    @Test
    void requestInFlightIsSeenByItsRoleAlone() throws SQLException {
        long id = alice.number("SELECT net.http_get('" + server.url("/hang?id=in-flight") + "',"
                + " headers := '{\"Authorization\": \"Bearer secret\"}', timeout_milliseconds := 60000)");
        Eventually.until(
                "sent",
                Duration.ofSeconds(10),
                () -> server.received("in-flight").size() == 1);

        assertThat(alice.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isEqualTo(1);
        assertThat(bob.number("SELECT count(*) FROM net.http_request_queue WHERE id = " + id))
                .isZero();
        assertThat(alice.collect(id, true)).startsWith("PENDING");
        assertThat(bob.collect(id)).isEqualTo(NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM net.http_request_queue",
                "DELETE FROM net._http_response",
                "UPDATE net.http_request_queue SET url = 'http://127.0.0.1/'",
                "UPDATE net._http_response SET content = ''",
                "TRUNCATE net.http_request_queue",
                "TRUNCATE net._http_response",
                "INSERT INTO net._http_response (id, timed_out) VALUES (1, false)",
                "INSERT INTO net.http_request_queue (id, method, url) OVERRIDING SYSTEM VALUE"
                        + " VALUES (1, 'GET', 'http://127.0.0.1/')",
                "INSERT INTO net.http_request_queue (owner, method, url) VALUES (10, 'GET', 'http://127.0.0.1/')",
                "INSERT INTO net.http_request_queue (created, method, url) VALUES (now(), 'GET', 'http://127.0.0.1/')",
                "CREATE TRIGGER mine AFTER INSERT ON net._http_response EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "CREATE TRIGGER mine AFTER INSERT ON net.http_request_queue"
                        + " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "LOCK TABLE net.http_request_queue IN ACCESS EXCLUSIVE MODE",
                "SELECT setval('net.http_request_queue_id_seq', 1)",
                "CREATE TABLE net.mine ()",
                "SELECT net.worker_restart()",
                "SHOW pg_net.libjvm"
            })
    void plainRoleMayNot(String statement) {
        // Only within a transaction can a table be locked.
        assertThatThrownBy(() -> alice.execute("BEGIN; " + statement))
                .asInstanceOf(type(SQLException.class))
                .satisfies(error -> assertThat(error.getSQLState()).isEqualTo("42501"));
        assertThatCode(() -> alice.execute("ROLLBACK")).doesNotThrowAnyException();
    }

    @Test
    void directInsertOfAPlainRoleIsItsOwn() throws SQLException {
        long id = bob.number("INSERT INTO net.http_request_queue (method, url) VALUES ('GET', '" + server.url("/get")
                + "') RETURNING id");

        assertThat(bob.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(alice.collect(id)).isEqualTo(NOT_FOUND);
    }

    @Test
    void requestOfASecurityDefinerFunctionBelongsToTheFunctionsOwner() throws SQLException {
        bob.execute("CREATE FUNCTION call_with_token() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER"
                + " SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN net.http_get('" + server.url("/get")
                + "', headers := '{\"Authorization\": \"Bearer of bob\"}'); END $$");

        long id = alice.number("SELECT call_with_token()");

        assertThat(bob.collect(id)).startsWith("SUCCESS|ok|200");
        assertThat(alice.collect(id)).isEqualTo(NOT_FOUND);
    }

    @Test
    void memberSeesWhatItsRoleSees() throws SQLException {
        superuser.execute("CREATE ROLE carol LOGIN IN ROLE alice");
        long id = alice.get(server.url("/get"));
        try (Session carol = cluster.session("postgres", "carol")) {
            assertThat(carol.collect(id)).startsWith("SUCCESS|ok|200");
        }
    }
}
