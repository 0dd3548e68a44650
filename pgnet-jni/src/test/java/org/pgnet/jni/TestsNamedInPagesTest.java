package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every test that a page of {@code docs} names for what it promises is there, in whichever module. */
class TestsNamedInPagesTest {
    /** The directory of this module is where its tests run. */
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    private static final Pattern NAMED_TEST = Pattern.compile("`([A-Z]\\w*(?:IT|Test))\\.(\\w+)`");

    private static final Pattern TEST_ANNOTATION = Pattern.compile("\n    @(Test|ParameterizedTest|Property)\\b");

    @ParameterizedTest
    @ValueSource(strings = {"security.md", "reliability.md", "delivery.md"})
    void testsNamedAreThere(String page) throws IOException {
        List<String> named = NAMED_TEST
                .matcher(Files.readString(CHECKOUT.resolve("docs").resolve(page)))
                .results()
                .map(match -> match.group(1) + "." + match.group(2))
                .distinct()
                .toList();
        List<Path> sources;
        try (Stream<Path> files = Files.walk(CHECKOUT)) {
            sources = files.filter(file -> file.toString().contains("/src/test/java/"))
                    .toList();
        }

        assertThat(named).hasSizeGreaterThan(20).allSatisfy(test -> {
            String[] parts = test.split("\\.");
            assertThat(sources.stream().filter(file -> file.endsWith(parts[0] + ".java")))
                    .as("class of " + test)
                    .singleElement()
                    .satisfies(file -> assertThat(methods(file)).contains(parts[1]));
        });
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
