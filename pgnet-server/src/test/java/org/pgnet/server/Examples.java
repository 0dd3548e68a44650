package org.pgnet.server;

import java.sql.SQLException;
import java.util.Optional;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.Session;

/** What the pictures of the documentation show: some real traffic, and a request whose history was written by hand. */
final class Examples {
    private static final long ID = 40_042;

    private Examples() {}

    /** Returns the request with a history. */
    static long insert(Session session, HttpServerFixture http) throws SQLException {
        http.handle("/v1/payouts", request -> Optional.of(Reply.text(503, "busy")));
        session.execute(
                "INSERT INTO net.policies (name, delays, max_attempts, comment) VALUES"
                        + " ('payouts', '{300 ms,300 ms}', 3, 'They must arrive, or somebody must know.') ON CONFLICT DO NOTHING",
                "INSERT INTO net.hosts (pattern, rate, max_in_flight, comment) VALUES ('127.0.0.1', 400, 32, 'as agreed with them')"
                        + " ON CONFLICT DO NOTHING");
        for (int i = 1; i <= 12; i++) {
            session.execute("SELECT net.request('" + http.url("/v1/payouts?n=" + i) + "', jsonb_build_object('payout', "
                    + i + "), policy => 'payouts')");
        }
        session.await("SELECT count(*) FROM net.dead_letters WHERE url LIKE '%/v1/payouts%'", 12);
        session.execute("SELECT net.request('" + http.url("/v1/events/")
                + "' || n, jsonb_build_object('event', n)) FROM generate_series(1, 25) n");
        session.execute("SELECT net.request('" + http.url("/v1/reminders/")
                + "' || n, delay => '2 hours') FROM generate_series(1, 2) n");
        session.await("SELECT count(*) FROM net.responses WHERE url LIKE '%/v1/events/%'", 25);
        withHistory(session);
        return ID;
    }

    private static void withHistory(Session session) throws SQLException {
        session.execute(
                "INSERT INTO net.attempts (request_id, attempt, started, duration, status_code, timed_out, error_msg, owner)"
                        + " SELECT " + ID
                        + ", attempt, now() - interval '26 min' + after, took, status, status IS NULL AND attempt = 2, error,"
                        + " 'postgres'::regrole FROM (VALUES (1, interval '0 s', interval '412 ms', 503, NULL),"
                        + " (2, '6 s', '5 s', NULL, 'Timeout of 5000 ms reached'), (3, '5 min 20 s', '95 ms', 503, NULL),"
                        + " (4, '25 min', '188 ms', 200, NULL)) a (attempt, after, took, status, error)",
                "INSERT INTO net._response_detail (id, owner, attempts, duration, method, url) VALUES (" + ID
                        + ", 'postgres'::regrole, 4, '188 ms', 'POST', 'https://hooks.example.com/orders/7f3a?source=shop')",
                "INSERT INTO net._http_response (id, status_code, content_type, headers, content, timed_out, created) VALUES ("
                        + ID
                        + ", 200, 'application/json', '{\"content-type\": \"application/json\", \"date\": \"Thu, 26 Nov 2026 12:00:05 GMT\","
                        + " \"x-request-id\": \"b7d1c0\"}', '{\"received\": true, \"order\": {\"id\": 7, \"total\": 129.90}}', false,"
                        + " now() - interval '26 min' + interval '25 min 188 ms')");
    }
}
