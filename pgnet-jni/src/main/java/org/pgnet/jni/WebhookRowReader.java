package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgnet.worker.hosts.WebhookStates;

/** Reads the webhooks as webhook_states.c has them: the OID of the owner, the name and the reason, in texts. */
final class WebhookRowReader {
    private static final int TEXTS = 3;

    private WebhookRowReader() {}

    static List<WebhookStates.Row> read(byte[][] texts) {
        List<WebhookStates.Row> rows = new ArrayList<>(texts.length / TEXTS);
        for (int i = 0; i < texts.length; i += TEXTS) {
            rows.add(new WebhookStates.Row(
                    text(texts[i]).map(Long::parseLong).orElse(0L),
                    text(texts[i + 1]).orElseThrow(),
                    text(texts[i + 2])));
        }
        return rows;
    }

    private static Optional<String> text(byte[] utf8) {
        return Optional.ofNullable(utf8).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
