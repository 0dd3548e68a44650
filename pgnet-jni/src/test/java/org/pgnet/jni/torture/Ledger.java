package org.pgnet.jni.torture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pgnet.testkit.cluster.PgCluster;

/**
 * The account, kept in ordinary tables of the same database: a request's token is written by the transaction that makes
 * it, so whatever becomes of that transaction, its token is there exactly when the request was committed. What a user
 * removes is noted by the transaction that does.
 */
final class Ledger {
    private static final String TOKEN_OF_URL = "substring(url from 'token=(.*)$')";

    /** Takes the responses that are there into the account. A response that is seen twice counts once. */
    private static final String HARVEST = "INSERT INTO torture.answer (token, id, status, content, error)"
            + " SELECT " + TOKEN_OF_URL + ", id, status_code, content, error_msg FROM net.responses"
            // Rejected ones are sent again.
            + " WHERE status_code IS DISTINCT FROM " + Receiver.REJECTION
            + " ON CONFLICT DO NOTHING";

    private static final String[] TABLES = {
        "CREATE SCHEMA torture",
        "CREATE TABLE torture.ledger (token text PRIMARY KEY, id bigint NOT NULL, method text NOT NULL,"
                + " made timestamptz NOT NULL DEFAULT clock_timestamp())",
        "CREATE TABLE torture.removed (token text PRIMARY KEY)",
        "CREATE TABLE torture.call (token text)",
        "CREATE TABLE torture.uncalled (token text)",
        "CREATE TABLE torture.answer (token text, id bigint, status int, content text, error text,"
                + " PRIMARY KEY (token, id))",
    };

    /** Makes a request of the kind that the number says, with its token in the URL and, if it has one, in the body. */
    private static final String MAKE = """
            CREATE FUNCTION torture.make(base text, token text, kind int) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                url text := base || token;
                methods text[] := '{GET,POST,DELETE,PUT,PATCH,PURGE,LINK,%1$s,SEARCH,%2$s}';
                made bigint;
            BEGIN
                CASE kind %% 10
                    WHEN 0 THEN made := net.http_get(url, timeout_milliseconds := 60000);
                    WHEN 1 THEN made := net.http_post(url, jsonb_build_object('token', token), timeout_milliseconds := 60000);
                    WHEN 2 THEN made := net.http_delete(url, timeout_milliseconds := 60000);
                    WHEN 3 THEN made := net.request(url, method := 'PUT', body_text := token, timeout := '1 min');
                    WHEN 4 THEN made := net.request(url, method := 'PATCH', body_bytes := convert_to(token, 'UTF8'), timeout := '1 min');
                    WHEN 5 THEN INSERT INTO net.http_request_queue AS q (method, url, timeout_milliseconds)
                        VALUES ('PURGE', url, 60000) RETURNING q.id INTO made;
                    WHEN 6 THEN made := net.request(url, method := 'LINK', delay := '400 ms', timeout := '1 min');
                    WHEN 7 THEN made := net.request(url, method := '%1$s', policy := 'torture', timeout := '1 min');
                    WHEN 8 THEN made := net.request(url, method := 'SEARCH', timeout := '1 min',
                        on_response := 'torture.called', context := jsonb_build_object('token', token));
                    WHEN 9 THEN made := net.request(url, method := '%2$s', policy := 'mortal', timeout := '1 min');
                END CASE;
                INSERT INTO torture.ledger (token, id, method) VALUES (token, made, methods[kind %% 10 + 1]);
            END $$""".formatted(Receiver.REFUSED_AT_FIRST, Receiver.REJECTED_ONCE);

    /** The extension's own tables go with it, so this is done each time that it comes. */
    private static final String POLICY = "INSERT INTO net.policies (name, delays, max_attempts, max_age, jitter)"
            + " VALUES ('torture', '{50 ms,200 ms}', NULL, '1 hour', 0.5), ('mortal', '{50 ms}', NULL, '1 hour', 0.5)";

    private static final String CALLED =
            "CREATE FUNCTION torture.called(bigint, net._http_response, context jsonb) RETURNS void"
                    + " LANGUAGE sql AS $$ INSERT INTO torture.call VALUES (context ->> 'token') $$";

