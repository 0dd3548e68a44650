package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.session.Session;

/** A request belongs to the role in force when it was made, and to those who have that role's rights. */
@PgNetTest
class MembershipIT {
    @Given
    private static HostileCluster roles;

    @BeforeAll
    static void start() throws SQLException {
        roles.superuser.execute(
                "CREATE ROLE team", "GRANT team TO alice", "CREATE ROLE guest LOGIN NOINHERIT IN ROLE team");
    }

    @Test
    void requestOfASetRoleBelongsToThatRole() throws SQLException {
        roles.alice.execute("SET ROLE team");
        long id = roles.alice.get(roles.server.url("/get"));
        roles.alice.execute("RESET ROLE");

        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");
        assertThat(roles.superuser.query("SELECT owner::regrole FROM net.responses WHERE id = " + id))
                .contains("team");
        assertThat(roles.mallory.collect(id)).startsWith("ERROR|request matching request_id not found");
    }

    @Test
    void roleDoesNotSeeWhatItsMembersMade() throws SQLException {
        long id = roles.alice.get(roles.server.url("/get"));
        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");

        roles.alice.execute("SET ROLE team");
        assertThat(roles.alice.collect(id)).startsWith("ERROR|request matching request_id not found");
        roles.alice.execute("RESET ROLE");
    }

    @Test
    void memberThatDoesNotInheritSeesItOnlyAsThatRole() throws SQLException {
        roles.alice.execute("SET ROLE team");
        long id = roles.alice.get(roles.server.url("/get"));
        roles.alice.execute("RESET ROLE");
        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");

        try (Session guest = roles.cluster.session("postgres", "guest")) {
            assertThat(guest.collect(id)).startsWith("ERROR|request matching request_id not found");
            guest.execute("SET ROLE team");
            assertThat(guest.collect(id)).startsWith("SUCCESS");
        }
    }

    /** The function's owner has the rows, whoever calls; a caller that is not his member learns the id and no more. */
    @Test
    void callerOfASecurityDefinerFunctionDoesNotSeeItsRequest() throws SQLException {
        roles.alice.execute("CREATE FUNCTION public.call_out() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
                + " SET search_path = pg_catalog, pg_temp AS $$ SELECT net.http_get('" + roles.server.url("/get")
                + "', headers := '{\"Authorization\": \"s3cret\"}') $$");
        roles.mallory.execute("BEGIN");
        long id = roles.mallory.number("SELECT public.call_out()");

        assertThat(roles.mallory.column("SELECT headers FROM net.http_request_queue WHERE id = " + id))
                .isEmpty();
        assertThat(roles.mallory.query("SELECT net.cancel(" + id + ")")).contains("f");
        roles.mallory.execute("COMMIT");
        assertThat(roles.alice.collect(id)).startsWith("SUCCESS");
        assertThat(roles.mallory.collect(id)).startsWith("ERROR|request matching request_id not found");
    }
}
