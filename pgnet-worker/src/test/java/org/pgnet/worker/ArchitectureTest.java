package org.pgnet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The engine knows neither JNA nor SQL nor its host, and its packages know each other in one direction only. */
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern ALLOWED = Pattern.compile(
            "import (static )?(javax\\.crypto\\.|java\\.(io|lang\\.invoke|nio|security|time|util)\\.|org\\.pgnet\\.(curl|worker)\\.|com\\.fasterxml\\.jackson\\.core\\.).*");
    private static final Pattern HIDDEN =
            Pattern.compile("\\b(com\\.sun|java\\.sql|javax(?!\\.crypto\\.)|sun|jdk)\\.[a-z]");
    private static final Pattern OWN = Pattern.compile("\\borg\\.pgnet\\.worker\\.(?:([a-z]+)\\.)?[A-Z]\\w*");

    /** Whom a package may know; the package org.pgnet.worker itself is the empty name. */
    private static final Map<String, Set<String>> MAY_KNOW = Map.ofEntries(
            Map.entry(
                    "",
                    Set.of(
                            "spi",
                            "intake",
                            "recovery",
                            "delivery",
                            "dispatch",
                            "transfer",
                            "exchange",
                            "http",
                            "hosts",
                            "record")),
            Map.entry("spi", Set.of()),
            Map.entry("http", Set.of("spi")),
            Map.entry("delivery", Set.of("spi")),
            Map.entry("secrets", Set.of("spi")),
            Map.entry("hosts", Set.of("spi", "http", "secrets")),
            Map.entry("record", Set.of("spi")),
            Map.entry("exchange", Set.of("spi", "http", "secrets")),
            Map.entry("recovery", Set.of("spi", "exchange")),
            Map.entry("dispatch", Set.of("spi", "delivery", "exchange")),
            Map.entry("transfer", Set.of("spi", "http", "exchange", "recovery", "dispatch")),
            Map.entry("intake", Set.of("spi", "http", "record")),
            Map.entry("memory", Set.of("spi", "http", "intake", "record", "recovery")));

    @Test
    void importsOnlyWhatItMayKnow() {
        List<String> lines =
                sources().stream().flatMap(file -> linesOf(file).stream()).toList();
        assertThat(lines).hasSizeGreaterThan(1_000);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("import "))
                .isNotEmpty()
                .allMatch(ALLOWED.asMatchPredicate());
        assertThat(lines).noneMatch(HIDDEN.asPredicate());
    }

    /** Javadoc may name what the code may not know. */
    @Test
    void packagesKnowOnlyThoseBelow() {
        for (Path file : sources()) {
            String from = packageOf(file);
            assertThat(MAY_KNOW).as("package of %s", file).containsKey(from);
            Set<String> known = linesOf(file).stream()
                    .filter(line ->
                            !line.strip().startsWith("*") && !line.strip().startsWith("/*"))
                    .flatMap(line -> OWN.matcher(line).results())
                    .map(match -> match.group(1) == null ? "" : match.group(1))
                    .filter(to -> !to.equals(from))
                    .collect(Collectors.toSet());
            assertThat(MAY_KNOW.get(from)).as("%s may know", file).containsAll(known);
        }
    }

    /** So that a decision depends on nothing but what it is given. */
    @Test
    void decisionsAboutDeliveryAreMadeWithoutAClockOrChance() {
        Pattern impure = Pattern.compile("\\b(Clock|Random|System|Thread|Files|(now|random|nanoTime)\\(\\))");
        List<Path> files = sources().stream()
                .filter(file -> packageOf(file).equals("delivery"))
                .toList();
        assertThat(files).isNotEmpty();
        assertThat(files).allSatisfy(file -> assertThat(linesOf(file)).noneMatch(impure.asPredicate()));
    }

    @Test
    void noCircleIsAllowed() {
        for (String start : MAY_KNOW.keySet()) {
            Set<String> reached = new HashSet<>();
            reach(start, reached);
            assertThat(reached).as("what %s leads to", start).doesNotContain(start);
        }
    }

    @Test
    void noTwoTypesHaveTheSameName() throws IOException {
        Pattern type = Pattern.compile("^(?:public |final |sealed |abstract )*(?:class|record|interface|enum) (\\w+)");
        try (Stream<Path> files =
                Stream.concat(files(SOURCES), files(Path.of("../pgnet-curl").resolve(SOURCES)))) {
            List<String> names = files.flatMap(file -> linesOf(file).stream())
                    .map(type::matcher)
                    .filter(Matcher::find)
                    .map(found -> found.group(1))
                    .toList();
            assertThat(names).hasSizeGreaterThan(50).doesNotHaveDuplicates();
        }
    }

    private static void reach(String from, Set<String> reached) {
        for (String next : MAY_KNOW.get(from)) {
            if (reached.add(next)) {
                reach(next, reached);
            }
        }
    }

    private static String packageOf(Path file) {
        Path inPackage = SOURCES.resolve("org/pgnet/worker").relativize(file);
        return inPackage.getNameCount() == 1 ? "" : inPackage.getName(0).toString();
    }

    private static List<Path> sources() {
        try (Stream<Path> files = files(SOURCES)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> files(Path root) throws IOException {
        return Files.walk(root).filter(file -> file.toString().endsWith(".java"));
    }

    private static List<String> linesOf(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
