package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/** Responses that the database refuses, for whatever reason: the others are recorded as if they were not there. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class RefusedResponseIT {
    private static final String RAISING =
            "CREATE FUNCTION raise_for(url text) RETURNS integer LANGUAGE plpgsql IMMUTABLE"
                    + " AS $$ BEGIN IF url LIKE '%%bad%%' THEN RAISE 'refused' USING ERRCODE = '%s'; END IF; RETURN 1; END $$";

    @Given
    private HttpServerFixture server;

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    private long worker;

    @BeforeEach
    void awaitWorker() {
        worker = cluster.awaitWorker();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE INDEX ON net._response_detail (url)|3000",
                "CREATE INDEX ON net._response_detail (method, url)|3000",
                "ALTER TABLE net._response_detail ADD CHECK (length(url) < 1000)|1000",
                "ALTER TABLE net._response_detail ADD EXCLUDE (left(url, 24) WITH =) WHERE (url LIKE '%bad%')|10",
                "CREATE UNIQUE INDEX ON net._response_detail ((1 / (length(url) - length(url))), id) WHERE url LIKE '%bad%'|10"
            })
    void errorRowInThePlainestFormIsAllThatIsLeftOfIt(String statement, int length) throws SQLException {
        session.execute(statement);
        session.get(server.url("/get?bad"));

        assertOthersAreAnswered(length);

        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        assertThat(session.number("SELECT count(*) FROM net.responses WHERE url IS NULL AND method IS NULL"
                        + " AND error_msg = 'response could not be stored' AND owner IS NOT NULL"))
                .isPositive();
    }

    /** A function may choose any SQLSTATE, those of a full disk, a lock or a shutdown too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "P0001", "XX000", "42501", "53100", "53200", "53300", "53400", "55P03", "57014", "57P01", "58030",
                "40001", "25006"
            })
    void functionThatRaisesStopsNobodyElse(String sqlState) throws SQLException {
        session.execute(RAISING.formatted(sqlState), "CREATE INDEX ON net._response_detail (public.raise_for(url))");

        assertOthersAreAnswered(10);

        session.await("SELECT count(*) FROM net.http_request_queue", 0);
        assertThat(session.number("SELECT count(*) FROM net._http_response WHERE error_msg LIKE"
                        + " 'response could not be stored%'"))
                .isEqualTo(1);
    }

    /** Alone: nothing shows whether others could be recorded, but they are sent. */
    @ParameterizedTest
    @ValueSource(strings = {"P0001", "53100", "57P01"})
    void rowThatIsRefusedInEveryFormIsSetAside(String sqlState) throws SQLException {
        session.execute(
                "CREATE FUNCTION raise_for(id bigint) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF id = 1"
                        + " THEN RAISE 'refused' USING ERRCODE = '" + sqlState + "'; END IF; RETURN 1; END $$",
                "CREATE INDEX refusing ON net._http_response (public.raise_for(id))");
        assertThat(session.get(server.url("/get"))).isEqualTo(1);
        cluster.log().await("refuses the response of request 1, which is tried again", Duration.ofSeconds(20));

        for (int n = 0; n < 5; n++) {
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        assertThat(session.collect(1, true)).isEqualTo("PENDING|request is pending");
        assertThat(session.column("SELECT severity || ': ' || finding FROM net.doctor()"))
                .containsExactly("delayed: 1 response cannot be recorded now, while others are.");

        session.execute("DROP INDEX net.refusing");
        session.await("SELECT count(*) FROM net._http_response WHERE id = 1", 1);
        session.await("SELECT count(*) FROM net.doctor()", 0);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    /** PostgreSQL raises the error, not the function, so it looks like a lock of the table; and nothing else is in flight. */
    @Test
    void rowThatIsRefusedAloneAsInAnOutageStopsNobodyForLong() throws SQLException {
        session.execute(
                "CREATE FUNCTION wait_for(id bigint) RETURNS integer LANGUAGE plpgsql IMMUTABLE SET lock_timeout = '10ms'"
                        + " AS $$ BEGIN IF id = 1 THEN PERFORM pg_advisory_lock(4711); END IF; RETURN 1; END $$",
                "CREATE INDEX waiting ON net._http_response (public.wait_for(id))",
                "SELECT pg_advisory_lock(4711)");
        assertThat(session.get(server.url("/get"))).isEqualTo(1);
        cluster.log().await("recording responses failed and is tried again", Duration.ofSeconds(20));

        for (int n = 0; n < 5; n++) {
            assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        }
        assertThat(session.collect(1, true)).isEqualTo("PENDING|request is pending");
        assertThat(server.requests()).isEqualTo(6);

        session.execute("SELECT pg_advisory_unlock(4711)");
        session.await("SELECT count(*) FROM net._http_response WHERE id = 1", 1);
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }

    @Test
    void triggerThatRaisesAnOutageIsLeftOut() throws SQLException {
        session.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused' USING ERRCODE ="
                        + " '53100'; END $$",
                "CREATE TRIGGER refuse BEFORE INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION refuse()");

        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
    }

    /** dblink raises another server's error as its own. */
    @Test
    void triggerThatPassesOnAnotherServersOutageIsLeftOut() throws SQLException {
        session.execute(
                "CREATE EXTENSION dblink",
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.dblink_exec('dbname=' ||"
                        + " current_database() || ' host=127.0.0.1 port=' || current_setting('port'),"
                        + " $q$DO 'BEGIN RAISE ''refused'' USING ERRCODE = ''53100''; END'$q$); RETURN NEW; END $$",
                "CREATE TRIGGER refuse BEFORE INSERT ON net._http_response FOR EACH ROW EXECUTE FUNCTION refuse()");

        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
    }

    private void assertOthersAreAnswered(int length) throws SQLException {
        session.execute("BEGIN");
        List<Long> good = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            good.add(session.get(server.url("/get")));
            if (n == 10) {
                session.text(
                        "SELECT net.http_get(? || left((SELECT string_agg(encode(sha512(n::text::bytea), 'hex'), '')"
                                + " FROM generate_series(1, 60) n), ?))",
                        server.url("/get?bad="),
                        length);
            }
        }
        session.execute("COMMIT");
        for (long id : good) {
            assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
        }
        assertThat(session.collect(session.get(server.url("/get")))).startsWith("SUCCESS|ok|200");
        assertThat(cluster.awaitWorker()).isEqualTo(worker);
    }
}
