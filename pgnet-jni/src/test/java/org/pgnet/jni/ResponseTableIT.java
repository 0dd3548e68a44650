package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Programs that were written for the C extension's table of responses: it has these columns and no more. */
@PgNetTest
class ResponseTableIT {
    private static final String EIGHT_COLUMNS = "id bigint, status_code integer, content_type text, headers jsonb,"
            + " content text, timed_out boolean, error_msg text, created timestamptz";

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    private long answered;

    @BeforeEach
    void answerOne() throws SQLException {
        session.execute("CREATE SCHEMA mine");
        answered = session.get(server.url("/get"));
        assertThat(session.collect(answered)).startsWith("SUCCESS|ok|200");
    }

    @AfterEach
    void drop() throws SQLException {
        session.execute("DROP SCHEMA mine CASCADE");
    }

    @Test
    void columnsAreThoseOfTheCExtension() throws SQLException {
        assertThat(session.column("SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod),"
                        + " CASE WHEN attnotnull THEN 'not null' END, pg_get_expr(adbin, adrelid)) FROM pg_attribute"
                        + " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
                        + " WHERE attrelid = 'net._http_response'::regclass AND attnum > 0 ORDER BY attnum"))
                .containsExactly(
                        "id bigint not null",
                        "status_code integer",
                        "content_type text",
                        "headers jsonb",
                        "content text",
                        "timed_out boolean",
                        "error_msg text",
                        "created timestamp with time zone not null now()");
    }

    @Test
    void rowsAreArchivedByAnInsertOfAllColumns() throws SQLException {
        session.execute(
                "CREATE TABLE mine.archive (" + EIGHT_COLUMNS + ")",
                "INSERT INTO mine.archive SELECT * FROM net._http_response");

        assertThat(session.number("SELECT status_code FROM mine.archive WHERE id = " + answered))
                .isEqualTo(200);
    }

    @Test
    void tableThatIsJoinedHasNamesOfItsOwn() throws SQLException {
        session.execute(
                "CREATE TABLE mine.outbox (request_id bigint, attempts int, url text, body text, owner text, method text,"
                        + " duration interval)",
                "INSERT INTO mine.outbox VALUES (" + answered + ", 1, 'mine', 'mine', 'mine', 'mine', '1 s')",
                "UPDATE mine.outbox SET attempts = attempts + 1 FROM net._http_response r"
                        + " WHERE r.id = request_id AND r.status_code = 200");

        assertThat(session.query("SELECT concat_ws(' ', attempts, url, body, owner, method, duration)"
                        + " FROM mine.outbox JOIN net._http_response r ON r.id = request_id"))
                .contains("2 mine mine mine mine 00:00:01");
    }

    @Test
    void variablesOfAFunctionHaveNamesOfTheirOwn() throws SQLException {
        session.execute("CREATE FUNCTION mine.f(url text) RETURNS text LANGUAGE plpgsql AS $$"
                + " DECLARE attempts int := 3; owner text := 'me'; method text := 'GET'; body text; duration interval;"
                + " BEGIN SELECT content INTO body FROM net._http_response WHERE id = " + answered
                + " AND url = 'mine' AND attempts = 3 AND owner = 'me' AND method = 'GET' AND duration IS NULL;"
                + " RETURN url || attempts || (body IS NOT NULL)::text; END $$");

        assertThat(session.query("SELECT mine.f('mine')")).contains("mine3true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TABLE (" + EIGHT_COLUMNS + ") LANGUAGE sql AS 'SELECT * FROM net._http_response'",
                "TABLE (" + EIGHT_COLUMNS + ") LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN QUERY SELECT * FROM net._http_response; END'",
                "SETOF net._http_response LANGUAGE sql AS 'SELECT * FROM net._http_response'",
                "SETOF net._http_response LANGUAGE plpgsql AS 'BEGIN RETURN QUERY SELECT r.id, r.status_code,"
                        + " r.content_type, r.headers, r.content, r.timed_out, r.error_msg, r.created"
                        + " FROM net._http_response r; END'",
                "SETOF net._http_response LANGUAGE sql AS 'SELECT 1::bigint, 200, NULL, NULL::jsonb, ''made'', false,"
                        + " NULL, now()'"
            })
    void functionReturnsItsRows(String function) throws SQLException {
        session.execute("CREATE FUNCTION mine.f() RETURNS " + function);

        assertThat(session.number(
                        "SELECT count(*) FROM mine.f() WHERE status_code = 200 AND id IN (1, " + answered + ")"))
                .isPositive();
    }

