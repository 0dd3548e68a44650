package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgnet.testkit.http.AskingServer;
import org.pgnet.testkit.http.SilentServer;
import org.pgnet.testkit.http.TlsIdentity;

/** TLS by files that one transfer names, and how long its connecting may take. */
class CertificatesTest extends LoopTest {
    private static final TlsIdentity SERVER = TlsIdentity.ofThisMachine();
    private static final TlsIdentity ALICE = TlsIdentity.ofAnotherHost();
    private static final TlsIdentity BOB = TlsIdentity.ofAnotherHost();

    @TempDir
    private Path directory;

    private AskingServer asking;
    private String trusted;

    @BeforeEach
    void start() throws IOException {
        asking = AskingServer.start(SERVER);
        trusted = file("trusted.pem", SERVER.pem());
    }

    @AfterEach
    void stop() throws IOException {
        asking.close();
    }

    @Test
    void clientCertificateIsShownToTheServer() throws IOException {
        assertThat(shown(of(ALICE))).isEqualTo(ALICE.pem());
        assertThat(shown(new Certificates(trusted, "", ""))).isEqualTo("nothing");
    }

    @Test
    void keyMayBeInTheFileOfItsCertificate() throws IOException {
        String both = file("both.pem", ALICE.pem() + ALICE.keyPem());
        assertThat(shown(new Certificates(trusted, both, ""))).isEqualTo(ALICE.pem());
    }

    @Test
    void connectionServesTransfersWithTheSameFilesOnly() throws IOException {
        Certificates alices = of(ALICE);
        Certificates bobs = of(BOB);
        Certificates none = new Certificates(trusted, "", "");
        for (int i = 0; i < 3; i++) {
            assertThat(shown(alices)).isEqualTo(ALICE.pem());
            assertThat(shown(bobs)).isEqualTo(BOB.pem());
            assertThat(shown(none)).isEqualTo("nothing");
        }
        assertThat(asking.connections()).as("one for each").isEqualTo(3);
    }

    @Test
    void sessionOfOneCertificateIsNotResumedWithAnother() throws IOException {
        loop.maxConnections(1);
        for (int i = 0; i < 3; i++) {
            assertThat(shown(of(ALICE))).isEqualTo(ALICE.pem());
            assertThat(shown(of(BOB))).isEqualTo(BOB.pem());
        }
    }

    @Test
    void bundleOfATransferCountsForItAlone() throws IOException {
        loop.caBundle(file("other.pem", ALICE.pem()));
        assertThat(shown(new Certificates(trusted, "", ""))).isEqualTo("nothing");

        Received received = send(transfer(Certificates.NONE, 0, asking.url("/")));

        assertThat(received.failure()).contains(TransferFailure.CERTIFICATE);
        loop.caBundle(trusted);
        assertThat(shown(Certificates.NONE)).isEqualTo("nothing");
        assertThat(send(transfer(new Certificates(file("o.pem", BOB.pem()), "", ""), 0, asking.url("/")))
                        .failure())
                .contains(TransferFailure.CERTIFICATE);
    }

    @Test
    void errorNamesTheFileAndQuotesNothingOfIt() throws IOException {
        String secret = "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n";
        String broken = file("broken.key", secret);
        String alices = file("alice.pem", ALICE.pem());

        assertThat(errorOf(new Certificates(trusted, alices, broken)))
                .contains(broken)
                .contains(alices)
                .doesNotContain("hush");
        assertThat(errorOf(new Certificates(trusted, directory + "/no.pem", "")))
                .contains("client certificate \"" + directory);
        assertThat(errorOf(new Certificates(directory + "/no-ca.pem", "", ""))).contains("CA bundle \"" + directory);
        assertThat(errorOf(new Certificates("a\0b", "", ""))).contains("null character");
    }

    /** libcurl before and since 8.22 has different codes for it. */
    @Test
    void keyThatDoesNotFitIsNamedWithEveryLibcurl() throws IOException {
        String alices = file("alice.pem", ALICE.pem());
        for (String key : List.of(directory + "/no.key", alices, file("other.key", BOB.keyPem()))) {
            Received received = send(transfer(new Certificates(trusted, alices, key), 0, asking.url("/")));

            assertThat(received.failure()).contains(TransferFailure.OTHER);
            assertThat(received.errorText())
                    .startsWith("Problem with the local SSL certificate")
                    .contains("client key \"" + key);
        }
    }

    @Test
    void connectingTakesNoLongerThanItMay() throws IOException {
        try (SilentServer silent = SilentServer.start()) {
            long start = System.nanoTime();
            Received received = send(transfer(Certificates.NONE, 200, "https://127.0.0.1:" + silent.port() + "/"));
            long millis = (System.nanoTime() - start) / 1_000_000;

            assertThat(received.timedOut()).isTrue();
            assertThat(millis).isBetween(190L, 3_000L);
        }
        server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(send(transfer(Certificates.NONE, 200, server.url("/"))).status())
                .isEqualTo(200);
    }

    private String errorOf(Certificates certificates) {
        Received received = send(transfer(certificates, 0, asking.url("/")));
        assertThat(received.failed()).isTrue();
        return received.errorText();
    }

    private String shown(Certificates certificates) {
        Received received = send(transfer(certificates, 0, asking.url("/")));
        assertThat(received.status())
                .as(received.errorText() + received.errorDetail())
                .isEqualTo(200);
        return received.body();
    }

    private Certificates of(TlsIdentity client) throws IOException {
        String name = client == ALICE ? "alice" : "bob";
        return new Certificates(trusted, file(name + ".pem", client.pem()), file(name + ".key", client.keyPem()));
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }

    private static Transfer transfer(Certificates certificates, int connectTimeoutMillis, String url) {
        return new Transfer(
                1,
                "GET",
                url,
                List.of(),
                SecretParts.NONE,
                NativeBytes.empty(),
                5_000,
                connectTimeoutMillis,
                certificates,
                ONE_MEGABYTE,
                url);
    }
}
