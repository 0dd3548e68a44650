package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Only a server that shows a valid certificate of a trusted issuer, for the host that was asked for, is spoken to. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class TlsIT {
    private static final String NOT_TRUSTED = "SSL peer certificate or SSH remote key was not OK";

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @Test
    void certificateMustBeTrustedForThisHostAndNow() throws Exception {
        TlsIdentity good = TlsIdentity.ofThisMachine();
        TlsIdentity elsewhere = TlsIdentity.ofAnotherHost();
        TlsIdentity expired = TlsIdentity.expired();
        trust(cluster, good.pem() + elsewhere.pem() + expired.pem());

        try (RawServer server = server(good)) {
            awaitTrusted(server);
        }
        assertAnswers(good, "127.0.0.1");
        assertAnswers(good, "localhost");
        assertRefused(elsewhere);
        assertRefused(expired);
        assertRefused(TlsIdentity.ofThisMachine());
    }

    @Test
    void fileOfCertificatesThatIsReplacedInPlaceIsReadAtAReload() throws Exception {
        TlsIdentity before = TlsIdentity.ofThisMachine();
        TlsIdentity after = TlsIdentity.ofThisMachine();
        trust(cluster, before.pem());
        try (RawServer old = server(before);
                RawServer next = server(after)) {
            awaitTrusted(old);
            assertThat(caller.fetch(next.url("/")).error()).contains(NOT_TRUSTED);

            Files.writeString(cluster.data().resolve("trusted.pem"), after.pem());
            cluster.reload();

            awaitTrusted(next);
            assertThat(caller.fetch(old.url("/")).error()).contains(NOT_TRUSTED);
        }
    }

    @Test
    void plainServerBehindHttpsIsAnErrorRow() throws SQLException {
        try (RawServer plain = RawServer.start()) {
            plain.reply("", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

            ResponseRow row = caller.fetch(plain.url("/").replace("http:", "https:"));

            assertThat(row.isFailure()).isTrue();
            assertThat(row.error()).contains("SSL connect error");
        }
    }

    /** Sets pg_net.ca_bundle to a file with these certificates, to be read with a reload. */
    static void trust(PgCluster cluster, String certificates) throws IOException {
        Path file = Files.writeString(cluster.data().resolve("trusted.pem"), certificates);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        cluster.set("pg_net.ca_bundle = '" + file + "'");
        cluster.reload();
    }

    private static void awaitTrusted(RawServer server) {
        Eventually.until(
                "the certificates are read",
                Duration.ofSeconds(10),
                () -> caller.fetch(server.url("/")).status() == 200);
    }

    private static void assertAnswers(TlsIdentity identity, String host) throws SQLException {
        try (RawServer server = server(identity)) {
            assertThat(caller.fetch(server.url(host, "/")).content()).contains("trusted");
        }
    }

    private static void assertRefused(TlsIdentity identity) throws SQLException {
        try (RawServer server = server(identity)) {
            ResponseRow row = caller.fetch(server.url("/"));

            assertThat(row.isFailure()).isTrue();
            assertThat(row.error()).contains(NOT_TRUSTED);
        }
    }

    private static RawServer server(TlsIdentity identity) {
        RawServer server = RawServer.start(identity);
        server.reply("/", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ntrusted");
        return server;
    }
}
