package org.pgnet.worker.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.SecretBytes;

class SignatureTest {
    private static final String KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /** The example of the specification. */
    @Test
    void exampleIsSignedAsInTheSpecification() {
        assertThat(lines("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}", KEY))
                .contains(List.of(
                        "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
                        "webhook-timestamp: 1614265330",
                        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    @Test
    void eachKeySigns() {
        String other = "whsec_" + base64(new byte[32]);

        String both = lines("id", 1, "", KEY, other).orElseThrow().get(2);

        assertThat(both.substring("webhook-signature: ".length()).split(" "))
                .hasSize(2)
                .containsExactly(signature(lines("id", 1, "", KEY)), signature(lines("id", 1, "", other)))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 32, 64})
    void keyHas24To64Bytes(int bytes) {
        assertThat(lines("id", 1, "x", "whsec_" + base64(new byte[bytes]))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 65})
    void otherLengthsAreNoKeys(int bytes) {
        assertThat(lines("id", 1, "x", "whsec_" + base64(new byte[bytes]))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "whsec_",
                "whsec",
                "",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_MfKQ9r8GKYqrTwjUPD8!LPZIo2LaLaSw"
            })
    void whatIsNotInTheFormIsNoKey(String value) {
        assertThat(lines("id", 1, "x", value)).isEmpty();
    }

    private static String signature(Optional<List<String>> lines) {
        return lines.orElseThrow().get(2).substring("webhook-signature: ".length());
    }

    private static Optional<List<String>> lines(String id, long seconds, String body, String... keys) {
        List<SecretBytes> values = Arrays.stream(keys).map(SecretBytes::of).toList();
        try (NativeBytes bytes = NativeBytes.copyOf(body.getBytes(StandardCharsets.UTF_8))) {
            return Signature.lines(id, Instant.ofEpochSecond(seconds), bytes, values);
        } finally {
            values.forEach(SecretBytes::close);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
