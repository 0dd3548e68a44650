package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.StopMode;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * Rows that the worker cannot read, or must not: they came past the call's checks, or are damaged. Each is an error row of its
 * own, and those around it are answered by the same worker.
 */
@PgNetTest(
        sql = {
            "CREATE DATABASE win1252 TEMPLATE template0 LOCALE 'C' ENCODING 'WIN1252'",
            "CREATE DATABASE sql_ascii TEMPLATE template0 LOCALE 'C' ENCODING 'SQL_ASCII'",
            "CREATE DATABASE euc_jp TEMPLATE template0 LOCALE 'C' ENCODING 'EUC_JP'"
        },
        databases = {"win1252", "sql_ascii", "euc_jp"},
        cluster = Sharing.WITH_NONE)
class UnreadableRequestIT {
    private static final int AROUND = 20;

    private static final String WITHOUT_CHECK = "ALTER TABLE net.http_request_queue DISABLE TRIGGER _queue_request";
    private static final String WITH_CHECK = "ALTER TABLE net.http_request_queue ENABLE ALWAYS TRIGGER _queue_request";

    @Given
    private static HttpServerFixture server;

    @Given
    private static PgCluster cluster;

    @BeforeAll
    static void createExtensions() throws SQLException {
        for (String database : new String[] {"win1252", "sql_ascii", "euc_jp"}) {
            try (Session session = cluster.session(database, "postgres")) {
                session.execute("CREATE EXTENSION pg_net");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "repeat('A', 60000000)|'URL'|NULL|its method has 60000000 bytes",
                "repeat('A', 65)|'URL'|NULL|its method has 65 bytes",
                "'GET'|concat('URL?', repeat('a', 60000000))|NULL|its URL has ",
                "'GET'|'URL'|jsonb_build_object('X', repeat('a', 60000000))|its set of headers has ",
                "'GET'|'URL'|jsonb_build_object('X', repeat(chr(1), 1000000))|its set of headers has 6000009 bytes",
                "'GET'|'URL'|(SELECT jsonb_object_agg(n, '1e131071'::numeric) FROM generate_series(1, 5000) n)|its set"
                        + " of headers has ",
            })
    void requestThatIsTooLargeIsAnErrorRow(String method, String url, String headers, String error)
            throws SQLException {
        assertErrorRow("postgres", method, url, headers, error);
    }

    @ParameterizedTest
    @CsvSource({"win1252, 81", "sql_ascii, e9", "sql_ascii, eda080", "euc_jp, a9a1"})
    void textThatIsNotInUnicodeIsAnErrorRow(String database, String hex) throws SQLException {
        String text = "convert_from('\\x" + hex + "', '" + database + "')";
        assertErrorRow(database, "'GET'", "'URL'", "jsonb_build_object('X', " + text + ")", "");
        assertErrorRow(database, "'GET'", "'URL'", "jsonb_build_object(" + text + ", 1)", "");
        assertErrorRow(database, "'GET'", "'URL?q=' || " + text, "NULL", "");
    }

    @Test
    void damagedRowIsAnErrorRow() throws SQLException, IOException {
        long damaged;
        Path chunks;
        try (Session session = cluster.session()) {
            session.execute(WITHOUT_CHECK);
            damaged = session.send(
                    "INSERT INTO net.http_request_queue (method, url, body) VALUES ('POST', ?,"
                            + " (SELECT string_agg(sha512(n::text::bytea), '') FROM generate_series(1, 1000) n))"
                            + " RETURNING id",
                    server.url("/get"));
            session.execute(WITH_CHECK);
            chunks = cluster.data()
                    .resolve(session.text("SELECT pg_relation_filepath(reltoastrelid) FROM pg_class"
                            + " WHERE oid = 'net.http_request_queue'::regclass"));
        }
        cluster.stop(StopMode.FAST);
        Files.write(chunks, new byte[(int) Files.size(chunks)]);
        cluster.start();

        try (Session session = cluster.session()) {
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
            assertThat(session.collect(damaged))
                    .contains("request could not be read: ")
                    .contains("missing chunk number");
            session.execute("TRUNCATE net.http_request_queue"); // its damage, too
        }
    }

    @Test
    void requestWithoutWhatItNeedsIsAnErrorRow(Session session) throws SQLException {
        session.execute("ALTER TABLE net.http_request_queue ALTER url DROP NOT NULL, ALTER method DROP NOT NULL,"
                + " ALTER owner DROP NOT NULL, ALTER timeout_milliseconds DROP NOT NULL");
        long nothing = session.send("INSERT INTO net.http_request_queue (method, url, owner, timeout_milliseconds)"
                + " VALUES (NULL, NULL, NULL, NULL) RETURNING id");
        session.await("SELECT count(*) FROM net._http_response WHERE id = " + nothing, 1);
        session.execute(
                "DELETE FROM net.http_request_queue",
                "ALTER TABLE net.http_request_queue ALTER url SET NOT NULL, ALTER method SET NOT NULL,"
                        + " ALTER owner SET NOT NULL, ALTER timeout_milliseconds SET NOT NULL");
        assertThat(session.answerTo(nothing).error()).isNotEmpty();
    }

    private static void assertErrorRow(String database, String method, String url, String headers, String error)
            throws SQLException {
        long worker = worker(database);
        try (Session session = cluster.session(database, "postgres")) {
            session.execute("BEGIN");
            List<Long> good = around(session);
            session.execute(WITHOUT_CHECK);
            long bad = session.send("INSERT INTO net.http_request_queue (method, url, headers) VALUES (" + method + ", "
                    + url.replace("URL", server.url("/get")) + ", " + headers + ") RETURNING id");
            session.execute(WITH_CHECK);
            good.addAll(around(session));
            session.execute("COMMIT");

            for (long id : good) {
                assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
            }
            assertThat(session.answerTo(bad).error().orElseThrow())
                    .startsWith("request could not be read: ")
                    .contains(error);
        }
        assertThat(worker(database)).isEqualTo(worker);
    }

    private static long worker(String database) throws SQLException {
        return cluster.workerPid(database).orElseThrow();
    }

    private static List<Long> around(Session session) throws SQLException {
        List<Long> ids = new ArrayList<>();
        for (int n = 0; n < AROUND; n++) {
            ids.add(session.get(server.url("/get")));
        }
        return ids;
    }
}
