package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** Signed requests are as Standard Webhooks 1.0 says: two libraries that others have written verify them. */
@PgNetTest(
        sql = "INSERT INTO net.policies (name, delays, max_attempts, retry_on)"
                + " VALUES ('again', '{1.1 s}', 3, '{network,503}')")
class SignatureIT {
    private static final String HERE = "{http://127.0.0.1}";
    private static final String KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER_KEY = "whsec_" + "QUJD".repeat(16);

    @Given
    private static HttpServerFixture server;

    @Given
    private static Session session;

    @BeforeEach
    void setKey() throws SQLException {
        session.query("SELECT net.set_secret('hook', ?, hosts => ?::text[])", KEY, HERE);
    }

    /** Bodies whose bytes are text: the libraries take no others. */
    private static List<String> bodies() {
        return List.of(
                "{}",
                "{\"a\": 1}",
                "\u0001\t\r\n\"\\/'{{hook}}",
                "é ß Ω я 中 \u05d0 \u0627",
                "\ud83d\ude00\ud83c\udff3\ufe0f\u200d\ud83c\udf08",
                "e\u0301 \u00e9 \ufeff \ufffd \uffff \u2028",
                new String(Character.toChars(0x10FFFF)),
                "x".repeat(1024 * 1024),
                "\u20ac".repeat(350_000));
    }

    @Test
    void libraryOfJavaVerifiesEveryBody() throws Exception {
        for (String body : bodies()) {
            String id = "java-" + bodies().indexOf(body);
            send("/post?id=" + id, body);

            ReceivedRequest received = server.received(id).get(0);
            assertThat(received.text()).isEqualTo(body);
            new Webhook(KEY).verify(received.text(), received.headers());
            assertThatThrownBy(() -> new Webhook(OTHER_KEY).verify(received.text(), received.headers()))
                    .isInstanceOf(WebhookVerificationException.class);
            assertThatThrownBy(() -> new Webhook(KEY).verify(received.text() + " ", received.headers()))
                    .isInstanceOf(WebhookVerificationException.class);
        }
    }

