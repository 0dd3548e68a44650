package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.curl.SecretBytes;
import org.pgnet.worker.secrets.SecretKey;
import org.pgnet.worker.secrets.SecretRow;

/** Reads secrets as secret_rows.c has them: texts, names of the values' secrets, and of each value four numbers. */
final class SecretRowReader {
    private static final int TEXTS = 6;
    private static final int NUMBERS = 4;

    /** A value, and when it was set. */
    private record Added(SecretKey key, long micros) {}

    private final byte[][] texts;
    private final Map<String, List<Added>> keys;
    private int next;

    private SecretRowReader(byte[][] texts, Map<String, List<Added>> keys) {
        this.texts = texts;
        this.keys = keys;
    }

    /** The secrets; their values are the caller's. */
    static List<SecretRow> read(Object[] packed) {
        Map<String, List<Added>> keys = keys((byte[][]) packed[1], (long[]) packed[2]);
        SecretRowReader reader = new SecretRowReader((byte[][]) packed[0], keys);
        List<SecretRow> rows = new ArrayList<>(reader.texts.length / TEXTS);
        while (reader.next < reader.texts.length) {
            rows.add(reader.row());
        }
        // Of secrets that were made between the two statements.
        keys.values().forEach(each -> each.forEach(added -> added.key().value().close()));
        return rows;
    }

    private static Map<String, List<Added>> keys(byte[][] names, long[] numbers) {
        Map<String, List<Added>> keys = new HashMap<>();
        for (int i = 0; i < names.length; i++) {
            SecretBytes value = SecretBytes.take(numbers[i * NUMBERS], (int) numbers[i * NUMBERS + 1]);
            SecretKey key = new SecretKey(value, Micros.moment(numbers[i * NUMBERS + 3]));
            keys.computeIfAbsent(text(names[i]), some -> new ArrayList<>())
                    .add(new Added(key, numbers[i * NUMBERS + 2]));
        }
        return keys;
    }

    private SecretRow row() {
        String name = text().orElse("");
        long owner = Long.parseLong(text().orElse("0"));
        Optional<String> file = text();
        boolean isFileAllowed = text().equals(Optional.of("true"));
        List<String> hosts = List.of(text().orElse("").split(" "));
        String roles = text().orElse("{}");
        return new SecretRow(name, owner, file, isFileAllowed, hosts, roles, keysOf(name));
    }

    /** The one without an end first, then the newest. */
    private List<SecretKey> keysOf(String name) {
        List<Added> added = keys.getOrDefault(name, List.of());
        keys.remove(name);
        return added.stream()
                .sorted(Comparator.comparing((Added each) -> each.key().until())
                        .thenComparing(Added::micros)
                        .reversed())
                .map(Added::key)
                .toList();
    }

    private Optional<String> text() {
        return Optional.ofNullable(texts[next++]).map(SecretRowReader::text);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
