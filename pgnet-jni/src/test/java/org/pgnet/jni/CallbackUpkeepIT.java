package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.session.Session;

/** Callbacks that wait while something is done to the tables, the roles or the database. */
@PgNetTest(cluster = Sharing.WITH_NONE, settings = "pg_net.callback_workers = 0")
class CallbackUpkeepIT {
    private static final String WAITING = "SELECT count(*) FROM net._callbacks";
    private static final String CALLED = "SELECT count(*) FROM public.seen";

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Test
    void callbacksOfARoleThatWasDroppedAreDead() throws SQLException {
        createFunction(session);
        session.execute("CREATE ROLE gone", "GRANT ALL ON public.seen TO gone", "SET ROLE gone");
        request(session);
        session.execute("RESET ROLE");
        session.await(WAITING, 1);

        session.execute("DROP OWNED BY gone", "DROP ROLE gone");
        haveThemCalled();

        session.await(
                "SELECT count(*) FROM net.dead_letters WHERE reason = 'callback' AND attempts = 0"
                        + " AND error_msg = 'the role that made the request does not exist any more'",
                1);
        session.await(WAITING, 0);
        assertThat(session.number(CALLED)).isZero();
    }

    @Test
    void functionThatIsGoneIsLookedForAgain() throws SQLException {
        createFunction(session);
        request(session);
        session.await(WAITING, 1);
        session.execute("DROP FUNCTION public.note");
        haveThemCalled();
        session.await("SELECT count(*) FROM net._callbacks WHERE error_msg LIKE '42883: function public.note(%'", 1);

        createFunction(session);

        session.await(CALLED, 1);
        session.await(WAITING, 0);
    }

    @Test
    void idThatComesAgainIsCalledForItsOwnResponse() throws SQLException {
        createFunction(session);
        long id = session.number("SELECT net.request('http://127.0.0.1:1/', on_response => 'public.note')");
        session.await(WAITING, 1);
        session.execute("TRUNCATE net.http_request_queue RESTART IDENTITY");
        assertThat(request(session)).isEqualTo(id);
        session.collect(id);
        session.await("SELECT status_code FROM net._http_response", 200);

        haveThemCalled();

        session.await(WAITING, 0);
        assertThat(session.column("SELECT what FROM public.seen")).containsExactly("200");
    }

    @Test
    void extensionIsDroppedAndCreatedWhileTheyAreCalled() throws SQLException {
        createFunction(session);
        haveThemCalled();
        for (int i = 0; i < 5; i++) {
            session.execute("SELECT net.request('" + server.url("/get") + "', on_response => 'public.note')"
                    + " FROM generate_series(1, 200)");
            session.await("SELECT (count(*) > 0)::integer FROM net._http_response", 1);
            session.execute("DROP EXTENSION pg_net CASCADE", "CREATE EXTENSION pg_net");
            createFunction(session);
        }

        session.execute("TRUNCATE public.seen");
        request(session);

        session.await(CALLED, 1);
    }

    @Test
    void dumpLeavesThemOut() throws SQLException, IOException {
        createFunction(session);
        request(session);
        session.await(WAITING, 1);
        Path dump = cluster.data().resolveSibling("callbacks.sql");

        Command.runAsOwner(
                Path.of("/"),
                PgInstallation.shared().program("pg_dump"),
                "--host=127.0.0.1",
                "--port=" + cluster.port(),
                "--username=postgres",
                "--file=" + dump,
                "postgres");

        assertThat(Files.readString(dump)).contains("COPY public.seen").doesNotContain("COPY net._callbacks");
    }

    @Test
    void deadOnesGoAfterSevenDaysAndTheirResponsesStayAsLong() throws SQLException {
        createFunction(session);
        long kept = request(session);
        long gone = request(session);
        session.await(WAITING, 2);
        session.execute("DROP FUNCTION public.note", "UPDATE net._callbacks SET attempts = 6");
        haveThemCalled();
        session.await("SELECT count(*) FROM net.dead_letters", 2);
        session.execute(
                "UPDATE net.dead_letters SET died = now() - interval '6 days 23 hours' WHERE id = " + kept,
                "UPDATE net.dead_letters SET died = now() - interval '7 days 1 hour' WHERE id = " + gone);

        cluster.set("pg_net.ttl = '1 second'");
        cluster.reload();

        session.await("SELECT count(*) FROM net._http_response", 1);
        assertThat(session.number("SELECT id FROM net.dead_letters")).isEqualTo(kept);
        assertThat(session.number("SELECT id FROM net._http_response")).isEqualTo(kept);
    }

    @Test
    void rowsAreSeenByTheirRoleAlone() throws SQLException {
        createFunction(session);
        session.execute(
                "CREATE ROLE alice", "CREATE ROLE mallory", "GRANT ALL ON public.seen TO alice", "SET ROLE alice");
        request(session);
        session.execute("RESET ROLE");
        session.await(WAITING, 1);

        session.execute("SET ROLE mallory");
        assertThat(session.number(WAITING)).isZero();
        session.execute("SET ROLE alice");
        assertThat(session.number(WAITING)).isEqualTo(1);
        session.execute("RESET ROLE");
    }

    private void haveThemCalled() {
        cluster.set("pg_net.callback_workers = 2");
        cluster.reload();
    }

    private static void createFunction(Session session) throws SQLException {
        session.execute(
                "CREATE TABLE IF NOT EXISTS public.seen (id bigint, what text)",
                "CREATE FUNCTION public.note(bigint, net._http_response, jsonb) RETURNS void LANGUAGE sql AS"
                        + " $$ INSERT INTO public.seen VALUES ($1, $2.status_code::text) $$");
    }

    private long request(Session who) throws SQLException {
        return who.number("SELECT net.request(?, on_response => 'public.note')", server.url("/get"));
    }
}
