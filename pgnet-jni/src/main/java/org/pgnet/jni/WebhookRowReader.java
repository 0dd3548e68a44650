package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.worker.hosts.DisabledWebhooks;

/** Reads the disabled webhooks as webhook_states.c has them: the OID of the owner, the name and the reason, in texts. */
final class WebhookRowReader {
    private static final int TEXTS = 3;

    private WebhookRowReader() {}

    static DisabledWebhooks read(byte[][] texts) {
        List<DisabledWebhooks.Row> rows = new ArrayList<>(texts.length / TEXTS);
        for (int i = 0; i < texts.length; i += TEXTS) {
            rows.add(new DisabledWebhooks.Row(Long.parseLong(text(texts[i])), text(texts[i + 1]), text(texts[i + 2])));
        }
        return new DisabledWebhooks(rows);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
