package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Commits or rolls back what others have prepared, in a session of its own: it needs no lock that somebody who waits for
 * the tables could hold, so everybody else can wait for it. A thread of its own.
 */
final class PreparedTransactions implements Runnable {
    private static final String NO_SUCH_TRANSACTION = "42704";
    private static final int LONGEST_PAUSE_MILLIS = 200;

    private final Random random;
    private final Traffic traffic;

    PreparedTransactions(Random random, Traffic traffic) {
        this.random = random;
        this.traffic = traffic;
    }

    @Override
    public void run() {
        while (!traffic.isOver()) {
            try (Connection connection = traffic.connect();
                    Statement statement = connection.createStatement()) {
                while (!traffic.isOver()) {
                    endOne(statement);
                    Pauses.upTo(LONGEST_PAUSE_MILLIS, random);
                }
            } catch (SQLException refusal) {
                traffic.note(refusal);
                Pauses.upTo(LONGEST_PAUSE_MILLIS, random);
            }
        }
    }

    /** Commits everything that is still prepared. */
    static void endAll(Statement statement) throws SQLException {
        statement.execute("SELECT gid FROM pg_prepared_xacts");
        List<String> names = new ArrayList<>();
        try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        for (String name : names) {
            statement.execute("COMMIT PREPARED '" + name + "'");
        }
    }

    /** One that was being prepared when a fault came may not be there, or be there later. */
    private void endOne(Statement statement) throws SQLException {
        String name = traffic.prepared().peek();
        if (name == null) {
            return;
        }
        String end = random.nextInt(3) == 0 ? "ROLLBACK" : "COMMIT";
        try {
            traffic.whenPermitted(() -> statement.execute(end + " PREPARED '" + name + "'"));
        } catch (SQLException refusal) {
            if (!NO_SUCH_TRANSACTION.equals(refusal.getSQLState())) {
                throw refusal;
            }
        }
        traffic.prepared().remove(name);
    }
}
