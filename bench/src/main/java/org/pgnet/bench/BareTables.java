package org.pgnet.bench;

import java.sql.SQLException;

/**
 * The least that PostgreSQL does for a request: rows like pg_net's, written and read in one session, in tables with their
 * primary keys and without anything else. All times are in seconds.
 */
final class BareTables {
    private static final String RESPONSES = """
            CREATE TABLE bare_response (
                id bigint PRIMARY KEY,
                status_code integer,
                content_type text,
                headers jsonb,
                content text,
                timed_out boolean NOT NULL,
                error_msg text,
                created timestamptz NOT NULL
            )""";

    private static final String DETAILS = """
            CREATE TABLE bare_detail (
                id bigint PRIMARY KEY,
                owner oid,
                attempts integer,
                duration interval,
                method text,
                url text
            )""";

    private static final String FETCH = """
            DO $$
            BEGIN
                FOR low IN 1 .. (SELECT max(id) FROM bare_queue) BY 1000 LOOP
                    PERFORM id, xmin, method, url, headers, body, timeout_milliseconds
                    FROM bare_queue WHERE id BETWEEN low AND low + 999 ORDER BY id;
                END LOOP;
            END $$""";

    private static final String RECORD = """
            DO $$
            DECLARE
                highest bigint := (SELECT max(id) FROM bare_queue);
            BEGIN
                FOR low IN 1 .. highest BY 2000 LOOP
                    DELETE FROM bare_queue WHERE id BETWEEN low AND low + 1999;
                    INSERT INTO bare_detail
                    SELECT id, 10, 1, '1 ms', 'GET', 'http://127.0.0.1/'
                    FROM generate_series(low, least(low + 1999, highest)) id;
                    INSERT INTO bare_response
                    SELECT id, 200, 'application/json', '{"Server": "nginx", "Content-Type": "application/json"}',
                        '{"id": 1, "name": "pg_net", "message": "a small JSON body"}', false, NULL, clock_timestamp()
                    FROM generate_series(low, least(low + 1999, highest)) id;
                END LOOP;
            END $$""";

    private final Database database;
    private final String url;

    BareTables(Database database, String url) throws SQLException {
        this.database = database;
        this.url = url;
        database.execute(RESPONSES, DETAILS);
    }

    void clean() throws SQLException {
        database.execute("TRUNCATE bare_response, bare_detail", "ALTER TABLE bare_queue ALTER id RESTART");
    }

    /** Inserts rows, and leaves the transaction open. */
    double enqueue(int rows) throws SQLException {
        database.execute("BEGIN");
        return database.timed(Database.BARE_INSERT.formatted(url) + " FROM generate_series(1, " + rows + ")");
    }

    double commit() throws SQLException {
        return database.timed("COMMIT");
    }

    /** Reads all rows by primary key, 1,000 a time. */
    double fetch(int rows) throws SQLException {
        check(rows);
        return database.timed(FETCH);
    }

    /** Deletes the rows by primary key and inserts as many responses, with what stands beside them, 2,000 a time. */
    double record(int rows) throws SQLException {
        check(rows);
        return database.timed(RECORD);
    }

    private void check(int rows) throws SQLException {
        long found = database.number("SELECT count(*) FROM bare_queue");
        if (found != rows) {
            throw new AssertionError(found + " rows instead of " + rows);
        }
    }
}
