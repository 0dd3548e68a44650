package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.pgnet.worker.hosts.HostRow;
import org.pgnet.worker.spi.RateLimit;
import org.pgnet.worker.spi.TlsFiles;

/** Reads the rows of net.hosts as host_rows.c has them: texts, null for a null. */
final class HostRowReader {
    private static final int TEXTS = 15;

    private final byte[][] texts;
    private int next;

    private HostRowReader(byte[][] texts) {
        this.texts = texts;
    }

    static List<HostRow> read(byte[][] texts) {
        HostRowReader reader = new HostRowReader(texts);
        List<HostRow> rows = new ArrayList<>(texts.length / TEXTS);
        while (reader.next < texts.length) {
            rows.add(reader.row());
        }
        return rows;
    }

    /** In the order of the texts. What the trigger of the table refuses, but its owner may write, comes as near as it can. */
    private HostRow row() {
        String pattern = text().orElse("");
        return new HostRow(
                pattern,
                text(),
                millis(),
                millis(),
                number(text -> (int) Math.max(1, Long.parseLong(text))),
                rate(pattern),
                truth(),
                text(),
                text(),
                text(),
                tls(),
                truth());
    }

    private Optional<Integer> millis() {
        return number(text -> (int) Math.max(0, Math.min(Integer.MAX_VALUE, Double.parseDouble(text))));
    }

    private Optional<RateLimit> rate(String pattern) {
        Optional<Double> perSecond = number(Double::parseDouble);
        Optional<Double> burst = number(Double::parseDouble);
        return perSecond
                .filter(rate -> rate > 0)
                .map(rate -> new RateLimit(pattern, rate, Math.max(1, burst.orElse(rate))));
    }

    private Optional<TlsFiles> tls() {
        List<Optional<String>> files = List.of(text(), text(), text());
        return files.stream().allMatch(Optional::isEmpty)
                ? Optional.empty()
                : Optional.of(new TlsFiles(
                        files.get(0).orElse(""),
                        files.get(1).orElse(""),
                        files.get(2).orElse("")));
    }

    private Optional<Boolean> truth() {
        return text().map("true"::equals);
    }

    private <T> Optional<T> number(Function<String, T> parse) {
        return text().map(parse);
    }

    private Optional<String> text() {
        return Stream.ofNullable(texts[next++])
                .map(utf8 -> new String(utf8, StandardCharsets.UTF_8))
                .findFirst();
    }
}
