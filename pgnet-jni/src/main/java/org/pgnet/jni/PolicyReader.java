package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;
import org.pgnet.worker.spi.PolicyTerms;

/** Reads a policy as policies.c has it: numbers, spans in microseconds, lists with commas, nothing for null. */
final class PolicyReader {
    private PolicyReader() {}

    static PolicyTerms read(byte[][] texts) {
        return new PolicyTerms(
                words(texts[0]).map(PolicyReader::micros).toList(),
                words(texts[1]).mapToInt(Integer::parseInt).findFirst(),
                words(texts[2]).map(PolicyReader::micros).findFirst(),
                Double.parseDouble(text(texts[3])),
                words(texts[4]).toList(),
                Boolean.parseBoolean(text(texts[5])));
    }

    private static Stream<String> words(byte[] utf8) {
        return Stream.of(text(utf8).split(",")).filter(word -> !word.isEmpty());
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static Duration micros(String digits) {
        return Duration.of(Long.parseLong(digits), ChronoUnit.MICROS);
    }
}
