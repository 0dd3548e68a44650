package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.session.Session;

/**
 * What the descriptor's commands do to the catalogue of the extension. A language named java that is not PL/Java lets
 * them run in a server without it; {@link PlJavaIT} has PL/Java run them.
 */
@PgNetTest
class DescriptorIT {
    @Given
    private static PgCluster cluster;

    private static List<String> fresh;
    private static List<String> installed;
    private static List<String> removed;

    @BeforeAll
    static void installAndRemove() throws SQLException, IOException {
        cluster.execute(
                "CREATE TRUSTED LANGUAGE java HANDLER plpgsql_call_handler",
                "CREATE SCHEMA sqlj",
                "CREATE FUNCTION sqlj.set_classpath(text, text) RETURNS void LANGUAGE sql AS ''",
                "CREATE FUNCTION sqlj.add_type_mapping(text, text) RETURNS void LANGUAGE sql AS ''",
                "CREATE FUNCTION sqlj.drop_type_mapping(text) RETURNS void LANGUAGE sql AS ''",
                "CREATE ROLE app",
                "REVOKE EXECUTE ON FUNCTION net.http_get FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION net.http_get TO app",
                "COMMENT ON FUNCTION net.http_get IS 'a comment of the administrator''s own'");
        fresh = catalogue(cluster);
        cluster.execute(Descriptor.commands("INSTALL").toArray(String[]::new));
        installed = catalogue(cluster);
        cluster.execute(Descriptor.commands("REMOVE").toArray(String[]::new));
        removed = catalogue(cluster);
    }

    @Test
    void removeLeavesTheCatalogueAsItWas() {
        assertThat(removed).containsExactlyElementsOf(fresh).hasSizeGreaterThan(200);
    }

    /** Membership in the extension, owner, grants, defaults, comments: all are lines of the catalogue. */
    @Test
    void installChangesNothingButTheBodies() {
        List<String> lost = without(fresh, installed);
        List<String> gained = without(installed, fresh);

        assertThat(gained).filteredOn(line -> line.startsWith("function | ")).hasSize(4);
        assertThat(heads(gained)).containsExactlyElementsOf(heads(lost));
        assertThat(gained)
                .filteredOn(line -> !line.startsWith("function | "))
                .hasSize(4)
                .allMatch(line -> line.matches("dependency \\| function net\\.http_.* \\| n language java"));
        assertThat(privileges(gained)).containsExactlyElementsOf(privileges(lost));
    }

    @Test
    void bodiesAreInJava() {
        assertThat(without(installed, fresh))
                .filteredOn(line -> line.startsWith("function | "))
                .allMatch(line -> line.contains("LANGUAGE java") && line.contains("org.pgnet.pljava.SqlFunctions."));
    }

    @Test
    void rolesThatLoseTheFunctionsAreAWarning() throws SQLException {
        List<String> install = Descriptor.commands("INSTALL");
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(install.get(install.size() - 1));
            assertThat((Exception) statement.getWarnings())
                    .hasMessage("roles without USAGE on schema sqlj cannot call the functions any more");

            statement.execute("GRANT USAGE ON SCHEMA sqlj TO PUBLIC");
            statement.execute(install.get(install.size() - 1));
            assertThat((Exception) statement.getWarnings()).isNull();
        }
    }

    /** The lines of {@code catalogue.sql}, which say all that there is about the extension. */
    static List<String> catalogue(PgCluster cluster) throws SQLException, IOException {
        try (Session session = cluster.session()) {
            return catalogue(session);
        }
    }

    static List<String> catalogue(Session session) throws SQLException, IOException {
        return session.column(Files.readString(PgInstallation.checkout().resolve("pgnet-sql/test/catalogue.sql")));
    }

    private static List<String> without(List<String> lines, List<String> others) {
        return lines.stream().filter(line -> !others.contains(line)).toList();
    }

    /** Name, arguments with defaults, and result of each function. */
    private static List<String> heads(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("function | "))
                .map(line -> line.substring(0, line.indexOf(" LANGUAGE ")))
                .toList();
    }

    /** What follows the definition of each function: its owner and grants. */
    private static List<String> privileges(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("function | "))
                .map(line -> line.substring(line.lastIndexOf('$')))
                .toList();
    }
}
