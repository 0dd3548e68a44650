package org.pgnet.worker.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.curl.SecretBytes;
import org.pgnet.worker.memory.FakeClock;
import org.pgnet.worker.spi.Secrets;

class SecretTableTest {
    private static final long OWNER = 10;
    private static final long OTHER = 11;
    private static final String ORIGIN = "https://api.example.com:443";
    private static final Instant NOW = Instant.ofEpochSecond(1_000);

    private final FakeClock clock = new FakeClock();
    private final SecretTable table = new SecretTable(
            (owner, secret) -> owner == secret.owner() || secret.roles().contains("" + owner), clock);

    @TempDir
    private Path directory;

    @BeforeEach
    void expect() {
        table.expect(OWNER, Set.of("key"));
        table.expect(OTHER, Set.of("key"));
        table.directory(directory.toString());
    }

    @AfterEach
    void close() {
        table.close();
    }

    @Test
    void ownerAndNamedRolesMayUseIt() {
        table.replace(List.of(row("{}", List.of("api.example.com"), key("v", Instant.MAX))));
        assertThat(values(OWNER, ORIGIN)).containsExactly("v");
        assertThat(verdict(OTHER, ORIGIN)).isEqualTo(Secrets.Verdict.NOT_HIS);

        table.replace(List.of(row("{11}", List.of("api.example.com"), key("v", Instant.MAX))));
        assertThat(values(OTHER, ORIGIN)).containsExactly("v");
        assertThat(verdict(12, ORIGIN)).isEqualTo(Secrets.Verdict.NOT_HIS);
    }

    @ParameterizedTest
    @CsvSource({
        "api.example.com, https://api.example.com:443, true",
        "api.example.com, https://api.example.com:8443, true",
        "api.example.com, https://api.example.com.:443, true",
        "api.example.com:443, https://api.example.com:8443, false",
        "api.example.com, http://api.example.com:80, false",
        "http://api.example.com, http://api.example.com:80, true",
        "http://api.example.com, https://api.example.com:443, true",
        "*.example.com, https://api.example.com:443, true",
        "*.example.com, https://example.com:443, false",
        "example.com, https://api.example.com:443, false",
        "api.example.com, https://api.example.com.evil.test:443, false",
        "api.example.com, sha-256:00, false",
        "*, https://anywhere.test:1, true",
        "[::1], https://[0:0::1]:443, true"
    })
    void itGoesToItsHostsAlone(String pattern, String origin, boolean may) {
        table.replace(List.of(row("{}", List.of(pattern), key("v", Instant.MAX))));

        assertThat(verdict(OWNER, origin)).isEqualTo(may ? Secrets.Verdict.USABLE : Secrets.Verdict.NOT_THERE);
    }

    @Test
    void itMustBeForAllOriginsOfAQuestion() {
        table.replace(List.of(row("{}", List.of("api.example.com"), key("v", Instant.MAX))));

        try (Secrets.Answer answer = table.find("key", OWNER, List.of(ORIGIN, "https://other.test:443"), NOW)) {
            assertThat(answer.verdict()).isEqualTo(Secrets.Verdict.NOT_THERE);
        }
    }

    @Test
    void keysHoldUntilTheirEnd() {
        table.replace(List.of(
                row("{}", List.of("*"), key("new", Instant.MAX), key("old", NOW.plusSeconds(1)), key("older", NOW))));

        assertThat(values(OWNER, ORIGIN)).containsExactly("new", "old");
    }

    @Test
    void missingOneIsNamedByItsReason() {
        assertThat(reason()).isEqualTo("does not exist");

        table.replace(List.of(row("{}", List.of("*"))));
        assertThat(reason()).isEqualTo("has no value");
    }

    /** Whoever makes a secret, names it in a request and drops it, again and again. */
    @Test
    void namesOfSecretsThatAreGoneAreForgotten() {
        for (int n = 0; n < 3 * SecretTable.MOST_NAMES; n++) {
            table.expect(OWNER, Set.of("gone" + n));
            if (n % 1_000 == 0) {
                table.replace(List.of(row("{}", List.of("api.example.com"), key("v", Instant.MAX))));
            }
        }
        assertThat(table.nameCount()).isLessThanOrEqualTo(SecretTable.MOST_NAMES + 1_002);
        assertThat(values(OWNER, ORIGIN)).containsExactly("v");
    }

