package org.pgnet.jni;

import java.sql.SQLException;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * A cluster of several users: alice, who has secrets, and mallory, who has no privilege on pg_net but PUBLIC's and may
 * create what she likes in schema public and in schemas of her own. What a trap of mallory's catches is in the table
 * {@code loot}: the role that walked into it.
 */
final class HostileCluster implements AutoCloseable {
    final PgCluster cluster;
    final HttpServerFixture server;
    final Session superuser;
    final Session alice;
    final Session mallory;

    HostileCluster(PgCluster cluster, HttpServerFixture server, Session superuser) throws SQLException {
        this.cluster = cluster;
        this.server = server;
        this.superuser = superuser;
        superuser.execute(
                "CREATE ROLE alice LOGIN",
                "CREATE ROLE mallory LOGIN",
                "GRANT CREATE ON SCHEMA public TO alice, mallory",
                "GRANT CREATE ON DATABASE postgres TO mallory",
                "CREATE TABLE public.loot (who text, what text)",
                "GRANT SELECT, INSERT ON public.loot TO PUBLIC",
                "CREATE SEQUENCE public.bell",
                "GRANT ALL ON SEQUENCE public.bell TO PUBLIC");
        alice = cluster.session("postgres", "alice");
        mallory = cluster.session("postgres", "mallory");
        mallory.execute("CREATE FUNCTION public.trap(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$"
                + " BEGIN INSERT INTO public.loot VALUES (current_user, $1::pg_catalog.text);"
                + " PERFORM pg_catalog.nextval('public.bell');"
                + " RAISE NOTICE 'caught %', $1; RETURN true; END $$");
    }

    /** Runs a statement in a transaction that is rolled back. Returns the SQLSTATE of its error, 00000 for none. */
    static String outcome(Session role, String statement) throws SQLException {
        try {
            role.execute("BEGIN; " + statement);
            return "00000";
        } catch (SQLException e) {
            return e.getSQLState();
        } finally {
            role.execute("ROLLBACK");
        }
    }

    /** How often a trap caught this role. */
    long caught(String role) throws SQLException {
        return superuser.number("SELECT count(*) FROM public.loot WHERE who = '" + role + "'");
    }

    /** How often a trap caught anybody, also in transactions that were rolled back. */
    long sprung() throws SQLException {
        return superuser.number("SELECT last_value - 1 + is_called::integer FROM public.bell");
    }

    @Override
    public void close() throws SQLException {
        alice.close();
        mallory.close();
    }
}
