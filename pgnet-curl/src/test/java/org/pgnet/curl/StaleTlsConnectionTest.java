package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.http.TlsIdentity;

/** Beneath TLS too it is known whether an answer had begun when a kept connection ended. */
class StaleTlsConnectionTest extends LoopTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @TempDir
    private static Path directory;

    private static TlsIdentity identity;
    private static Path trusted;

    @BeforeAll
    static void makeCertificate() throws IOException {
        identity = TlsIdentity.ofThisMachine();
        trusted = Files.writeString(directory.resolve("trusted.pem"), identity.pem());
    }

    @BeforeEach
    void trust() {
        loop.caBundle(trusted.toString());
    }

    /** The first request of each connection is answered, of the second one as much as this comes. */
    private static ScriptedServer breakingOffAfter(String beginning, String protocol) {
        ScriptedServer server = ScriptedServer.start(identity, protocol);
        server.on("/", (request, out) -> {
            write(out, request.number() == 1 ? OK : beginning);
            return request.number() == 1;
        });
        return server;
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, POST, 1", "TLSv1.2, POST, 1", "TLSv1.3, PATCH, 1", "TLSv1.3, PUT, 2", "TLSv1.2, GET, 2"})
    void requestWhoseAnswerBreaksOffInItsFirstLineIsSentAgainOnlyIfThatDoesNoHarm(
            String protocol, String method, int sendings) {
        try (ScriptedServer server = breakingOffAfter("HT", protocol)) {
            assertThat(send(get(server.url("/"))).errorText()).isEmpty();

            Received next = send(
                    transfer(method, server.url("/"), method.startsWith("P") ? body("order") : NativeBytes.empty()));

            assertThat(next.sendings()).isEqualTo(sendings);
            assertThat(next.failed()).isEqualTo(sendings == 1);
            assertThat(server.requests()).hasSize(1 + sendings);
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3", "TLSv1.2"})
    void requestOnAConnectionThatEndsWithoutAnAnswerIsSentAgain(String protocol) {
        try (ScriptedServer server = breakingOffAfter("", protocol)) {
            send(get(server.url("/")));

            Received next = send(transfer("POST", server.url("/"), body("order")));

            assertThat(next.body()).isEqualTo("ok");
            assertThat(next.sendings()).isEqualTo(2);
        }
    }

    /** What was counted for one request does not count for the next on the same connection. */
    @ParameterizedTest
    @CsvSource({"TLSv1.3", "TLSv1.2"})
    void answersBeforeDoNotCount(String protocol) {
        try (ScriptedServer server = ScriptedServer.start(identity, protocol)) {
            server.on("/", (request, out) -> {
                write(out, request.number() < 4 ? OK : "");
                return request.number() < 4;
            });
            for (int i = 0; i < 3; i++) {
                assertThat(send(transfer("POST", server.url("/"), body("order")))
                                .sendings())
                        .isEqualTo(1);
            }
            assertThat(server.connections()).isEqualTo(1);

            assertThat(send(transfer("POST", server.url("/"), body("order"))).sendings())
                    .isEqualTo(2);
        }
    }
}
