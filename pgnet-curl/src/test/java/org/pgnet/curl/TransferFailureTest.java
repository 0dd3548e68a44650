package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgnet.curl.TransferFailure.CERTIFICATE;
import static org.pgnet.curl.TransferFailure.DENIED;
import static org.pgnet.curl.TransferFailure.IMPOSSIBLE;
import static org.pgnet.curl.TransferFailure.NETWORK;
import static org.pgnet.curl.TransferFailure.OTHER;
import static org.pgnet.curl.TransferFailure.TIMEOUT;
import static org.pgnet.curl.TransferFailure.TOO_LARGE;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.machine.FreePort;

/** What a failure means to whoever would try again, with the libcurl that is here. */
class TransferFailureTest extends LoopTest {

    @Test
    void responseIsNoFailure() {
        assertThat(failureOf(get(server.on("/", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"))))
                .isEmpty();
    }

    @Test
    void whatIsOfTheWayToTheServer() throws IOException {
        assertThat(failureOf(get("http://127.0.0.1:" + FreePort.next() + "/"))).contains(NETWORK);
        assertThat(failureOf(get("http://no-such-host.invalid/"))).contains(NETWORK);
        assertThat(failureOf(get(server.onThenClose("/empty", "")))).contains(NETWORK);
        assertThat(failureOf(get(server.onThenClose("/half", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"))))
                .contains(NETWORK);
        assertThat(failureOf(get(server.onThenClose("/headers", "HTTP/1.1 200 OK\r\nContent-Le"))))
                .contains(NETWORK);
        assertThat(failureOf(get(server.on("/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"))))
                .contains(NETWORK);
        assertThat(failureOf(get(server.onThenClose("/other", "220 mail.example.com ESMTP\r\n"))))
                .contains(NETWORK);
    }

    @Test
    void handshakeThatIsBrokenOffIsOfTheWayToTheServer() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Thread hangsUp = new Thread(() -> {
                try {
                    listener.accept().close();
                } catch (IOException closed) {
                    throw new AssertionError(closed);
                }
            });
            hangsUp.start();
            assertThat(failureOf(get("https://127.0.0.1:" + listener.getLocalPort() + "/")))
                    .contains(NETWORK);
        }
    }

    @Test
    void certificateThatDoesNotVerify() {
        for (TlsIdentity identity :
                new TlsIdentity[] {TlsIdentity.ofThisMachine(), TlsIdentity.ofAnotherHost(), TlsIdentity.expired()}) {
            try (RawServer tls = RawServer.start(identity)) {
                assertThat(failureOf(get(tls.url("/")))).contains(CERTIFICATE);
            }
        }
    }

    @Test
    void timeout() {
        String silent = server.on("/", (request, out) -> {
            Thread.sleep(3_000);
            return false;
        });
        assertThat(failureOf(withTimeout(silent, 100))).contains(TIMEOUT);
    }

    @Test
    void deniedAddress() {
        loop.deniedNetworks("127.0.0.0/8");
        assertThat(failureOf(get(server.on("/", "")))).contains(DENIED);
        assertThat(server.connections()).isZero();
    }

    @Test
    void whatCannotBeSent() {
        assertThat(failureOf(get("ftp://127.0.0.1/"))).contains(IMPOSSIBLE);
        assertThat(failureOf(get("http://127.0.0.1:99999/"))).contains(IMPOSSIBLE);
        assertThat(failureOf(get(server.url("/"), "A: b\r\nC: d"))).contains(IMPOSSIBLE);
    }

    @Test
    void responseThatIsTooLarge() {
        String large = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\nx");
        assertThat(failureOf(get(large))).contains(TOO_LARGE);
    }

    @Test
    void fileOfCertificatesThatIsNotThere() {
        loop.caBundle("/nowhere.pem");
        try (RawServer tls = RawServer.start(TlsIdentity.ofThisMachine())) {
            assertThat(failureOf(get(tls.url("/")))).contains(OTHER);
        }
    }

    private Optional<TransferFailure> failureOf(Transfer transfer) {
        return send(transfer).failure();
    }
}