    private Ledger() {}

    /** Makes the tables, and {@code torture.make}. */
    static void create(PgCluster cluster) throws SQLException {
        cluster.execute(TABLES);
        cluster.execute(MAKE);
        prepareExtension(cluster);
    }

    /** Makes what the requests need that goes with the extension. */
    static void prepareExtension(PgCluster cluster) throws SQLException {
        cluster.execute(POLICY, CALLED);
    }

    /** Notes what is in both tables, in a transaction that holds them locked and will empty them. */
    static void noteRemoval(Statement statement) throws SQLException {
        statement.execute("INSERT INTO torture.removed SELECT " + TOKEN_OF_URL + " FROM net.http_request_queue");
        statement.execute(HARVEST);
        statement.execute("INSERT INTO torture.uncalled SELECT context ->> 'token' FROM net._callbacks"
                + " JOIN net.responses ON id = request_id");
    }

    /** Notes the dead letters, too, in a transaction that drops them. */
    static void noteRemovalOfDead(Statement statement) throws SQLException {
        statement.execute("LOCK TABLE net.dead_letters IN ACCESS EXCLUSIVE MODE");
        statement.execute("INSERT INTO torture.removed SELECT " + TOKEN_OF_URL + " FROM net.dead_letters"
                + " ON CONFLICT DO NOTHING");
    }

    /** Sends what is dead again. What is left then has ids that other requests have. */
    static void reviveAll(PgCluster cluster) throws SQLException {
        cluster.execute("SELECT net.retry_all('*', '-infinity', 'infinity', NULL, false)");
    }

    /** Gives up dead letters whose ids other requests have, or will be given; no request that is in the queue. */
    static void discardDead(PgCluster cluster) throws SQLException {
        String letters = " FROM net.dead_letters d WHERE NOT EXISTS"
                + " (SELECT FROM net.http_request_queue q WHERE q.id = d.id)";
        cluster.execute("INSERT INTO torture.removed SELECT " + TOKEN_OF_URL + letters + " ON CONFLICT DO NOTHING;"
                + " SELECT net.cancel(d.id)" + letters);
    }

    static final String DEAD = "SELECT count(*) FROM net.dead_letters";

    /** How many functions are still to be called. */
    static final String CALLS_TO_COME = "SELECT count(*) FROM net._callbacks";

