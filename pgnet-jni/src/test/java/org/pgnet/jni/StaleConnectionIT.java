package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.TlsIdentity;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.session.Session;

/** What a server leaves on a kept connection is no answer, and {@code attempts} says how often a request was sent. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class StaleConnectionIT {
    private static final String POST = "SELECT net.http_post(?, '{\"order\": 1}')";

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    private static String attempts(long id) throws SQLException {
        return caller.text("SELECT attempts FROM net.responses WHERE id = ?", id);
    }

    @Test
    void goodbyeOfAnIdleConnectionIsNotTheNextAnswer() throws SQLException, IOException {
        String goodbye = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        try (CarelessServer server = CarelessServer.start((number, head, out) -> {
            CarelessServer.ok(out, "answer");
            CarelessServer.write(out, goodbye);
            return false;
        })) {
            caller.fetch(server.url("/first"));
            long id = caller.send(POST, server.url("/second"));
            assertThat(caller.answerTo(id).status()).isEqualTo(200);
            assertThat(attempts(id)).isEqualTo("1");
            assertThat(server.requests("/second")).isEqualTo(1);
        }
    }

    /** The rest of a record that libcurl has not asked for is in the TLS library, and no socket is readable. */
    @Test
    void secondAnswerInTheSameTlsRecordIsNotTheNextAnswer() throws Exception {
        TlsIdentity identity = TlsIdentity.ofThisMachine();
        String large = "x".repeat(20_000);
        String forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
        TlsIT.trust(cluster, identity.pem());
        try (CarelessServer server = CarelessServer.start(identity, (number, head, out) -> {
            String answer = head.contains("/large") ? large : "honest " + number;
            CarelessServer.write(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Length: " + answer.length() + "\r\n\r\n" + answer
                            + (head.contains("/large") ? forged : ""));
            return true;
        })) {
            Eventually.until(
                    "the certificate is read",
                    Duration.ofSeconds(10),
                    () -> caller.fetch(server.url("/")).status() == 200);
            assertThat(caller.fetch(server.url("/")).content().orElseThrow())
                    .as("on a kept connection")
                    .isNotEqualTo("honest 1");
            assertThat(caller.fetch(server.url("/large")).content()).contains(large);

            assertThat(caller.fetch(server.url("/")).content().orElseThrow()).startsWith("honest");
        }
    }

    @Test
    void requestOnAConnectionThatEndsIsSentTwiceAndSaysSo() throws SQLException, IOException {
        try (CarelessServer server = CarelessServer.start((number, head, out) -> {
            if (number > 1) {
                return false;
            }
            CarelessServer.ok(out, "answer");
            return true;
        })) {
            caller.fetch(server.url("/first"));
            long id = caller.send(POST, server.url("/second"));
            assertThat(caller.answerTo(id).status()).isEqualTo(200);
            assertThat(attempts(id)).isEqualTo("2");
            assertThat(server.requests("/second")).isEqualTo(2);
        }
    }

    @Test
    void requestInFlightWhenTheWorkerEndsIsCountedTwice() throws SQLException, IOException {
        try (CarelessServer server = CarelessServer.start((number, head, out) -> {
            Thread.sleep(1_000);
            CarelessServer.ok(out, "answer");
            return true;
        })) {
            long id = caller.send(POST, server.url("/slow"));
            Eventually.until("it is sent", Duration.ofSeconds(10), () -> server.requests("/slow") == 1);
            cluster.signal(cluster.awaitWorker(), "TERM");
            assertThat(caller.answerTo(id).status()).isEqualTo(200);
            assertThat(server.requests("/slow")).isEqualTo(2);
            assertThat(attempts(id)).isEqualTo("2");
        }
    }

    @Test
    void credentialsOfAUrlFollowARedirectWithinTheOrigin() throws SQLException, IOException {
        try (CarelessServer server = CarelessServer.start((number, head, out) -> {
            if (head.contains(" /start ")) {
                String host = head.replaceAll("(?s).*Host: (\\S+).*", "$1");
                CarelessServer.write(
                        out, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://" + host + "/end\r\n\r\n");
            } else {
                CarelessServer.ok(out, head.contains("Authorization: Basic") ? "in" : "out");
            }
            return true;
        })) {
            assertThat(caller.fetch(server.url("/start").replace("//", "//us%20er:p%40ss@"))
                            .content())
                    .contains("in");
        }
    }
}
