package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.Gate;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * What the owner of the tables makes of them: the worker reads no column that is not of the type it knows, sends nothing
 * meanwhile and says why. What it has received is recorded once the tables are as they were.
 */
@PgNetTest(cluster = Sharing.WITH_NONE)
class AlteredTablesIT {
    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "queue ALTER url TYPE bigint USING 3735928559|queue ALTER url TYPE text|column \"url\" of table"
                        + " net.http_request_queue is of type bigint instead of text",
                "queue ALTER url TYPE varchar(2000)|queue ALTER url TYPE text|column \"url\" of table"
                        + " net.http_request_queue is of type character varying instead of text",
                "queue ALTER headers TYPE json|queue ALTER headers TYPE jsonb|column \"headers\" of table"
                        + " net.http_request_queue is of type json instead of jsonb",
                "queue ALTER headers TYPE bigint USING 3735928559|queue ALTER headers TYPE jsonb USING NULL|column"
                        + " \"headers\" of table net.http_request_queue is of type bigint instead of jsonb",
                "queue ALTER body TYPE bigint USING 3735928559|queue ALTER body TYPE bytea USING NULL|column"
                        + " \"body\" of table net.http_request_queue is of type bigint instead of bytea",
                "queue ALTER method TYPE integer USING 7|queue ALTER method TYPE net.http_method USING 'GET'|column"
                        + " \"method\" of table net.http_request_queue is of type integer instead of text",
                "queue ALTER timeout_milliseconds TYPE text|queue ALTER timeout_milliseconds TYPE integer USING 5000|"
                        + "column \"timeout_milliseconds\" of table net.http_request_queue is of type text instead of"
                        + " integer",
                "queue RENAME body TO other|queue RENAME other TO body|table net.http_request_queue has no column"
                        + " \"body\"",
                "response ALTER content TYPE bigint USING 1|response ALTER content TYPE text|column \"content\" of"
                        + " table net._http_response is of type bigint instead of text",
                "response ALTER created DROP DEFAULT, ALTER created TYPE text|response ALTER created TYPE timestamptz"
                        + " USING now(), ALTER created SET DEFAULT now()|column \"created\" of table"
                        + " net._http_response is of type text instead of timestamp with time zone",
                "detail DROP attempts, ADD attempts integer GENERATED ALWAYS AS (1) STORED|detail DROP attempts,"
                        + " ADD attempts integer|column \"attempts\" of table net._response_detail is generated",
                "detail ALTER owner TYPE text|detail ALTER owner TYPE oid USING owner::oid|column \"owner\" of table"
                        + " net._response_detail is of type text instead of oid",
                "detail RENAME TO away|away RENAME TO _response_detail|schema net has no table _response_detail",
                "detail OWNER TO pg_monitor; ALTER TABLE queue OWNER TO pg_monitor|detail OWNER TO postgres; ALTER"
                        + " TABLE queue OWNER TO postgres|the tables of schema net belong to several roles",
                "response OWNER TO pg_monitor|response OWNER TO postgres|the tables of schema net belong to several"
                        + " roles",
                "response ALTER id SET STATISTICS 1; ALTER TABLE net._delivery OWNER TO pg_monitor|response ALTER id"
                        + " SET STATISTICS -1; ALTER TABLE net._delivery OWNER TO postgres|the tables of schema net"
                        + " belong to several roles",
                "response ALTER id SET STATISTICS 1; ALTER TABLE net.dead_letters OWNER TO pg_monitor|response ALTER id"
                        + " SET STATISTICS -1; ALTER TABLE net.dead_letters OWNER TO postgres|the tables of schema net"
                        + " belong to several roles",
                "response ALTER id SET STATISTICS 1; ALTER TABLE net.dead_letters ALTER context TYPE json|response ALTER"
                        + " id SET STATISTICS -1; ALTER TABLE net.dead_letters ALTER context TYPE jsonb|column"
                        + " \"context\" of table net.dead_letters is of type json instead of jsonb",
                "response ALTER id SET STATISTICS 1; ALTER TABLE net.attempts ALTER attempt TYPE bigint|response ALTER id"
                        + " SET STATISTICS -1; ALTER TABLE net.attempts ALTER attempt TYPE integer|column"
                        + " \"attempt\" of table net.attempts is of type bigint instead of integer",
                "response ALTER id SET STATISTICS 1; ALTER TABLE net._delivery DROP last_error|response ALTER id"
                        + " SET STATISTICS -1; ALTER TABLE net._delivery ADD last_error text|table net._delivery has no"
                        + " column \"last_error\"",
                "response ALTER id ADD GENERATED ALWAYS AS IDENTITY|response ALTER id DROP IDENTITY|column \"id\" of"
                        + " table net._http_response is generated",
                "response RENAME TO away; CREATE VIEW net._http_response AS SELECT * FROM net.away|response RENAME TO"
                        + " aside; DROP VIEW net.aside; ALTER TABLE net.away RENAME TO _http_response|"
                        + "net._http_response is not a plain table",
                "response RENAME TO away; CREATE TABLE net._http_response (LIKE net.away) PARTITION BY RANGE (id)|"
                        + "response RENAME TO aside; DROP TABLE net.aside; ALTER TABLE net.away RENAME TO"
                        + " _http_response|net._http_response is not a plain table",
                "queue ADD dummy integer; CREATE TABLE net.child () INHERITS (net.http_request_queue)|queue DROP"
                        + " dummy; DROP TABLE net.child|table net.http_request_queue has children",
                "response ADD dummy integer; CREATE RULE instead AS ON INSERT TO net._http_response DO INSTEAD"
                        + " NOTHING|response DROP dummy; DROP RULE instead ON net._http_response|table"
                        + " net._http_response has a rule that replaces the worker's statements"
            })
    void workerIdlesUntilTheTablesAreAsTheyWere(String alter, String restore, String reason) throws SQLException {
        long worker = cluster.awaitWorker();
        Gate gate = Gate.closed();
        server.handle("/gate", gate);
        long inFlight = session.get(server.url("/gate"));
        gate.awaitRequests(1);

        EmptiedViews views = new EmptiedViews(session);
        session.execute(statements(alter));
        gate.open();
        cluster.log().await("idle in database \"postgres\": " + Pattern.quote(reason), Duration.ofSeconds(20));
        session.execute(statements(restore));
        views.giveBack();

        long id = session.get(server.url("/get"));
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200|");
        session.await("SELECT count(*) FROM net.http_request_queue WHERE id = " + inFlight, 0);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    /** The first one is what follows ALTER TABLE. */
    private static String[] statements(String text) {
        return ("ALTER TABLE " + text)
                .replace("TABLE queue ", "TABLE net.http_request_queue ")
                .replace("TABLE response ", "TABLE net._http_response ")
                .replace("TABLE detail ", "TABLE net._response_detail ")
                .replace("TABLE away ", "TABLE net.away ")
                .split("; ");
    }
}
