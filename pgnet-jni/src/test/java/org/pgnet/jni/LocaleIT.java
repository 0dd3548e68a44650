package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.ForServers;
import org.pgnet.testkit.session.Session;

/** Words of protocols are the same in every language. In Turkish, I and i are two letters. */
@PgNetTest(sql = "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
class LocaleIT {
    private static final Path SOURCE_OF_THE_LOCALE = Path.of("/usr/share/i18n/locales/tr_TR");

    @TempDir(factory = ForServers.class)
    private Path locales;

    /** The collation of an argument is that of the function's expressions. */
    @Test
    void collationsOfTheArgumentsMakeNoDifference(Session session) throws SQLException {
        session.execute(
                "BEGIN",
                "SELECT net.request('http://127.0.0.1:1/' COLLATE \"tr-x-icu\", method := 'options' COLLATE \"tr-x-icu\")",
                "SELECT net.request('http://127.0.0.1:1/' COLLATE any_case, method := 'options' COLLATE any_case)",
                "CREATE TABLE t (method text COLLATE \"tr-x-icu\", url text COLLATE \"C\")",
                "INSERT INTO t VALUES ('options', 'http://127.0.0.1:1/')",
                "SELECT net.request(url, method := method) FROM t",
                "SELECT net.http_post('http://127.0.0.1:1/' COLLATE any_case, headers :="
                        + " '{\"CONTENT-TYPE\": \"application/json\"}')");

        assertThat(session.column("SELECT method FROM net.http_request_queue ORDER BY id"))
                .containsExactly("OPTIONS", "OPTIONS", "OPTIONS", "POST");
        assertThat(
                        session.text(
                                "SELECT value FROM net.explain('http://LIMIT.example/' COLLATE any_case) WHERE what = 'origin'"))
                .isEqualTo("http://limit.example:80");
    }

    @Test
    void failedRequestsOfAHostAreFoundWhateverTheCollationOfItsName(Session session) throws SQLException {
        session.execute("INSERT INTO net.policies (name, delays, max_attempts) VALUES ('once', '{}', 1)");
        session.answer("SELECT net.request('http://LIMIT.localhost:1/', policy := 'once')");

        for (String collation : List.of("any_case", "\"tr-x-icu\"", "\"C\"")) {
            assertThat(session.column("SELECT host FROM net.retry_all('Limit.LOCALHOST:1' COLLATE " + collation
                            + ", now() - interval '1 hour')"))
                    .as(collation)
                    .containsExactly("limit.localhost");
        }
    }

    @Test
    void hostsMethodsAndHeadersInTurkish() throws SQLException, IOException {
        assumeTrue(
                Files.exists(SOURCE_OF_THE_LOCALE),
                "needs Debian's package locales, of which the locale tr_TR is made");
        Command.run(
                locales,
                Map.of(),
                List.of(
                        "localedef",
                        "-i",
                        "tr_TR",
                        "-f",
                        "UTF-8",
                        locales.resolve("tr_TR.utf8").toString()));
        assertHostsMethodsAndHeaders("LOCALE 'tr_TR.utf8'", "LOCPATH=" + locales, "LC_ALL=tr_TR.utf8");
    }

    @Test
    void hostsMethodsAndHeadersInTurkishOfIcu() throws SQLException {
        assertHostsMethodsAndHeaders("LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'");
    }

    private static void assertHostsMethodsAndHeaders(String locale, String... environment) throws SQLException {
        try (HttpServerFixture server = HttpServerFixture.start();
                PgCluster cluster = PgCluster.create(
                        "pg_net.allowed_hosts = '127.0.0.1, LIMIT.LOCALHOST, *.INTERNAL.LOCALHOST, mixed-i.localhost'",
                        "pg_net.database_name = 'turkish'")) {
            cluster.setEnvironment(environment);
            cluster.start();
            cluster.execute("CREATE DATABASE turkish TEMPLATE template0 " + locale + " ENCODING 'UTF8'");
            cluster.restart();
            try (Session session = cluster.session("turkish", "postgres")) {
                session.execute("CREATE EXTENSION pg_net", "SELECT net.wait_until_running()");
                assertThat(session.query("SELECT upper('i')")).contains("İ");

                for (String host :
                        List.of("limit.localhost", "LIMIT.LOCALHOST", "a.Internal.LocalHost", "MIXED-I.localhost")) {
                    String url = "http://" + host + ":" + server.port() + "/get";
                    assertThat(session.collect(session.get(url))).as(host).startsWith("SUCCESS|ok|200");
                }
                long id = session.number(
                        "SELECT net.request(method := 'options', url := 'HTTP://127.0.0.1:" + server.port()
                                + "/get?id=turkish', body_text := 'ıİ', headers := '{\"CONTENT-TYPE\": \"TEXT/PLAIN\"}')");
                assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");
                assertThat(server.received("turkish")).singleElement().satisfies(received -> {
                    assertThat(received.method()).isEqualTo("OPTIONS");
                    assertThat(received.headers().get("content-type")).containsExactly("TEXT/PLAIN");
                    assertThat(received.text()).isEqualTo("ıİ");
                });
            }
        }
    }
}
