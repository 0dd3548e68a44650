package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.SecretBytes;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.NamedSecrets;
import org.pgnet.worker.spi.Secrets;

class FillingTest {
    private static final String ORIGIN = "https://api.example.com:443";
    private static final String URL = "https://api.example.com/";
    private static final String SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final Map<String, String> VALUES =
            Map.of("key", "a b/c+é%", "nested", "{{key}}", "sign", SIGNING_KEY, "long", "v".repeat(64 * 1024));

    private final List<SecretBytes> lent = new ArrayList<>();
    private HopContent content = HopContent.NONE;

    /** Whatever is lent is given back. */
    @AfterEach
    void nothingIsLeftOpen() {
        content.close();
        assertThat(lent).allSatisfy(bytes -> assertThatThrownBy(bytes::length).isInstanceOf(RuntimeException.class));
    }

    @Test
    void headersHoldTheValueAsItIs() throws RequestException {
        content = fill(named("key"), URL, List.of("Authorization: Bearer {{key}}", "A: b"), List.of());

        assertThat(secretLines()).containsExactly("Authorization: Bearer a b/c+é%");
        assertThat(content.lines()).containsExactly("A: b");
        assertThat(content.parts().url()).isEmpty();
    }

    @Test
    void urlHoldsItPercentEncoded() throws RequestException {
        content = fill(named("key"), URL + "{{key}}/é?k={{key}}&{{other}}", List.of(), List.of());

        assertThat(content.parts().url().map(FillingTest::text))
                .contains(URL + "a%20b%2Fc%2B%C3%A9%25/%C3%A9?k=a%20b%2Fc%2B%C3%A9%25&{{other}}");
    }

    @Test
    void formHoldsItPercentEncoded() throws RequestException {
        content = fill(
                named("key"),
                URL,
                List.of("content-type: application/x-www-form-urlencoded; charset=utf-8"),
                List.of(),
                "a=1&k={{key}}&z=%7B%7Bkey%7D%7D");

        assertThat(body()).isEqualTo("a=1&k=a%20b%2Fc%2B%C3%A9%25&z=%7B%7Bkey%7D%7D");
    }

    @Test
    void otherBodiesHoldNone() throws RequestException {
        content = fill(named("key"), URL, List.of("Content-Type: application/json"), List.of(), "{\"a\": \"{{key}}\"}");

        assertThat(body()).isEqualTo("{\"a\": \"{{key}}\"}");
    }

    @Test
    void whatWasPutInIsDataAndNotLookedAtAgain() throws RequestException {
        content = fill(named("nested", "key"), URL + "?k={{nested}}", List.of("A: {{nested}}"), List.of());

        assertThat(secretLines()).containsExactly("A: {{key}}");
        assertThat(content.parts().url().map(FillingTest::text)).contains(URL + "?k=%7B%7Bkey%7D%7D");
    }

    @Test
    void ruleAddsWhatIsMissing() throws RequestException {
        List<String> ofRule = List.of("X-A: {{key}}", "X-B: {{{{key}}", "X-C: c");

        content = fill(NamedSecrets.NONE, URL, List.of("x-c: mine"), ofRule);

        assertThat(secretLines()).containsExactly("X-A: a b/c+é%");
        assertThat(content.lines()).containsExactly("x-c: mine", "X-B: {{key}}");
    }

    @Test
    void headerOfARuleIsForThoseWhoMayUseItsSecret() throws RequestException {
        content = fill(NamedSecrets.NONE, URL, List.of(), List.of("A: {{not_his}}", "B: {{not_there}}", "C: {{key}}"));

        assertThat(secretLines()).containsExactly("C: a b/c+é%");
        assertThat(content.lines()).isEmpty();
    }

    @Test
    void missingSecretIsAFailureThatNamesIt() {
        assertThatThrownBy(() -> fill(named("gone"), URL, List.of("A: {{gone}}"), List.of()))
                .isInstanceOf(RequestException.class)
                .hasMessage("secret \"gone\" does not exist")
                .extracting("kind")
                .isEqualTo(FailureKind.SECRET);
        assertThatThrownBy(() -> fill(NamedSecrets.NONE, URL, List.of(), List.of("A: {{gone}}")))
                .hasMessage("secret \"gone\" does not exist");
    }

    @Test
    void refusedSecretIsAFailure() {
        for (String name : List.of("not_his", "not_there")) {
            assertThatThrownBy(
                            () -> fill(named("key", name), URL + "{{" + name + "}}", List.of("A: {{key}}"), List.of()))
                    .hasMessageContaining(name)
                    .extracting("kind")
                    .isEqualTo(FailureKind.REFUSED);
        }
    }

    /** What many hosts share may look at nothing but the header. */
    @Test
    void headerHostMustBeOneOfTheSecretsHostsToo() throws RequestException {
        assertThatThrownBy(() -> fill(named("key"), URL, List.of("Host: evil.test", "A: {{key}}"), List.of()))
                .hasMessage("secret \"key\" may not be sent to this host");
        assertThatThrownBy(() -> fill(named("key"), URL, List.of("Host: {{key}}"), List.of()))
                .extracting("kind")
                .isEqualTo(FailureKind.REFUSED);

        content = fill(named("key"), URL, List.of("Host: API.example.com:443", "A: {{key}}"), List.of());
        assertThat(secretLines()).hasSize(1);
    }

