package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** PL/Java runs this beside code of others, and with its default policy: nothing is known but JDBC and the JSON parser. */
class ArchitectureTest {
    private static final Pattern ALLOWED = Pattern.compile(
            "import (static )?(java\\.(io\\.(IOException|StringWriter)|math|sql|time|util)\\b|com\\.fasterxml\\.jackson\\.core\\.).*");
    private static final Pattern HIDDEN = Pattern.compile("\\b(com\\.sun|org\\.postgresql|javax|sun|jdk)\\.[a-z]");

    @Test
    void importsOnlyWhatItMayKnow() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }

        assertThat(lines).hasSizeGreaterThan(300);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("import "))
                .isNotEmpty()
                .allMatch(ALLOWED.asMatchPredicate());
        assertThat(lines).noneMatch(HIDDEN.asPredicate());
    }
}
