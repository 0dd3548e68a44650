package org.pgnet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The engine knows neither JNA nor SQL nor its host: it must be able to run in another one. */
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern ALLOWED = Pattern.compile(
            "import (static )?(java\\.(io|lang\\.invoke|nio|time|util)\\.|org\\.pgnet\\.(curl|worker)\\.|com\\.fasterxml\\.jackson\\.core\\.).*");
    private static final Pattern HIDDEN = Pattern.compile("\\b(com\\.sun|java\\.sql|javax|sun|jdk)\\.[a-z]");

    @Test
    void importsOnlyWhatItMayKnow() throws IOException {
        List<String> lines = sourceLines();
        assertThat(lines).hasSizeGreaterThan(1_000);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("import "))
                .isNotEmpty()
                .allMatch(ALLOWED.asMatchPredicate());
        assertThat(lines).noneMatch(HIDDEN.asPredicate());
    }

    private static List<String> sourceLines() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> {
                        try {
                            return Files.readAllLines(file).stream();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }
}
