package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.testkit.cluster.PgInstallation;

/** What is packaged says what its readers require, and no page has a command that is not tried. */
class PackagingTest {
    private static final Path CHECKOUT = PgInstallation.checkout();

    /** The scripts run the commands below the headings that they name. */
    @ParameterizedTest
    @CsvSource({
        "install.md, .ci/try-install",
        "packaging.md, .ci/try-packages",
        "../docker/README.md, docker/try-pages",
    })
    void everyCommandOfThePageIsTried(String page, String script) throws IOException {
        Page text = Page.of(page);
        String tries = Files.readString(CHECKOUT.resolve(script));

        assertThat(text.headings("##"))
                .filteredOn(heading -> text.section(heading).text().contains("```sh\n"))
                .isNotEmpty()
                .allSatisfy(heading -> assertThat(tries)
                        .containsPattern(
                                "commands (docker/README\\.md )?\"" + Pattern.quote(heading.substring(3)) + "\""));
    }

    /** In the commands of all pages. */
    @Test
    void everyTargetOfMakeThatIsNamedIsThere() throws IOException {
        String makefile = Files.readString(CHECKOUT.resolve("Makefile"));
        Set<String> named = new TreeSet<>();
        for (String page : Page.all()) {
            for (String commands : Page.of("../" + page).commands()) {
                Pattern.compile("(?m)^\\s*make ([a-z][a-z-]*)")
                        .matcher(commands)
                        .results()
                        .forEach(match -> named.add(match.group(1)));
            }
        }

        assertThat(named)
                .contains("demo", "install", "release", "test")
                .allSatisfy(
                        target -> assertThat(makefile).containsPattern("(?m)^([a-z-]+ )*" + target + "( [a-z-]+)*:"));
    }

    @Test
    void readmeIsTried() throws IOException {
        assertThat(Files.readString(CHECKOUT.resolve(".ci/try-readme")))
                .contains("blocks README.md \"See it run\" sh", "blocks README.md \"See it run\" sql");
        assertThat(Files.readString(CHECKOUT.resolve("docker/try-pages")))
                .contains("commands README.md \"See it run\"", "blocks README.md \"See it run\" sql");
        assertThat(Files.readString(CHECKOUT.resolve(".ci/try-install"))).contains("blocks docs/ui.md \"Run it\" sh");
        assertThat(Files.readString(CHECKOUT.resolve(".github/workflows/nightly.yml")))
                .contains(".ci/try-readme", ".ci/try-install", ".ci/try-packages");
    }

    @Test
    void readmeInstallsAsThePageDoes() throws IOException {
        String page = Page.of("install.md").section("## From the sources").text();

        assertThat(Page.of("../README.md").section("## Install").text())
                .contains("```sh\nmake install\nmake install-config\n```");
        assertThat(page).contains("```sh\nmake install\nmake install-config\n```");
    }

    /** PGXN's format 1.0.0: the fields that it requires, and files that are there. */
    @Test
    void metaFileIsWhatPgxnTakes() throws IOException {
        Map<String, String> values = new TreeMap<>();
        try (JsonParser parser = new JsonFactory()
                .createParser(CHECKOUT.resolve("packaging/META.json.in").toFile())) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    values.put(
                            parser.getParsingContext()
                                    .pathAsPointer()
                                    .toString()
                                    .substring(1),
                            parser.getText());
                }
            }
        }

        assertThat(values)
                .containsKeys("abstract", "maintainer", "license", "meta-spec/url", "provides/pg_net/docfile")
                .containsEntry("name", "pgnet")
                .containsEntry("version", "@VERSION@")
                .containsEntry("provides/pg_net/version", "@VERSION@")
                .containsEntry("meta-spec/version", "1.0.0");
        assertThat(CHECKOUT.resolve(values.get("provides/pg_net/file"))).exists();
        assertThat(CHECKOUT.resolve(values.get("provides/pg_net/docfile"))).exists();
    }
}