    @Test
    void libraryOfNodeVerifiesEveryBody() throws Exception {
        try (NodeReceiver right = NodeReceiver.start(KEY);
                NodeReceiver wrong = NodeReceiver.start(OTHER_KEY)) {
            for (String body : bodies()) {
                assertThat(request(right.url(), body).status())
                        .as(body.substring(0, Math.min(20, body.length())))
                        .isEqualTo(204);
            }
            ResponseRow refused = request(wrong.url(), "{}");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.content())
                    .hasValueSatisfying(reason -> assertThat(reason).contains("No matching signature found"));
        }
    }

    @Test
    void bothKeysSignWhileBothHold() throws Exception {
        session.query("SELECT net._rotate_secret('hook', ?, now() + '1 hour')", OTHER_KEY);
        send("/post?id=rotated", "{\"a\": \"é\"}");

        ReceivedRequest received = server.received("rotated").get(0);
        assertThat(received.header("webhook-signature").orElseThrow().split(" "))
                .hasSize(2);
        new Webhook(KEY).verify(received.text(), received.headers());
        new Webhook(OTHER_KEY).verify(received.text(), received.headers());
        try (NodeReceiver before = NodeReceiver.start(KEY);
                NodeReceiver after = NodeReceiver.start(OTHER_KEY)) {
            assertThat(request(before.url(), "{}").status()).isEqualTo(204);
            assertThat(request(after.url(), "{}").status()).isEqualTo(204);
        }
    }

    @Test
    void keyWhoseTimeIsOverSignsNothing() throws Exception {
        session.query("SELECT net._rotate_secret('hook', ?, now() + '1 hour')", OTHER_KEY);
        session.execute("UPDATE net._secret_keys SET until = now() WHERE until IS NOT NULL");
        send("/post?id=over", "{}");

        ReceivedRequest received = server.received("over").get(0);
        new Webhook(OTHER_KEY).verify(received.text(), received.headers());
        assertThatThrownBy(() -> new Webhook(KEY).verify(received.text(), received.headers()))
                .isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void idIsTheSameAtEachAttemptAndTimestampThatOfTheAttempt() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        server.handle("/busy", request -> Optional.of(Reply.text(attempts.incrementAndGet() < 3 ? 503 : 200, "")));

        session.answer(
                "SELECT net.request(?, body_text => 'again', sign_with => 'hook', policy => 'again')",
                server.url("/busy?id=attempts"));

        List<ReceivedRequest> received = server.received("attempts");
        assertThat(received).hasSize(3);
        List<Long> timestamps = new ArrayList<>();
        for (ReceivedRequest each : received) {
            new Webhook(KEY).verify(each.text(), each.headers());
            timestamps.add(Long.valueOf(each.header("webhook-timestamp").orElseThrow()));
            assertThat(each.header("webhook-id"))
                    .isEqualTo(received.get(0).header("webhook-id"))
                    .isEqualTo(each.header("idempotency-key"));
        }
        assertThat(timestamps).isSorted().doesNotHaveDuplicates();
        assertThat(timestamps.get(2))
                .isBetween(Instant.now().getEpochSecond() - 30, Instant.now().getEpochSecond());
    }

    @Test
    void idIsTheSameWhenTheRequestIsBroughtBack() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        server.handle("/dead", request -> Optional.of(Reply.text(attempts.incrementAndGet() == 1 ? 404 : 200, "")));
        long id = session.send(
                "SELECT net.request(?, body_text => 'back', sign_with => 'hook', policy => 'again')",
                server.url("/dead?id=dead"));
        session.collect(id);
        session.query("SELECT net._rotate_secret('hook', ?, NULL)", OTHER_KEY);

        session.execute("SELECT net.retry(" + id + ")");
        assertThat(session.collect(id)).startsWith("SUCCESS|ok|200");

        List<ReceivedRequest> received = server.received("dead");
        assertThat(received).hasSize(2);
        assertThat(received.get(1).header("webhook-id"))
                .isEqualTo(received.get(0).header("webhook-id"));
        new Webhook(KEY).verify("back", received.get(0).headers());
        new Webhook(OTHER_KEY).verify("back", received.get(1).headers());
    }

    @Test
    void signedRequestIsNotRedirected() throws SQLException {
        server.handle(
                "/moved",
                request ->
                        Optional.of(new Reply(307, List.of("Location: " + server.url("/post?id=moved")), new byte[0])));

        assertThat(request(server.url("/moved"), "{}").status()).isEqualTo(307);
        assertThat(server.received("moved")).isEmpty();
    }

    @Test
    void headersOfTheSignatureCannotBeForged() throws Exception {
        session.answer(
                "SELECT net.request(?, body_text => 'x', sign_with => 'hook',"
                        + " headers => '{\"Webhook-Id\": \"forged\", \"webhook-timestamp\": \"1\"}')",
                server.url("/post?id=forged"));

        ReceivedRequest received = server.received("forged").get(0);
        assertThat(received.headers().get("webhook-id")).hasSize(1).doesNotContain("forged");
        new Webhook(KEY).verify("x", received.headers());
    }

    @Test
    void otherSecretsCannotSign() throws SQLException {
        session.query("SELECT net.set_secret('token', 'no key', hosts => ?::text[])", HERE);
        long id = session.send("SELECT net.request(?, sign_with => 'token')", server.url("/get?id=token"));

        assertThat(session.collect(id))
                .isEqualTo("ERROR|secret \"token\" is not a signing key: whsec_ and 24 to 64 bytes in base64");
        assertThat(server.received("token")).isEmpty();
    }

    private static void send(String path, String body) throws SQLException {
        assertThat(request(server.url(path), body).status()).isEqualTo(200);
    }

    private static ResponseRow request(String url, String body) throws SQLException {
        return session.answer(
                "SELECT net.request(?, body_text => ?, sign_with => 'hook', timeout => '20 s')", url, body);
    }
}
