package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** What users do to the tables while requests are in flight. */
final class TableFaults {
    private static final String DROP = "DROP EXTENSION pg_net CASCADE";
    private static final String BOTH_TABLES = "net.http_request_queue, net._http_response";
    private static final String ID_IS_TAKEN = "23505";

    private TableFaults() {}

    static void truncate(Torture torture) throws SQLException {
        remove(torture, "TRUNCATE net.http_request_queue");
    }

    /** Twice, so that new requests get the low ids of those that are in flight; some find an old response of theirs. */
    static void truncateAndRestartIdentity(Torture torture) throws SQLException {
        boolean responsesToo = torture.random().nextBoolean();
        String truncate =
                "TRUNCATE net.http_request_queue" + (responsesToo ? ", net._http_response" : "") + " RESTART IDENTITY";
        remove(torture, truncate);
        remove(torture, truncate);
        makeSome(torture);
    }

    /** Twice, for the same reason. */
    static void dropExtension(Torture torture) throws SQLException {
        // With the function of torture.called, which has a response among its arguments.
        remove(torture, DROP);
        torture.pause(500);
        createExtension(torture);
        remove(torture, DROP);
        createExtension(torture);
        makeSome(torture);
    }

    private static void createExtension(Torture torture) throws SQLException {
        torture.cluster().execute("CREATE EXTENSION pg_net");
        Ledger.prepareExtension(torture.cluster());
    }

    static void vacuumFull(Torture torture) throws SQLException {
        makeSome(torture);
        torture.cluster()
                .execute(
                        "VACUUM FULL net.http_request_queue",
                        "VACUUM FULL net._http_response",
                        "VACUUM FULL net._response_detail");
    }

    /** Dead rows stay for as long as the transaction runs. */
    static void pinXmin(Torture torture) throws SQLException {
        try (Connection session = torture.cluster().connect();
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("SELECT pg_current_xact_id(), count(*) FROM net.http_request_queue");
            makeSome(torture);
            torture.pause(3_000);
            torture.cluster().execute("VACUUM net.http_request_queue");
            makeSome(torture);
            session.rollback();
        }
    }

    /** What the tables hold is put down in the transaction that removes it. */
    private static void remove(Torture torture, String sql) throws SQLException {
        makeSome(torture);
        torture.pause(150);
        try (Connection session = torture.cluster().connect();
                Statement statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("SET LOCAL statement_timeout = '30s'");
            statement.execute("LOCK TABLE " + BOTH_TABLES + " IN ACCESS EXCLUSIVE MODE");
            Ledger.noteRemoval(statement);
            if (sql.equals(DROP)) {
                Ledger.noteRemovalOfDead(statement);
            }
            statement.execute(sql);
            session.commit();
        }
    }

    /**
     * Requests that are answered slowly, so that some are in flight when this returns. After RESTART IDENTITY a client may
     * bring a dead letter back at the moment in which a request of these gets the same id: then others are made, as
     * clients do.
     */
    private static void makeSome(Torture torture) throws SQLException {
        try {
            makeAll(torture);
        } catch (SQLException refusal) {
            if (!ID_IS_TAKEN.equals(refusal.getSQLState())) {
                throw refusal;
            }
            makeAll(torture);
        }
    }

    private static void makeAll(Torture torture) throws SQLException {
        torture.cluster()
                .execute("SELECT torture.make('" + torture.receiver().slowUrl() + "', '" + torture.nextToken()
                        + "-' || n, n) FROM generate_series(1, 60) n");
    }
}
