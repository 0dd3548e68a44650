package org.pgnet.testkit;

import java.sql.SQLException;
import java.util.List;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.session.Session;

/** Undoes in a cluster what a class did by SQL, so that the next one finds it as after initdb. The worker runs on. */
final class CleanState {
    private static final String CONFIGURATION =
            "SELECT 'ALTER SYSTEM RESET ALL' UNION ALL SELECT 'ALTER DATABASE postgres RESET ALL'"
                    + " UNION ALL SELECT 'ALTER ROLE postgres RESET ALL'";

    private static final String FROM_VERSION =
            " FROM (SELECT current_setting('server_version_num')::integer >= 150000) release (of_database)";

    /** Queries whose rows are statements, in the order that dependencies want. */
    private static final List<String> UNDO = List.of(
            "SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts",
            CONFIGURATION,
            "SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger",
            "SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication",
            "SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'",
            "SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE oid >= 16384",
            "SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public'",
            "SELECT format('DROP LANGUAGE %I CASCADE', lanname) FROM pg_language WHERE oid >= 16384",
            "SELECT format('DROP OWNED BY %I CASCADE', rolname) FROM pg_roles WHERE oid >= 16384",
            "SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE oid >= 16384",
            // As initdb makes it; before PostgreSQL 15 everybody could create there.
            "SELECT 'CREATE SCHEMA public' || CASE WHEN of_database THEN ' AUTHORIZATION pg_database_owner' ELSE '' END"
                    + FROM_VERSION,
            "SELECT 'GRANT ' || CASE WHEN of_database THEN 'USAGE' ELSE 'ALL' END || ' ON SCHEMA public TO PUBLIC'"
                    + FROM_VERSION);

    /** What is left all the same. */
    private static final String LEFT = "SELECT string_agg(kind || ' ' || name, ', ') FROM ("
            + " SELECT 'relation', oid, relname FROM pg_class"
            + " UNION ALL SELECT 'function', oid, proname FROM pg_proc"
            + " UNION ALL SELECT 'type', oid, typname FROM pg_type"
            + " UNION ALL SELECT 'operator', oid, oprname FROM pg_operator"
            + " UNION ALL SELECT 'cast', oid, castmethod::text::name FROM pg_cast"
            + " UNION ALL SELECT 'foreign server', oid, srvname FROM pg_foreign_server"
            + " UNION ALL SELECT 'large object', oid, oid::text::name FROM pg_largeobject_metadata"
            + " UNION ALL SELECT 'default privilege', oid, '' FROM pg_default_acl) here (kind, oid, name)"
            + " WHERE oid >= 16384";

    private CleanState() {}

    /**
     * Restores the state of a cluster that starts with this worker.
     *
     * @throws AssertionError when the worker is another one now, or something remains
     */
    static void restore(PgCluster cluster, long worker) throws SQLException {
        try (Session session = cluster.session()) {
            session.column("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
            if (session.query("SELECT to_regclass('net.stats')").isPresent()) {
                session.execute("DELETE FROM net.http_request_queue");
                session.await("SELECT in_flight FROM net.stats", 0);
            }
            for (String query : UNDO) {
                session.execute(session.column(query).toArray(String[]::new));
            }
            session.execute("SELECT pg_reload_conf()");
            session.query(LEFT).ifPresent(left -> {
                throw new AssertionError("it leaves " + left);
            });
        }
        if (cluster.awaitWorker() != worker) {
            throw new AssertionError("its worker " + worker + " has ended");
        }
    }
}
