package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.session.Session;

/**
 * {@code docs/reference.md} says what the catalogue says: its part between two marks is the result of
 * {@code pgnet-sql/test/reference.sql}. With the system property {@code reference.update} set to true it is written anew.
 */
@PgNetTest
class ReferenceIT {
    private static final Path CHECKOUT = PgInstallation.checkout();
    private static final Path REFERENCE = CHECKOUT.resolve("docs/reference.md");
    private static final String BEGIN = "<!-- from the catalogue: -->\n";
    private static final String END = "<!-- to here -->\n";

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void referenceIsWhatTheCatalogueSays() throws SQLException, IOException {
        String page = Files.readString(REFERENCE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        String catalogue =
                String.join("\n", session.column(Files.readString(CHECKOUT.resolve("pgnet-sql/test/reference.sql"))))
                        + "\n";
        if (Boolean.getBoolean("reference.update")) {
            Files.writeString(REFERENCE, page.substring(0, begin) + catalogue + page.substring(end));
            return;
        }
        assertThat(page.substring(begin, end)).isEqualTo(catalogue);
    }

    @Test
    void everyPublicObjectAndSettingIsInTheReference() throws SQLException, IOException {
        String page = Files.readString(REFERENCE);
        Stream<String> functions = session
                .column(
                        "SELECT 'net.' || proname FROM pg_proc WHERE pronamespace = 'net'::regnamespace AND proname !~ '^_'")
                .stream();
        Stream<String> relations = session
                .column("SELECT c.oid::regclass FROM pg_class c"
                        + " WHERE relnamespace = 'net'::regnamespace AND relkind IN ('r', 'v')"
                        + " AND relname <> ALL ('{_response_detail, _details, _probes, _secrets, _secret_keys}')")
                .stream();
        Stream<String> settings = session.column("SELECT name FROM pg_settings WHERE name LIKE 'pg_net.%'").stream();

        assertThat(Stream.of(functions, relations, settings).flatMap(names -> names))
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(page).contains(name));
    }
}
