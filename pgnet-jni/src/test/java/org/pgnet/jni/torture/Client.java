package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One session that makes requests in every kind of transaction, and connects again whenever a fault took its connection.
 * Each transaction is begun under the round's permission, so that the round can let none be open. A thread of its own.
 */
final class Client implements Runnable {
    private static final int LONGEST_PAUSE_MILLIS = 150;

    private final String name;
    private final Random random;
    private final Traffic traffic;
    private int count;

    Client(String name, long seed, Traffic traffic) {
        this.name = name;
        this.random = new Random(seed);
        this.traffic = traffic;
    }

    @Override
    public void run() {
        while (!traffic.isOver()) {
            try (Connection connection = traffic.connect();
                    Statement statement = connection.createStatement()) {
                while (!traffic.isOver()) {
                    traffic.whenPermitted(() -> act(connection, statement));
                    Pauses.upTo(LONGEST_PAUSE_MILLIS, random);
                }
            } catch (SQLException refusal) {
                traffic.note(refusal);
                Pauses.upTo(LONGEST_PAUSE_MILLIS, random);
            }
        }
    }

    private void act(Connection connection, Statement statement) throws SQLException {
        List<String> tokens = new ArrayList<>();
        connection.setAutoCommit(false);
        switch (random.nextInt(9)) {
            case 0 -> {
                make(statement, tokens, 1 + random.nextInt(5));
                connection.rollback();
                tokens.clear();
            }
            case 1 -> withSavepoints(statement, tokens);
            case 2 -> withExceptionBlock(statement, tokens);
            case 3 -> {
                make(statement, tokens, 1 + random.nextInt(3));
                if (traffic.isPreparing()) {
                    traffic.prepare(statement, name + "-" + count);
                    tokens.clear();
                }
            }
            case 4 -> {
                // Others commit higher ids meanwhile.
                make(statement, tokens, 1);
                Pauses.upTo(1_000, random);
            }
            case 5 -> make(statement, tokens, 30);
            case 6 -> {
                make(statement, tokens, 1);
                statement.execute("SELECT net.retry_all('*', '-infinity', dry_run => false)");
            }
            default -> make(statement, tokens, 1 + random.nextInt(4));
        }
        connection.commit();
        traffic.committed(tokens);
        connection.setAutoCommit(true);
    }

    private void withSavepoints(Statement statement, List<String> tokens) throws SQLException {
        make(statement, tokens, 2);
        for (int i = 0; i < 3; i++) {
            statement.execute("SAVEPOINT s");
            List<String> inside = new ArrayList<>();
            make(statement, inside, 2);
            if (random.nextBoolean()) {
                statement.execute("ROLLBACK TO s");
            } else {
                statement.execute("RELEASE s");
                tokens.addAll(inside);
            }
        }
        make(statement, tokens, 1);
    }

    private void withExceptionBlock(Statement statement, List<String> tokens) throws SQLException {
        make(statement, tokens, 1);
        statement.execute("DO $$ BEGIN PERFORM " + call(nextToken())
                + "; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END $$");
        make(statement, tokens, 1);
    }

    private void make(Statement statement, List<String> tokens, int number) throws SQLException {
        for (int i = 0; i < number; i++) {
            String token = nextToken();
            statement.execute("SELECT " + call(token));
            tokens.add(token);
        }
    }

    private String nextToken() {
        count++;
        return name + "-" + count;
    }

    private String call(String token) {
        Receiver receiver = traffic.receiver();
        String url = random.nextInt(4) == 0 ? receiver.slowUrl() : receiver.quickUrl();
        return "torture.make('" + url + "', '" + token + "', " + random.nextInt(10) + ")";
    }
}
