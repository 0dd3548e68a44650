package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.session.Session;

/** {@code preflight.sql} says before an update what of a database it concerns. It runs in each version's catalogue. */
@PgNetTest(extension = false, sql = "CREATE ROLE reader LOGIN", cluster = Sharing.WITH_NONE)
class PreflightIT {
    private static final Path SQL = PgInstallation.checkout().resolve("pgnet-sql");

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    static List<String> releases() {
        return CExtension.releases();
    }

    @BeforeEach
    void dropExtension() throws SQLException {
        session.execute(
                "DROP EXTENSION IF EXISTS pg_net CASCADE", "DROP SCHEMA IF EXISTS mine CASCADE", "CREATE SCHEMA mine");
    }

    @ParameterizedTest
    @MethodSource("releases")
    void freshCatalogueHasNothingInTheWay(String release) throws SQLException, IOException {
        CExtension.create(session, release);

        assertThat(findings())
                .anySatisfy(line -> assertThat(line).startsWith("3|pg_net ").contains("The update locks both"))
                .noneSatisfy(line -> assertThat(line).startsWith("1|"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            value = {
                "CREATE VIEW net.stats AS SELECT 1 => 1|relation net.stats is not the extension's",
                "CREATE FUNCTION mine.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
                        + " CREATE TRIGGER t AFTER INSERT ON net._http_response EXECUTE FUNCTION mine.f()"
                        + " => 2|trigger t on net._http_response runs mine.f()",
                "CREATE VIEW mine.v AS SELECT id FROM net._http_response => 2|view mine.v reads net._http_response",
                "CREATE FUNCTION mine.f() RETURNS void LANGUAGE sql AS 'DELETE FROM net._http_response'"
                        + " => 2|function mine.f() deletes or changes rows",
                "CREATE FUNCTION mine.f() RETURNS SETOF net.http_request_queue LANGUAGE sql"
                        + " AS 'SELECT * FROM net.http_request_queue' => 2|function mine.f() reads the queue, which gets",
                "CREATE FUNCTION mine.f() RETURNS bool LANGUAGE sql AS 'SELECT net.worker_restart()'"
                        + " => 2|function mine.f() calls net.worker_restart",
                "ALTER FUNCTION net.http_get SECURITY DEFINER SET search_path = net"
                        + " => 2|net.http_get(text,jsonb,jsonb,integer) is SECURITY DEFINER",
                "GRANT DELETE ON net._http_response TO reader => 2|grants on the tables by name: DELETE to reader",
                "SELECT => 2|roles that may read the tables and are not members of postgres: reader",
                "SELECT => 3|pg_net.database_name is postgres"
            })
    void whatIsConcernedIsNamed(String made, String finding) throws SQLException, IOException {
        CExtension.create(session, CExtension.LAST);
        assertThat(made.startsWith("SELECT") ? List.<String>of() : findings())
                .noneSatisfy(line -> assertThat(line).startsWith(finding));

        session.execute(made);

        assertThat(findings()).anySatisfy(line -> assertThat(line).startsWith(finding));
    }

    /** The table of the responses keeps its columns. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE FUNCTION mine.f() RETURNS SETOF net._http_response LANGUAGE sql AS 'SELECT * FROM net._http_response'",
                "CREATE FUNCTION mine.f() RETURNS text LANGUAGE sql AS 'SELECT url FROM mine.t JOIN net._http_response USING (id)'",
                "ALTER TABLE net._http_response ADD url text, ADD owner text, ADD body text"
            })
    void whatGoesOnWorkingIsNotNamed(String made) throws SQLException, IOException {
        CExtension.create(session, CExtension.LAST);
        session.execute("CREATE TABLE mine.t (id bigint, url text)", made);

        assertThat(findings())
                .isNotEmpty()
                .noneSatisfy(line -> assertThat(line).startsWith("1|"))
                .noneSatisfy(line -> assertThat(line).contains("column"));
        session.execute("ALTER EXTENSION pg_net UPDATE");
    }

    @Test
    void answeredRequestsInTheQueueAreCounted() throws SQLException, IOException {
        CExtension.create(session, "0.2");
        session.execute("SELECT net.http_get('http://127.0.0.1/')", "INSERT INTO net._http_response (id) VALUES (1)");

        assertThat(findings())
                .anySatisfy(line -> assertThat(line).startsWith("3|1 of the queued requests are answered"));
    }

    /** Names are those of the install script, which has a comment on each. */
    @Test
    void everyNameThatIsAddedIsLookedFor() throws IOException {
        Stream<String> commented = matches(
                        "pg_net.sql",
                        "(?m)^comment on (table|function|procedure|view|trigger|policy|column) (.+?) is(?: |$)")
                .map(comment -> comment.group(1) + " " + comment.group(2))
                .filter(name -> !name.matches("column net[.](?!http_request_queue[.]|_http_response[.])\\w+[.].*")
                        && !isOfTheCExtension(name));
        Stream<String> lookedFor = matches("preflight.sql", "(?m)^    \\('(\\w+)', '(.+)'\\),?$")
                .map(line -> line.group(1) + " " + line.group(2));

        assertThat(lookedFor.toList()).isNotEmpty().containsExactlyElementsOf(commented.toList());
    }

    private static boolean isOfTheCExtension(String name) {
        return name.matches("table net[.](http_request_queue|_http_response)")
                || name.matches("column net[.]http_request_queue[.](id|method|url|headers|body|timeout_milliseconds)")
                || name.matches("column net[.]_http_response[.]"
                        + "(id|status_code|content_type|headers|content|timed_out|error_msg|created)");
    }

    private static Stream<MatchResult> matches(String file, String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(SQL.resolve(file)))
                .results();
    }

    private static List<String> findings() throws IOException {
        return cluster.psql(Files.readString(SQL.resolve("preflight.sql")))
                .lines()
                .toList();
    }
}
