package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.worker.spi.ProbeWish;

/** Reads the wishes for probes as host_rows.c has them: the pattern and the moment, in texts. */
final class ProbeRowReader {
    private static final int TEXTS = 2;

    private ProbeRowReader() {}

    static List<ProbeWish> read(byte[][] texts) {
        List<ProbeWish> wishes = new ArrayList<>(texts.length / TEXTS);
        for (int i = 0; i < texts.length; i += TEXTS) {
            wishes.add(new ProbeWish(text(texts[i]), text(texts[i + 1])));
        }
        return wishes;
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
