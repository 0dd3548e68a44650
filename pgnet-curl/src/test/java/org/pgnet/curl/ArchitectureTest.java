package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whom this module may know: the JDK's base and JNA. */
class ArchitectureTest {

    private static final Path SOURCES = Path.of("src/main");

    @Test
    void onlyTheJdkAndJnaAreImported() throws IOException {
        List<String> imports = lines(".java", "import ");
        assertThat(imports).isNotEmpty().allMatch(line -> line.matches("import (static )?(java|com\\.sun\\.jna)\\..*"));
    }

    @Test
    void theCPartIncludesTheCLibraryAlone() throws IOException {
        assertThat(lines(".c", "#include"))
                .isNotEmpty()
                .allMatch(
                        line -> line.matches(
                                "#include (\"(sink/(blocks|coded_body|decoder|first_header|sink)|guard/(ascii|guard|host_pattern|hosts|networks|sockets)|transfer/(calls|libcurl|memory|text_locale))\\.h\""
                                        + "|<(std\\w+|strings?|ctype|locale|malloc|pthread|arpa/inet|netinet/in|sys/socket|errno|unistd|dlfcn|sys/ioctl|linux/sockios|linux/tcp)\\.h>)"));
    }

    @Test
    void noOtherPackageOfTheProjectIsNamed() throws IOException {
        assertThat(lines(".java", ""))
                .noneMatch(line -> line.matches(".*org\\.pgnet\\.(?!curl\\b).*"))
                .noneMatch(line -> line.toLowerCase(Locale.ROOT).contains("postgres"));
    }

    private static List<String> lines(String extension, String prefix) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(extension))
                    .flatMap(ArchitectureTest::read)
                    .filter(line -> line.startsWith(prefix))
                    .toList();
        }
    }

    private static Stream<String> read(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
