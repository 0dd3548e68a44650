package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaBundleTest {
    @TempDir
    private Path directory;

    private final CaBundle bundle = new CaBundle();

    @Test
    void fileThatStaysKeepsItsName() throws IOException {
        String path = Files.writeString(directory.resolve("ca.pem"), "one").toString();

        assertThat(bundle.name(path)).isEqualTo(path).isEqualTo(bundle.name(path));
        assertThat(bundle.name("")).isEmpty();
    }

    @Test
    void fileThatWasWrittenOrReplacedGetsAnotherNameOfTheSameFile() throws IOException {
        Path file = Files.writeString(directory.resolve("ca.pem"), "one");
        String first = bundle.name(file.toString());

        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        String second = bundle.name(file.toString());
        Files.move(Files.writeString(directory.resolve("new.pem"), "six"), file, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        String third = bundle.name(file.toString());

        assertThat(second).isNotEqualTo(first);
        assertThat(third).isNotEqualTo(second).isNotEqualTo(first).isEqualTo(bundle.name(file.toString()));
        assertThat(Files.isSameFile(Path.of(third), file)).isTrue();
    }

    @Test
    void relativePathStaysRelative() {
        assertThat(bundle.name("ca.pem")).isEqualTo("ca.pem");
        assertThat(bundle.name("other.pem")).isEqualTo("./other.pem");
    }

    @Test
    void nameDoesNotGrowForEver() throws IOException {
        Path file = Files.writeString(directory.resolve("ca.pem"), "one");
        for (int i = 0; i < 3_000; i++) {
            Files.setLastModifiedTime(file, FileTime.fromMillis(i));
            assertThat(bundle.name(file.toString())).hasSizeLessThan(2_000);
        }
    }
}
