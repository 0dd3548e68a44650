package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.AskingServer;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** The certificates that rows of net.hosts name are shown and trusted; a server that asks for one says what it was shown. */
@PgNetTest(sql = {"CREATE ROLE app LOGIN", "CREATE ROLE admin LOGIN"})
class HostCertificatesIT {
    private static final TlsIdentity SERVER = TlsIdentity.ofThisMachine();
    private static final TlsIdentity OURS = TlsIdentity.ofAnotherHost();
    private static final TlsIdentity OTHERS = TlsIdentity.ofAnotherHost();
    private static final String NOT_TRUSTED = "SSL peer certificate or SSH remote key was not OK";

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Given(role = "app")
    private static Session app;

    private static AskingServer server;
    private static int files;

    @BeforeAll
    static void start() {
        server = AskingServer.start(SERVER);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        session.execute("TRUNCATE net.hosts");
    }

    @Test
    void certificateOfAHostIsShownAndItsIssuersAreTrusted() throws Exception {
        assertThat(app.fetch(server.url("/")).error().orElseThrow()).contains(NOT_TRUSTED);
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), file("us.pem", OURS.pem()), file("us.key", OURS.keyPem()));

        assertThat(app.fetch(server.url("/")).content()).contains(OURS.pem());
        assertThat(app.answer("SELECT net.request(?, '{}', policy => 'quick')", server.url("/"))
                        .content())
                .contains(OURS.pem());
    }

    @Test
    void keyMayBeInTheFileOfTheCertificate() throws Exception {
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), file("both.pem", OURS.pem() + OURS.keyPem()), null);

        assertThat(app.fetch(server.url("/")).content()).contains(OURS.pem());
    }

    /** So that no certificate meets another row's key. */
    @Test
    void filesAreOneGroupOfTheMostSpecificRowThatHasOne() throws Exception {
        rule("*", file("ca.pem", SERVER.pem()), file("us.pem", OURS.pem()), file("us.key", OURS.keyPem()));
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), null, null);

        assertThat(app.fetch(server.url("/")).content()).contains("nothing");
    }

    @Test
    void changedRowHoldsForTheNextRequest() throws Exception {
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), file("us.pem", OURS.pem()), file("us.key", OURS.keyPem()));
        assertThat(app.fetch(server.url("/")).content()).contains(OURS.pem());

        session.execute("UPDATE net.hosts SET client_certificate = '" + file("them.pem", OTHERS.pem())
                + "', client_key = '" + file("them.key", OTHERS.keyPem()) + "'");
        assertThat(app.fetch(server.url("/")).content()).contains(OTHERS.pem());

        session.execute("UPDATE net.hosts SET client_certificate = NULL, client_key = NULL");
        assertThat(app.fetch(server.url("/")).content()).contains("nothing");

        session.execute("DELETE FROM net.hosts");
        assertThat(app.fetch(server.url("/")).error().orElseThrow()).contains(NOT_TRUSTED);
    }

    /** Not trusting is no failure that another attempt could mend. */
    @Test
    void bundleOfAHostTakesThePlaceOfAllOthers() throws Exception {
        rule("127.0.0.1", file("ca.pem", OTHERS.pem()), null, null);

        ResponseRow row = app.answer("SELECT net.request(?, policy => 'quick')", server.url("/"));

        assertThat(row.error().orElseThrow()).contains(NOT_TRUSTED);
        assertThat(app.text("SELECT reason FROM net.dead_letters ORDER BY died DESC LIMIT 1"))
                .isEqualTo("refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca_bundle", "client_certificate", "client_key"})
    void missingFileIsNamedAndHoldsUpNobodyElse(String column) throws Exception {
        String missing = cluster.data().resolve("nowhere.pem").toString();
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), file("us.pem", OURS.pem()), file("us.key", OURS.keyPem()));
        session.execute("UPDATE net.hosts SET " + column + " = '" + missing + "'");

        assertThat(app.fetch(server.url("/")).error().orElseThrow()).contains(missing);

        session.execute("DELETE FROM net.hosts");
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), null, null);
        assertThat(app.fetch(server.url("/")).content()).contains("nothing");
    }

    @Test
    void fileThatIsNoKeyIsNamedAndNotQuoted() throws Exception {
        String broken = file("broken.key", "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n");
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), file("us.pem", OURS.pem()), broken);

        assertThat(app.fetch(server.url("/")).error().orElseThrow())
                .contains(broken)
                .doesNotContain("hush");
    }

    @Test
    void namesOfFilesAreSeenByThoseWhoMayReadThemAlone() throws Exception {
        rule("127.0.0.1", file("ca.pem", SERVER.pem()), file("us.pem", OURS.pem()), file("us.key", OURS.keyPem()));
        String seen = "SELECT count(*) FROM net.explain('" + server.url("/")
                + "') WHERE value LIKE '%.pem' OR value LIKE '%.key'";

        assertThat(session.number(seen)).isEqualTo(3);
        assertThat(app.number(seen)).isZero();
        assertThatThrownBy(() -> app.text("SELECT client_key FROM net.hosts"))
                .hasMessageContaining("permission denied");
    }

    @Test
    void administratorNamesFilesOnceItMayReadThem() throws Exception {
        session.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON net.hosts TO admin");
        String insert = "INSERT INTO net.hosts (pattern, ca_bundle) VALUES ('127.0.0.1', '"
                + file("ca.pem", SERVER.pem()) + "')";
        try (Session admin = cluster.session("postgres", "admin")) {
            assertThatThrownBy(() -> admin.execute(insert))
                    .extracting("SQLState")
                    .isEqualTo("42501");

            session.execute("GRANT pg_read_server_files TO admin");
            admin.execute(insert);
        }
        assertThat(app.fetch(server.url("/")).content()).contains("nothing");
    }

    private static void rule(String pattern, String bundle, String certificate, String key) throws SQLException {
        session.query(
                "INSERT INTO net.hosts (pattern, ca_bundle, client_certificate, client_key) VALUES (?, ?, ?, ?)"
                        + " RETURNING pattern",
                pattern,
                bundle,
                certificate,
                key);
    }

    /** A new one, since connections that were made with a file go on when it changes. */
    private static String file(String name, String content) throws IOException {
        Path file = Files.writeString(cluster.data().resolveSibling(++files + "-" + name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        return file.toString();
    }
}