    @Test
    void longUrlIsRefused() {
        assertThatThrownBy(() -> fill(named("key"), URL + "x".repeat(64 * 1024) + "{{key}}", List.of(), List.of()))
                .hasMessageContaining("the URL is longer than 65536 bytes");
    }

    /** A name of a few bytes stands for up to 64 kB, wherever it is. */
    @Test
    void whatBecomesTooLongIsGivenUpBeforeItIs() {
        String many = "{{long}}".repeat(500);
        List<String> form = List.of("content-type: application/x-www-form-urlencoded");
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> fill(named("long"), URL + "?" + many, List.of(), List.of()),
                () -> fill(named("long"), URL, List.of("A: " + many), List.of()),
                () -> fill(named("long"), URL, Collections.nCopies(500, "A: {{long}}"), List.of()),
                () -> fill(named("long"), URL, form, List.of(), "a=" + many),
                () -> fill(named("long"), URL, form, List.of(), "a".repeat(1024 * 1024 + 1)))) {
            int before = lent.size();
            assertThatThrownBy(call)
                    .hasMessageContaining("with its secrets ")
                    .extracting("kind")
                    .isEqualTo(FailureKind.IMPOSSIBLE);
            assertThat(lent.size() - before).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void secretsInThousandsOfPlacesAreRefused() {
        String many = "{{key}}".repeat(501);
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> fill(named("key"), URL + "?" + many + many, List.of(), List.of()),
                () -> fill(named("key"), URL, List.of("A: " + many, "B: " + many), List.of()),
                () -> fill(named("key"), URL, Collections.nCopies(1_001, "A: {{key}}"), List.of()))) {
            assertThatThrownBy(call).hasMessage("it names secrets in more than 1000 places");
        }
    }

    @Test
    void signatureIsOfWhatIsSentAndReplacesTheCallers() throws RequestException {
        NamedSecrets named = new NamedSecrets(List.of("key"), Optional.of("sign"));
        List<String> lines = List.of(
                "Webhook-Id: forged", "Content-Type: application/x-www-form-urlencoded", "webhook-signature: v1,x");

        content = fill(named, URL, lines, List.of(), "k={{key}}");

        assertThat(content.lines())
                .noneMatch(line -> line.contains("forged"))
                .contains("webhook-id: message", "webhook-timestamp: 1000")
                .filteredOn(line -> line.startsWith("webhook-signature"))
                .hasSize(1);
        HopContent ofFilled = fill(new NamedSecrets(List.of(), Optional.of("sign")), URL, List.of(), List.of(), body());
        assertThat(content.lines()).containsAll(ofFilled.lines());
        ofFilled.close();
    }

    @Test
    void whatIsNoKeyCannotSign() {
        assertThatThrownBy(
                        () -> fill(new NamedSecrets(List.of(), Optional.of("key")), URL, List.of(), List.of(), "body"))
                .hasMessageContaining("secret \"key\" is not a signing key")
                .hasMessageNotContaining("a b/c");
    }

    private static NamedSecrets named(String... names) {
        return new NamedSecrets(List.of(names), Optional.empty());
    }

    private HopContent fill(NamedSecrets named, String url, List<String> lines, List<String> ofRule)
            throws RequestException {
        return fill(named, url, lines, ofRule, "");
    }

    private HopContent fill(NamedSecrets named, String url, List<String> lines, List<String> ofRule, String body)
            throws RequestException {
        NativeBytes bytes = NativeBytes.copyOf(body.getBytes(StandardCharsets.UTF_8));
        try (Filling filling = new Filling(new FixedSecrets(), 1, ORIGIN, Instant.ofEpochSecond(1_000))) {
            return filling.fill(named, url, lines, ofRule, List.of(), bytes, "message");
        }
    }

    private List<String> secretLines() {
        return content.parts().headerLines().stream()
                .map(line -> text(line.line()))
                .toList();
    }

    private String body() {
        return new String(content.body().toByteArray(), StandardCharsets.UTF_8);
    }

    private static String text(SecretBytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }

    private final class FixedSecrets implements Secrets {
        @Override
        public boolean expect(long owner, Collection<String> names) {
            return true;
        }

        @Override
        public Answer find(String name, long owner, Collection<String> origins, Instant now) {
            if (name.equals("not_his")) {
                return Answer.refused(Verdict.NOT_HIS);
            }
            if (name.equals("not_there") || !origins.stream().allMatch(ORIGIN::equals)) {
                return Answer.refused(Verdict.NOT_THERE);
            }
            if (!VALUES.containsKey(name)) {
                return Answer.unavailable("does not exist");
            }
            SecretBytes value = SecretBytes.of(VALUES.get(name));
            lent.add(value);
            return Answer.usable(List.of(value));
        }

        @Override
        public void refresh() {}
    }
}