    @Test
    void copiesOutliveTheValueThatIsReplaced() {
        table.replace(List.of(row("{}", List.of("*"), key("before", Instant.MAX))));
        try (Secrets.Answer answer = table.find("key", OWNER, List.of(ORIGIN), NOW)) {
            table.replace(List.of(row("{}", List.of("*"), key("after", Instant.MAX))));

            assertThat(text(answer.keys().get(0))).isEqualTo("before");
        }
        assertThat(values(OWNER, ORIGIN)).containsExactly("after");
    }

    @Test
    void fileIsReadAndOneNewlineDropped() throws IOException {
        Files.writeString(directory.resolve("f"), "value\n");
        table.replace(List.of(ofFile("f", true)));

        assertThat(values(OWNER, ORIGIN)).containsExactly("value");
    }

    @Test
    void fileIsLookedAtAgainAfterFiveSeconds() throws IOException {
        Files.writeString(directory.resolve("f"), "one");
        table.replace(List.of(ofFile("f", true)));
        assertThat(values(OWNER, ORIGIN)).containsExactly("one");

        Files.writeString(directory.resolve("f"), "two");
        clock.advance(Duration.ofMillis(4_999));
        assertThat(values(OWNER, ORIGIN)).containsExactly("one");
        clock.advance(Duration.ofMillis(1));
        assertThat(values(OWNER, ORIGIN)).containsExactly("two");
    }

    @Test
    void fileIsReadAnewWhenAServerHasNotAcceptedIt() throws IOException {
        Files.writeString(directory.resolve("f"), "one");
        table.replace(List.of(ofFile("f", true)));
        values(OWNER, ORIGIN);
        Files.writeString(directory.resolve("f"), "two");

        table.refresh();

        assertThat(values(OWNER, ORIGIN)).containsExactly("two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "a\n\n", "a\nb", "a\rb", "a\r\n", "a\0b"})
    void whatNoHeaderCouldHoldIsRefused(String content) throws IOException {
        Files.writeString(directory.resolve("f"), content);
        table.replace(List.of(ofFile("f", true)));

        assertThat(reason())
                .startsWith("cannot be read: file \"f\" of pg_net.secrets_directory ")
                .matches(".*(is empty|contains a line break or a null character)$");
    }

    @Test
    void longFileIsRefused() throws IOException {
        Files.writeString(directory.resolve("f"), "x".repeat(64 * 1024) + "\n");
        table.replace(List.of(ofFile("f", true)));
        assertThat(values(OWNER, ORIGIN).get(0)).hasSize(64 * 1024);

        Files.writeString(directory.resolve("f"), "x".repeat(64 * 1024 + 1));
        table.refresh();
        assertThat(reason()).endsWith("is longer than 65536 bytes");
    }

    @Test
    void whatIsNoFileIsRefused() throws IOException {
        Files.createDirectory(directory.resolve("d"));
        table.replace(List.of(ofFile("d", true)));
        assertThat(reason()).endsWith("is not a regular file");

        table.replace(List.of(ofFile("missing", true)));
        assertThat(reason()).endsWith("does not exist");

        table.directory("");
        assertThat(reason()).isEqualTo("cannot be read: pg_net.secrets_directory is empty");
    }

    @Test
    void fileOfAnOwnerWithoutRightsIsNotRead() throws IOException {
        Files.writeString(directory.resolve("f"), "value");
        table.replace(List.of(ofFile("f", false)));

        assertThat(reason()).contains("pg_read_server_files");
    }

    private Secrets.Verdict verdict(long owner, String origin) {
        try (Secrets.Answer answer = table.find("key", owner, List.of(origin), NOW)) {
            return answer.verdict();
        }
    }

    private String reason() {
        try (Secrets.Answer answer = table.find("key", OWNER, List.of(ORIGIN), NOW)) {
            assertThat(answer.verdict()).isEqualTo(Secrets.Verdict.UNAVAILABLE);
            assertThat(answer.keys()).isEmpty();
            return answer.reason();
        }
    }

    private List<String> values(long owner, String origin) {
        try (Secrets.Answer answer = table.find("key", owner, List.of(origin), NOW)) {
            return answer.keys().stream().map(SecretTableTest::text).toList();
        }
    }

    private static String text(SecretBytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }

    private static SecretKey key(String value, Instant until) {
        return new SecretKey(SecretBytes.of(value), until);
    }

    private static SecretRow row(String roles, List<String> hosts, SecretKey... keys) {
        return new SecretRow("key", OWNER, Optional.empty(), false, hosts, roles, List.of(keys));
    }

    private static SecretRow ofFile(String file, boolean isAllowed) {
        return new SecretRow("key", OWNER, Optional.of(file), isAllowed, List.of("*"), "{}", List.of());
    }
}
