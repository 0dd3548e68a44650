package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every test that a page names for what it promises is there, in whichever module. */
class TestsNamedInPagesTest {
    /** The directory of this module is where its tests run. */
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    /** Not COMMIT, which ends in IT too. */
    private static final String CLASS = "[A-Z]\\w*[a-z0-9](?:IT|Test)";

    private static final Pattern NAMED_CLASS = Pattern.compile("`(" + CLASS + ")(?:\\.\\w+)?`");

    private static final Pattern NAMED_TEST = Pattern.compile("`(" + CLASS + "\\.\\w+)`");

    private static final Pattern TEST_ANNOTATION = Pattern.compile("\n    @(Test|ParameterizedTest|Property)\\b");

    /** All pages, wherever they are, so that a new one is read without being named here. */
    static List<Path> pages() throws IOException {
        return files(file -> file.toString().endsWith(".md"));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void testsNamedAreThere(Path page) throws IOException {
        List<Path> sources = files(file -> file.toString().contains("/src/test/java/"));

        assertThat(named(NAMED_CLASS, page))
                .allSatisfy(test -> assertThat(sources.stream().filter(file -> file.endsWith(test + ".java")))
                        .as("class " + test)
                        .hasSize(1));
        assertThat(named(NAMED_TEST, page)).allSatisfy(test -> {
            String[] parts = test.split("\\.");
            assertThat(sources.stream().filter(file -> file.endsWith(parts[0] + ".java")))
                    .as("class of " + test)
                    .singleElement()
                    .satisfies(file -> assertThat(methods(file)).contains(parts[1]));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"delivery.md", "flow.md", "security.md", "reliability.md"})
    void pageNamesTests(String page) throws IOException {
        assertThat(named(NAMED_TEST, CHECKOUT.resolve("docs").resolve(page))).hasSizeGreaterThan(20);
    }

    private static List<String> named(Pattern pattern, Path page) throws IOException {
        return pattern.matcher(Files.readString(page))
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }

    /** Files of the checkout, but for what was built. */
    private static List<Path> files(Predicate<Path> wanted) throws IOException {
        try (Stream<Path> files = Files.walk(CHECKOUT)) {
            return files.filter(wanted)
                    .filter(file -> !CHECKOUT.relativize(file).toString().contains("target/"))
                    .toList();
        }
    }

    /** The names of a source's test methods: those with the annotation between the end of another method and their name. */
    private static List<String> methods(Path source) throws IOException {
        String text = Files.readString(source);
        return Pattern.compile("\n    void (\\w+)\\(")
                .matcher(text)
                .results()
                .filter(method -> {
                    String before = text.substring(0, method.start());
                    String head = before.substring(before.lastIndexOf("\n    }\n") + 1);
                    return TEST_ANNOTATION.matcher(head).find();
                })
                .map(method -> method.group(1))
                .toList();
    }
}
