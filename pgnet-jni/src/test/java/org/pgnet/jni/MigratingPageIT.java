package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.session.Session;

/** The queries of {@code docs/migrating.md} run where the page says that they are for. */
@PgNetTest(extension = false, sql = "CREATE DATABASE app", databases = "app", cluster = Sharing.WITH_NONE)
class MigratingPageIT {
    /** Sections that are read with the C extension still at work; the others are for afterwards. */
    private static final Set<String> BEFORE_THE_UPDATE =
            Set.of("What is not the same", "Supabase", "Self-hosted, other images and packages", "Replication");

    private static final Pattern SECTION = Pattern.compile("(?m)^## ");

    /** A block of SQL, or a query among words. */
    private static final Pattern SQL = Pattern.compile("(?s)```sql\n(.*?)```|`(select [^`]+)`");

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    static List<String> queriesBefore() throws IOException {
        return queries()
                .filter(query -> BEFORE_THE_UPDATE.contains(query[0]))
                .map(query -> query[1])
                .toList();
    }

    static List<String> allQueries() throws IOException {
        return queries().map(query -> query[1]).toList();
    }

    @BeforeEach
    void dropExtension() throws SQLException {
        session.execute("DROP EXTENSION IF EXISTS pg_net CASCADE");
    }

    @ParameterizedTest
    @MethodSource
    void queriesBefore(String query) throws SQLException {
        CExtension.create(session, CExtension.LAST);

        session.execute(query);
    }

    @ParameterizedTest
    @MethodSource
    void allQueries(String query) throws SQLException {
        session.execute("CREATE EXTENSION pg_net");

        session.execute(query);
    }

    @Test
    void servedDatabaseIsCopiedWhileTheWorkerIsAway() throws SQLException, IOException {
        try (Session app = cluster.session("app", "postgres")) {
            app.execute("CREATE EXTENSION pg_net");
            app.get("http://127.0.0.1:1/");
        }

        for (String commands : Page.of("migrating.md")
                .section("## A copy of a cluster must not send again")
                .commands()) {
            new Psql(cluster).shell(commands);
        }

        try (Session copy = cluster.session("app_copy", "postgres")) {
            assertThat(copy.text("SELECT extname FROM pg_extension WHERE extname = 'pg_net'"))
                    .isEqualTo("pg_net");
        }
    }

    /** Each query of the page, behind the heading of its section. */
    private static Stream<String[]> queries() throws IOException {
        String page = Files.readString(PgInstallation.checkout().resolve("docs/migrating.md"));
        return SECTION.splitAsStream(page)
                .flatMap(section -> queriesOf(section)
                        .map(query -> new String[] {section.lines().findFirst().orElse(""), query}));
    }

    private static Stream<String> queriesOf(String section) {
        return SQL.matcher(section)
                .results()
                .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                .flatMap(sql -> Arrays.stream(sql.split(";")))
                .map(statement -> statement
                        .replaceAll("(?m)^\\s*--.*$", "")
                        .replace("\\|", "|")
                        .strip())
                .filter(statement -> statement.startsWith("select") && !statement.contains("pg_reload_conf"));
    }
}