    @Test
    void ownerInsertsRows() throws SQLException {
        session.execute(
                "INSERT INTO net._http_response (id, status_code, content, created) VALUES (-1, 200, 'made up', now())",
                "INSERT INTO net._http_response (id) VALUES (-2)",
                "INSERT INTO net._http_response VALUES (-3, 500, 'text/plain', '{}', 'made up', true, 'why', now())");

        assertThat(session.collect(-1)).isEqualTo("SUCCESS|ok|200|made up");
        assertThat(session.collect(-2)).startsWith("SUCCESS|ok");
        assertThat(session.collect(-3)).isEqualTo("ERROR|why");
        session.execute("DELETE FROM net._http_response WHERE id < 0");
    }

    @Test
    void rowOfANextIdIsReplacedByItsResponse() throws SQLException {
        session.execute("INSERT INTO net._http_response (id, content) VALUES (" + (answered + 1) + ", 'made up')");

        long next = session.get(server.url("/get"));
        assertThat(next).isEqualTo(answered + 1);

        assertThat(session.collect(next)).startsWith("SUCCESS|ok|200").doesNotContain("made up");
        assertThat(session.query("SELECT method || attempts FROM net.responses WHERE id = " + next))
                .contains("GET1");
    }

    @Test
    void indexOfTheOwnerHasTheRow() throws SQLException {
        session.execute("CREATE INDEX by_type ON net._http_response (content_type DESC, id)");

        long id = session.get(server.url("/get"));
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        session.execute("SET enable_seqscan = off", "SET enable_bitmapscan = off");
        String asked = "SELECT id FROM net._http_response WHERE content_type > '' AND id >= " + id
                + " ORDER BY content_type DESC, id";
        assertThat(session.query("EXPLAIN (FORMAT json) " + asked).orElseThrow())
                .contains("by_type");
        assertThat(session.column(asked)).containsExactly("" + id);
        session.execute("RESET enable_seqscan", "RESET enable_bitmapscan", "DROP INDEX net.by_type");
    }

    /** What a statement checks beside constraints, triggers and rules. */
    @Test
    void rowOutsideThePartitionIsRefused() throws SQLException {
        session.execute(
                "CREATE TABLE mine.everything (LIKE net._http_response) PARTITION BY LIST (status_code)",
                "ALTER TABLE mine.everything ATTACH PARTITION net._http_response FOR VALUES IN (200, NULL)");

        assertThat(session.collect(session.get(server.url("/status/404"))))
                .startsWith("ERROR|response could not be stored")
                .contains("partition constraint");
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        session.execute("ALTER TABLE mine.everything DETACH PARTITION net._http_response");
    }

    /** Whether it is fired before or after the response. */
    @ParameterizedTest
    @ValueSource(strings = {"BEFORE", "AFTER"})
    void triggerOfTheOwnerFindsWhatStandsBeside(String when) throws SQLException {
        session.execute(
                "CREATE TABLE mine.seen (id bigint, text text)",
                "CREATE FUNCTION mine.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO mine.seen"
                        + " SELECT new.id, d.method || ' ' || d.url FROM net._response_detail d WHERE d.id = new.id;"
                        + " INSERT INTO mine.seen SELECT r.id, r.method || ' ' || r.url FROM net.responses r"
                        + " WHERE r.id = new.id; RETURN new; END $$",
                "CREATE TRIGGER see " + when
                        + " INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION mine.see()");

        long id = session.get(server.url("/get?id=seen"));
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        String seen = "GET " + server.url("/get?id=seen");
        assertThat(session.column("SELECT text FROM mine.seen WHERE id = " + id))
                .containsExactly(when.equals("AFTER") ? new String[] {seen, seen} : new String[] {seen});
    }
}
