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
                "INSERT INTO net.policies (name, delays, max_attempts, comment) VALUES ('payouts', '{300 ms,300 ms}',"
                        + " 3, 'They must arrive, or somebody must know.') ON CONFLICT DO NOTHING",
                "INSERT INTO net.hosts (pattern, rate, max_in_flight, comment) VALUES ('127.0.0.1', 400, 32, 'as"
                        + " agreed with them') ON CONFLICT DO NOTHING");
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
        hourBefore(session);
        webhooks(session, http);
        return ID;
    }

    private static void withHistory(Session session) throws SQLException {
        session.execute(
                "INSERT INTO net.attempts (request_id, attempt, started, duration, status_code, timed_out, error_msg,"
                        + " owner, dns, connect, tls, first_byte) SELECT " + ID
                        + ", attempt, now() - interval '26 min' + after, took, status, status IS NULL AND attempt = 2,"
                        + " error, 'postgres'::regrole, dns, connect, tls, first FROM (VALUES (1, interval '0 s',"
                        + " interval '412 ms', 503, NULL, interval '38 ms', interval '24 ms', interval '61 ms',"
                        + " interval '281 ms'), (2, '6 s', '1.5 s', NULL, 'Timeout of 1500 ms reached', '2 ms', '23"
                        + " ms', '52 ms', '1.423 s'), (3, '5 min 20 s', '95 ms', 503, NULL, '2 ms', '21 ms', '40 ms',"
                        + " '31 ms'), (4, '25 min', '188 ms', 200, NULL, '3 ms', '22 ms', '43 ms', '104 ms')) a"
                        + " (attempt, after, took, status, error, dns, connect, tls, first)",
                "INSERT INTO net._response_detail (id, owner, attempts, duration, method, url) VALUES (" + ID
                        + ", 'postgres'::regrole, 4, '188 ms', 'POST',"
                        + " 'https://hooks.example.com/orders/7f3a?source=shop')",
                "INSERT INTO net._http_response (id, status_code, content_type, headers, content, timed_out, created)"
                        + " VALUES ("
                        + ID
                        + ", 200, 'application/json', '{\"content-type\": \"application/json\", \"date\": \"Thu, 26"
                        + " Nov 2026 12:00:05 GMT\", \"x-request-id\": \"b7d1c0\"}', '{\"received\": true, \"order\":"
                        + " {\"id\": 7, \"total\": 129.90}}', false, now() - interval '26 min' + interval '25 min 188"
                        + " ms')");
    }

    /** The hour before: a wave of traffic, and some minutes in which a host was not well. Their ids are behind all others. */
    private static void hourBefore(Session session) throws SQLException {
        String past = " FROM (SELECT m, n, row_number() OVER () AS i FROM generate_series(1, 59) m,"
                + " generate_series(1, (45 + 30 * sin(m / 7.0) + 9 * sin(m * 2.1))::int) n) p";
        session.execute(
                "INSERT INTO net._response_detail (id, owner, attempts, duration, method, url) SELECT -i,"
                        + " 'postgres'::regrole, 1, '90 ms', 'POST', 'https://api.example.com/v1/orders/' || i" + past,
                "INSERT INTO net._http_response (id, status_code, timed_out, created) SELECT -i,"
                        + " CASE WHEN m BETWEEN 21 AND 26 AND i % 3 > 0 THEN 503 ELSE 200 END, false,"
                        + " now() - m * interval '1 min' + n * interval '0.5 s'" + past);
    }

    /** A webhook with a day behind it, and one whose receiver does not want it any more. */
    private static void webhooks(Session session, HttpServerFixture http) throws SQLException {
        http.handle("/gone", request -> Optional.of(Reply.text(410, "gone")));
        session.execute(
                "CREATE TABLE orders (id int PRIMARY KEY, item text, total numeric, placed timestamptz DEFAULT now())",
                "CREATE TABLE refunds (id int PRIMARY KEY, amount numeric)",
                "SELECT net.create_webhook('orders', 'orders', '" + http.url("/hooks/orders")
                        + "', condition => 'new.total > 100')",
                "SELECT net.create_webhook('refunds', 'refunds', '" + http.url("/gone") + "')",
                "INSERT INTO orders VALUES (7, 'espresso machine', 129.90)",
                "INSERT INTO refunds VALUES (1, 20)",
                "INSERT INTO net._response_detail (id, owner, attempts, duration, method, url) SELECT -100000 - h,"
                        + " 'postgres'::regrole, 1, '90 ms', 'POST', '" + http.url("/hooks/orders")
                        + "' FROM generate_series(1, 23) h WHERE h NOT BETWEEN 15 AND 20",
                "INSERT INTO net._http_response (id, status_code, timed_out, created) SELECT -100000 - h,"
                        + " CASE h WHEN 9 THEN 503 ELSE 200 END, false, now() - h * interval '1 hour'"
                        + " FROM generate_series(1, 23) h WHERE h NOT BETWEEN 15 AND 20");
        session.await("SELECT count(*) FROM net.webhooks WHERE NOT enabled AND name = 'refunds'", 1);
    }
}
