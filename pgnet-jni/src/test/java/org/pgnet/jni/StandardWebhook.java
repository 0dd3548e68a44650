package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.pgnet.testkit.http.ScriptedServer;

/** The receiver's side of Standard Webhooks 1.0, written from the specification. */
final class StandardWebhook {
    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    private StandardWebhook() {}

    /** Whether one of the signatures of a message is by this key, and it is not old. */
    static boolean verifies(ScriptedServer.Request message, String key) {
        String id = message.values("webhook-id").get(0);
        String timestamp = message.values("webhook-timestamp").get(0);
        Duration age = Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), Instant.now());
        String expected = "v1," + sign(id + "." + timestamp + "." + message.text(), key);
        return age.abs().compareTo(TOLERANCE) < 0
                && Arrays.asList(message.values("webhook-signature").get(0).split(" "))
                        .contains(expected);
    }

    private static String sign(String content, String key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(key.substring("whsec_".length())), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
