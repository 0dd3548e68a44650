package org.pgnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The command knows no other module, its packages know each other in one direction, and pages hold no script or style. */
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Path TEMPLATES = Path.of("src/main/jte");
    private static final Pattern IMPORT = Pattern.compile("import (?:static )?(.*);");
    private static final Pattern OWN = Pattern.compile("org\\.pgnet\\.server\\.(?:([a-z]+)\\.)?[A-Z].*");

    /** Whom a package may know; the package org.pgnet.server itself is the empty name. */
    private static final Map<String, Set<String>> MAY_KNOW = Map.of(
            "", Set.of("command", "database", "site", "web"),
            "command", Set.of("database", "change", "page", "metrics", "site", "web"),
            "site", Set.of("database", "change", "page", "web"),
            "metrics", Set.of("database", "web"),
            "page", Set.of("database", "change", "web"),
            "change", Set.of("database"),
            "web", Set.of("database"),
            "database", Set.of());

    /** Libraries, each where it belongs. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "com.sun.net.httpserver", Set.of("web"),
            "com.zaxxer.hikari", Set.of("database"),
            "gg.jte", Set.of("site"),
            "picocli", Set.of("command"),
            "com.fasterxml.jackson.core", Set.of("page", "command"));

    @Test
    void packagesKnowOnlyThoseBelow() throws IOException {
        int known = 0;
        for (Path file : files(SOURCES, ".java")) {
            String from = packageOf(file);
            Set<String> to = imports(file)
                    .map(OWN::matcher)
                    .filter(Matcher::matches)
                    .map(own -> own.group(1) == null ? "" : own.group(1))
                    .filter(name -> !name.equals(from))
                    .collect(Collectors.toSet());
            assertThat(MAY_KNOW.get(from)).as("%s may know", file).containsAll(to);
            known += to.size();
        }
        assertThat(known).isGreaterThan(50);
    }

    @Test
    void knowsNoOtherModule() throws IOException {
        assertThat(files(SOURCES, ".java").stream().flatMap(ArchitectureTest::imports))
                .filteredOn(name -> name.startsWith("org.pgnet."))
                .allMatch(name -> name.startsWith("org.pgnet.server."));
    }

    @Test
    void librariesAreWhereTheyBelong() throws IOException {
        for (Path file : files(SOURCES, ".java")) {
            imports(file)
                    .filter(name -> !name.matches("(java|javax\\.net\\.ssl|org\\.pgnet\\.server)\\..*"))
                    .forEach(name -> assertThat(LIBRARIES.entrySet().stream()
                                    .filter(library -> name.startsWith(library.getKey() + "."))
                                    .flatMap(library -> library.getValue().stream()))
                            .as("%s imports %s", file, name)
                            .contains(packageOf(file)));
        }
    }

    /** What the Content-Security-Policy would refuse, and what would print without escaping. */
    @Test
    void templatesHaveNoScriptNoStyleAndNothingUnescaped() throws IOException {
        List<Path> templates = files(TEMPLATES, ".jte");
        assertThat(templates).hasSizeGreaterThan(20);
        for (Path file : templates) {
            assertThat(Files.readString(file))
                    .as(file.toString())
                    .doesNotContainPattern("(?i)<script(?![^>]*\\bsrc=)")
                    .doesNotContainPattern("(?i)<style|\\sstyle=|\\son[a-z]+=|javascript:")
                    .doesNotContain("$unsafe", "hx-on", "<iframe");
        }
    }

    private static Stream<String> imports(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(IMPORT::matcher)
                    .filter(Matcher::matches)
                    .map(line -> line.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String packageOf(Path file) {
        Path inPackage = SOURCES.resolve("org/pgnet/server").relativize(file);
        return inPackage.getNameCount() == 1 ? "" : inPackage.getName(0).toString();
    }

    private static List<Path> files(Path root, String end) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(end)).toList();
        }
    }
}