    /** What is wrong now that the queue is empty, a line for each kind; the account so far. */
    static Account read(PgCluster cluster) throws SQLException {
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(HARVEST);
            List<String> wrong = new ArrayList<>();
            Set<String> lost = find(
                    statement,
                    wrong,
                    "lost, no response",
                    "SELECT concat_ws(' ', token, 'id', id, method, 'made', made, (SELECT json_agg(r) FROM net.responses r"
                            + " WHERE r.id = l.id), (SELECT json_agg(t) FROM net.attempts t WHERE t.request_id = l.id"
                            + " AND t.started > l.made)) FROM torture.ledger l WHERE NOT EXISTS"
                            + " (SELECT FROM torture.answer a WHERE (a.token, a.id) = (l.token, l.id))"
                            + " AND NOT EXISTS (SELECT FROM torture.removed r WHERE r.token = l.token)");
            find(
                    statement,
                    wrong,
                    "answered though a user removed them",
                    "SELECT token FROM torture.removed JOIN torture.answer USING (token)");
            find(
                    statement,
                    wrong,
                    "responses of no committed request",
                    "SELECT coalesce(token, 'null') || ' (id ' || id || ')' FROM torture.answer a WHERE NOT EXISTS"
                            + " (SELECT FROM torture.ledger l WHERE (a.token, a.id) = (l.token, l.id))");
            find(
                    statement,
                    wrong,
                    "answered with what is not theirs",
                    "SELECT concat_ws(' ', l.token, 'id', l.id, l.method, 'made', l.made, a.status, a.content, (SELECT"
                            + " json_agg(t) FROM net.attempts t WHERE t.request_id = l.id))"
                            + " FROM torture.ledger l JOIN torture.answer a USING (token, id) WHERE a.error IS NULL"
                            + " AND (a.status, a.content) IS DISTINCT FROM (200, l.token || ' ' || l.method)");
            find(
                    statement,
                    wrong,
                    "not answered though their policy goes on",
                    "SELECT l.token || ': ' || a.error FROM torture.ledger l JOIN torture.answer a USING (token, id)"
                            + " WHERE l.method = '" + Receiver.REFUSED_AT_FIRST + "' AND a.error IS NOT NULL"
                            + " AND a.error NOT LIKE '%abnormal%'");
            find(
                    statement,
                    wrong,
                    "told to their function more than once",
                    "SELECT token FROM torture.call WHERE token IS NOT NULL GROUP BY token HAVING count(*) > 1");
            find(
                    statement,
                    wrong,
                    "answered and not told to their function",
                    "SELECT l.token FROM torture.ledger l JOIN torture.answer a USING (token, id)"
                            + " WHERE l.method = 'SEARCH' AND NOT EXISTS"
                            + " (SELECT FROM torture.call c WHERE c.token = l.token) AND NOT EXISTS"
                            + " (SELECT FROM torture.uncalled u WHERE u.token = l.token)");
            find(
                    statement,
                    wrong,
                    "both queued and answered",
                    "SELECT q.id::text FROM net.http_request_queue q JOIN net._http_response r USING (id)"
                            + " WHERE r.created > q.created");
            find(
                    statement,
                    wrong,
                    "attempts counted twice, or forgotten",
                    "SELECT l.token || ': ' || string_agg(a.attempt::text, ' ' ORDER BY a.started) FROM torture.ledger l"
                            + " JOIN net.responses r ON r.id = l.id AND " + TOKEN_OF_URL + " = l.token"
                            + " JOIN net.attempts a ON a.request_id = l.id AND a.started BETWEEN l.made AND r.created"
                            + " WHERE l.method = '" + Receiver.REFUSED_AT_FIRST + "' GROUP BY l.token"
                            + " HAVING count(*) <> count(DISTINCT a.attempt) OR count(*) <> max(a.attempt)");
            wrong.addAll(readTwofold(statement));
            return new Account(
                    column(statement, "SELECT token FROM torture.ledger"),
                    column(statement, "SELECT token FROM torture.answer WHERE error IS NULL"),
                    number(statement, "SELECT count(*) FROM torture.removed"),
                    number(statement, "SELECT count(*) FROM torture.answer WHERE error IS NOT NULL"),
                    lost.size(),
                    wrong);
        }
    }

    /** Requests that are in two places at once, whenever one looks. */
    static List<String> readTwofold(PgCluster cluster) throws SQLException {
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            return readTwofold(statement);
        }
    }

    private static List<String> readTwofold(Statement statement) throws SQLException {
        List<String> wrong = new ArrayList<>();
        find(
                statement,
                wrong,
                "both queued and dead",
                "SELECT d.id::text FROM net.dead_letters d JOIN net.http_request_queue q"
                        + " ON (q.id, q.owner, q.created) = (d.id, d.owner, d.created) WHERE d.reason <> 'callback'");
        find(
                statement,
                wrong,
                "both dead and succeeded",
                "SELECT d.id::text FROM net.dead_letters d JOIN net._http_response r"
                        + " ON r.id = d.id AND r.created = d.responded"
                        + " WHERE d.reason <> 'callback' AND r.status_code BETWEEN 200 AND 299");
        find(
                statement,
                wrong,
                "dead twice",
                "SELECT id::text FROM net.dead_letters GROUP BY id, owner, created, reason = 'callback'"
                        + " HAVING count(*) > 1");
        return wrong;
    }

    private static Set<String> find(Statement statement, List<String> wrong, String what, String query)
            throws SQLException {
        Set<String> found = column(statement, query);
        if (!found.isEmpty()) {
            wrong.add(found.size() + " " + what + ": "
                    + found.stream().sorted().limit(20).toList());
        }
        return found;
    }

    private static Set<String> column(Statement statement, String query) throws SQLException {
        Set<String> values = new HashSet<>();
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
