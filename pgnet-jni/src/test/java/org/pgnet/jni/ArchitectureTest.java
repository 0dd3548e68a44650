package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Java beside PostgreSQL reaches it through its own natives alone: no JNA, no JDBC, no JSON of its own. */
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern ALLOWED = Pattern.compile(
            "import (static )?(java\\.(io|lang\\.invoke|net|nio|time|util)\\.|org\\.pgnet\\.(curl|worker)\\.).*");
    private static final Pattern HIDDEN =
            Pattern.compile("\\b(com\\.(sun|fasterxml)|java\\.sql|javax|sun|jdk)\\.[a-z]");

    @Test
    void importsOnlyWhatItMayKnow() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
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

    /** What reads a text has a header of its own from PostgreSQL 16 on, which one before does not miss. */
    @Test
    void cCodeThatReadsTextsIncludesWhatDiffersBetweenReleases() throws IOException {
        Pattern use = Pattern.compile("\\b(VAR(DATA|SIZE|ATT)|SET_VARSIZE)");
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/c"))) {
            for (Path file :
                    files.filter(path -> path.toString().matches(".*\\.[ch]")).toList()) {
                sources.add(file + "\n" + Files.readString(file));
            }
        }

        assertThat(sources)
                .filteredOn(source -> use.matcher(source).find())
                .hasSizeGreaterThan(10)
                .allSatisfy(source ->
                        assertThat(source).containsAnyOf("#include \"shared/compat.h\"", "#include \"varatt.h\""));
    }

    /** Which folders of the C code may include which: who runs it is the folder. */
    @Test
    void foldersOfTheCCodeKnowOnlyThoseBelow() throws IOException {
        Map<String, Set<String>> mayKnow = Map.of(
                "shared", Set.of("shared"),
                "launcher", Set.of("launcher", "shared"),
                "session", Set.of("session", "shared"),
                "callback", Set.of("callback", "store", "shared"),
                "store", Set.of("store", "shared"),
                "worker", Set.of("worker", "store", "shared"));
        Pattern include = Pattern.compile("#include \"(shared|launcher|session|callback|store|worker)/.*");
        int includes = 0;
        for (String folder : mayKnow.keySet()) {
            try (Stream<Path> files = Files.list(Path.of("src/main/c", folder))) {
                for (Path file : files.toList()) {
                    Set<String> known = Files.readAllLines(file).stream()
                            .map(include::matcher)
                            .filter(Matcher::matches)
                            .map(found -> found.group(1))
                            .collect(Collectors.toSet());
                    assertThat(mayKnow.get(folder)).as(file.toString()).containsAll(known);
                    includes += known.size();
                }
            }
        }
        assertThat(includes).isGreaterThan(30);
    }
}
