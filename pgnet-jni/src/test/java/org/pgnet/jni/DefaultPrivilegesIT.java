package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.session.Session;

/**
 * ALTER DEFAULT PRIVILEGES gives nobody anything of the extension, TRIGGER on its tables above all: such a trigger runs with
 * the rights of their owner.
 */
@PgNetTest(
        extension = false,
        sql = {
            "CREATE ROLE app LOGIN",
            "CREATE ROLE other LOGIN",
            "CREATE ROLE third",
            "CREATE ROLE postgres_too SUPERUSER LOGIN"
        },
        cluster = Sharing.WITH_NONE)
class DefaultPrivilegesIT {
    private static final Path SOURCES = PgInstallation.checkout().resolve("pgnet-sql/test");

    private static final String[] EVERYTHING = {
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO app, other WITH GRANT OPTION",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO app, PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO app",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO app WITH GRANT OPTION",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO app, PUBLIC"
    };

    @Given
    private static PgCluster cluster;

    private static String catalogue;
    private static List<String> ours;
    private static int databases;

    @BeforeAll
    static void start() throws SQLException, IOException {
        CExtension.offer("0.20.4");
        catalogue = Files.readString(SOURCES.resolve("catalogue.sql"));
        try (Session session = database("postgres")) {
            session.execute("CREATE EXTENSION pg_net");
            ours = session.column(catalogue);
        }
    }

    @Test
    void freshInstallationIsTheSameWhateverTheySay() throws SQLException {
        try (Session session = database("postgres")) {
            session.execute(EVERYTHING);
            session.execute("CREATE EXTENSION pg_net");

            assertThat(session.column(catalogue)).containsExactlyElementsOf(ours);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT TRIGGER, DELETE ON TABLES TO app",
                "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
                "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC",
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM postgres",
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM postgres",
                "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC",
                "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO app WITH GRANT OPTION",
            })
    void eachOfThemAlone(String statement) throws SQLException {
        try (Session session = database("postgres")) {
            session.execute(statement, "CREATE EXTENSION pg_net");

            assertThat(session.column(catalogue)).containsExactlyElementsOf(ours);
        }
    }

    @Test
    void thoseInTheSchemaGiveNothingEither() throws SQLException {
        try (Session session = database("postgres")) {
            session.execute(
                    "CREATE SCHEMA net",
                    "GRANT CREATE ON SCHEMA net TO app",
                    "CREATE TABLE net.mine ()",
                    "GRANT SELECT ON net.mine TO app",
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA net GRANT ALL ON TABLES TO app",
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA net GRANT ALL ON FUNCTIONS TO app",
                    "CREATE EXTENSION pg_net",
                    "DROP TABLE net.mine");

            // A schema that was there is not the extension's.
            assertThat(session.column(catalogue)).doesNotContain("member | schema net | ");
            assertThat(without("schema", session.column(catalogue))).containsExactlyElementsOf(without("schema", ours));
            assertThat(session.query("SELECT has_schema_privilege('app', 'net', 'CREATE')"))
                    .contains("f");
        }
    }

    @Test
    void whatIsNotTheExtensionsIsLeftAlone() throws SQLException {
        try (Session session = database("postgres")) {
            session.execute(
                    "CREATE SCHEMA net",
                    "CREATE TABLE net.mine ()",
                    "CREATE FUNCTION net.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                    "GRANT SELECT ON net.mine TO app",
                    "REVOKE EXECUTE ON FUNCTION net.mine FROM PUBLIC",
                    "CREATE EXTENSION pg_net");

            assertThat(session.query("SELECT has_table_privilege('app', 'net.mine', 'SELECT')"
                            + " AND NOT has_function_privilege('app', 'net.mine()', 'EXECUTE')"))
                    .contains("t");
        }
    }

    @Test
    void privilegesOfTheRoleThatInstallsAreTakenBackToo() throws SQLException {
        try (Session session = database("postgres_too")) {
            session.execute(EVERYTHING);
            session.execute("CREATE EXTENSION pg_net");

            assertThat(session.column(catalogue).stream()
                            .map(line -> line.replace("postgres_too", "postgres"))
                            .sorted())
                    .containsExactlyElementsOf(ours.stream().sorted().toList());
        }
    }

    @Test
    void updateTakesBackWhatTheyGaveTheOldTables() throws SQLException {
        try (Session session = database("postgres")) {
            session.execute(EVERYTHING);
            session.execute(
                    "CREATE EXTENSION pg_net VERSION '0.20.4'",
                    "SET ROLE app",
                    "GRANT TRIGGER, UPDATE (url) ON net.http_request_queue TO third",
                    "GRANT UPDATE (content) ON net._http_response TO third",
                    "RESET ROLE",
                    "ALTER EXTENSION pg_net UPDATE");

            assertThat(session.column(catalogue)).containsExactlyElementsOf(ours);
        }
    }

    @Test
    void updateKeepsWhatADbaGrantedAndRevokedBeside() throws SQLException {
        try (Session session = database("postgres")) {
            session.execute(
                    "ALTER DEFAULT PRIVILEGES GRANT SELECT, TRIGGER ON TABLES TO app",
                    "CREATE EXTENSION pg_net VERSION '0.20.4'",
                    "GRANT DELETE ON net._http_response TO app, other",
                    "GRANT SELECT (status_code) ON net._http_response TO third",
                    "REVOKE ALL ON net.http_request_queue FROM PUBLIC",
                    "GRANT INSERT ON net.http_request_queue TO other WITH GRANT OPTION",
                    "GRANT EXECUTE ON FUNCTION net.http_get TO other",
                    "REVOKE EXECUTE ON FUNCTION net.http_post FROM PUBLIC",
                    "GRANT CREATE ON SCHEMA net TO other",
                    "ALTER EXTENSION pg_net UPDATE");

            assertThat(
                            session.query(
                                    "SELECT has_table_privilege('app', 'net._http_response', 'TRIGGER')"
                                            + " OR has_table_privilege('app', 'net.http_request_queue', 'SELECT')"
                                            + " OR has_table_privilege('public', 'net.http_request_queue', 'INSERT')"
                                            + " OR has_function_privilege('app', 'net.http_post(text, jsonb, jsonb, jsonb, integer)', 'EXECUTE')"))
                    .contains("f");
            assertThat(session.query("SELECT has_table_privilege('app', 'net._http_response', 'DELETE')"
                            + " AND has_table_privilege('other', 'net._http_response', 'DELETE')"
                            + " AND has_column_privilege('third', 'net._http_response', 'status_code', 'SELECT')"
                            + " AND has_table_privilege('other', 'net.http_request_queue', 'INSERT WITH GRANT OPTION')"
                            + " AND has_schema_privilege('other', 'net', 'CREATE')"))
                    .contains("t");
            assertThat(session.column("SELECT objoid::regclass FROM pg_init_privs"
                            + " WHERE initprivs::text ~ '(app|other|third)='"))
                    .isEmpty();
        }
    }

    private static List<String> without(String kind, List<String> lines) {
        return lines.stream()
                .filter(line -> !line.startsWith(kind + " | ")
                        && !line.equals("member | schema net | ")
                        && !line.startsWith("initial privileges | schema net"))
                .toList();
    }

    /** A session in a new database, which no worker serves. */
    private static Session database(String role) throws SQLException {
        String name = "d" + ++databases;
        cluster.execute("CREATE DATABASE " + name);
        return cluster.session(name, role);
    }
}
