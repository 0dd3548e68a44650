package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Neither Java nor C needs libcurl's headers to build, so its numbers and structs are written down in both. Here a C program
 * that includes the headers says what they are; without headers everything is skipped.
 */
class LibCurlHeaderTest {
    private static final Path C_OF_WORKER = Path.of("src/main/c");
    private static final Path C_OF_SESSIONS = Path.of("../pgnet-jni/src/main/c");

    private static final Pattern DEFINE =
            Pattern.compile("^#define (?:PGNET_)?(CURL[A-Z]*_\\w+) (.+?)(?:\\s*/\\*.*)?$", Pattern.MULTILINE);

    /** What came after the oldest libcurl that will do, by LIBCURL_VERSION_NUM. */
    private static final Map<String, Integer> SINCE = Map.of(
            "CURLU_PUNYCODE",
            0x075800,
            "CURLE_TOO_LARGE",
            0x080600,
            "CURLMOPT_RESOLVE_THREADS_MAX",
            CurlLibrary.RESOLVER_POOL_VERSION,
            "CURLMOPT_QUICK_EXIT",
            CurlLibrary.RESOLVER_POOL_VERSION);

    /** Two expressions in C that must have one value. */
    private record Pair(String place, String theirs, String ours) {
        int since() {
            return SINCE.getOrDefault(theirs, CurlLibrary.OLDEST_VERSION);
        }

        @Override
        public String toString() {
            return theirs + " in " + place;
        }
    }

    /** @param pairs by what they are the values of; those that the header is too old for are missing */
    private record Answers(String version, Map<Pair, long[]> pairs) {}

    @TempDir
    private static Path directory;

    /** Empty where the C compiler finds no header. */
    private static Optional<Answers> answers;

    @BeforeAll
    static void askTheHeader() throws IOException, InterruptedException {
        if (!compile("#include <curl/curl.h>\nint main(void) { return 0; }\n").isEmpty()) {
            answers = Optional.empty();
            return;
        }
        assertThat(compile(program())).isEmpty();
        answers = Optional.of(run());
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void isAsInTheHeader(Pair pair) {
        assumeTrue(answers.isPresent(), "no curl/curl.h here; Debian's package libcurl4-openssl-dev has it");
        Answers header = answers.get();
        long[] values = header.pairs().get(pair);
        assumeTrue(values != null, "libcurl " + header.version() + "'s header is older than " + pair.theirs());
        assertThat(values[1]).as("%s", pair).isEqualTo(values[0]);
    }

    @Test
    void everyPlaceIsRead() throws IOException {
        assertThat(pairs().stream().map(Pair::place).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "LibCurl.java", "CurlLibrary.java", "calls.c", "sink.h", "guard.c", "libcurl.h", "libcurl.c");
    }

    static List<Pair> pairs() throws IOException {
        List<Pair> pairs = new ArrayList<>(numbersOfJava());
        for (Path root : List.of(C_OF_WORKER, C_OF_SESSIONS)) {
            for (Path file : sources(root)) {
                Matcher define = DEFINE.matcher(Files.readString(file));
                while (define.find()) {
                    pairs.add(new Pair(file.getFileName().toString(), define.group(1), define.group(2)));
                }
            }
        }
        pairs.addAll(fields());
        return pairs;
    }

    private static List<Pair> numbersOfJava() {
        List<Pair> pairs = new ArrayList<>();
        for (Field field : LibCurl.class.getDeclaredFields()) {
            if (field.getName().startsWith("CURL")) {
                pairs.add(new Pair("LibCurl.java", field.getName(), value(field)));
            }
        }
        return pairs;
    }

    private static String value(Field field) {
        try {
            return field.get(null).toString();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Pair> fields() {
        String version = "curl_version_info_data";
        return List.of(
                new Pair("libcurl.h", "sizeof(CURLMsg)", "sizeof(struct our_pgnet_curl_message)"),
                field("libcurl.h", "CURLMsg", "msg", "pgnet_curl_message", "message"),
                field("libcurl.h", "CURLMsg", "easy_handle", "pgnet_curl_message", "easy"),
                field("libcurl.h", "CURLMsg", "data.result", "pgnet_curl_message", "data.result"),
                field("guard.c", "struct curl_sockaddr", "family", "curl_sockaddr", "family"),
                field("guard.c", "struct curl_sockaddr", "socktype", "curl_sockaddr", "socktype"),
                field("guard.c", "struct curl_sockaddr", "protocol", "curl_sockaddr", "protocol"),
                field("guard.c", "struct curl_sockaddr", "addrlen", "curl_sockaddr", "addrlen"),
                field("guard.c", "struct curl_sockaddr", "addr", "curl_sockaddr", "addr"),
                field("guard.c", "struct curl_tlssessioninfo", "backend", "curl_tlssessioninfo", "backend"),
                field("guard.c", "struct curl_tlssessioninfo", "internals", "curl_tlssessioninfo", "internals"),
                field("libcurl.c", version, "age", "VersionInfo", "age"),
                field("libcurl.c", version, "version", "VersionInfo", "version"),
                field("libcurl.c", version, "version_num", "VersionInfo", "version_num"),
                offset(version, "version", CurlLibrary.VERSION_OFFSET),
                offset(version, "version_num", CurlLibrary.VERSION_NUMBER_OFFSET),
                offset(version, "features", CurlLibrary.FEATURES_OFFSET));
    }

    private static Pair field(String place, String theirs, String theirField, String ours, String ourField) {
        return new Pair(
                place,
                "offsetof(" + theirs + ", " + theirField + ")",
                "offsetof(struct our_" + ours + ", " + ourField + ")");
    }

    private static Pair offset(String theirs, String theirField, long ours) {
        return new Pair("CurlLibrary.java", "offsetof(" + theirs + ", " + theirField + ")", "" + ours);
    }

    private static String program() throws IOException {
        StringBuilder program = new StringBuilder("#include <curl/curl.h>\n#include <stddef.h>\n#include <stdio.h>\n");
        program.append(struct(C_OF_WORKER.resolve("transfer/libcurl.h"), "pgnet_curl_message"));
        program.append(struct(C_OF_WORKER.resolve("guard/guard.c"), "curl_sockaddr"));
        program.append(struct(C_OF_WORKER.resolve("guard/guard.c"), "curl_tlssessioninfo"));
        program.append(struct(C_OF_SESSIONS.resolve("shared/libcurl.c"), "VersionInfo"));
        program.append("int main(void)\n{\nputs(LIBCURL_VERSION);\n");
        List<Pair> pairs = pairs();
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            program.append("#if LIBCURL_VERSION_NUM >= %d\n".formatted(pair.since()))
                    .append("printf(\"%%d %%lld %%lld\\n\", %d, (long long) (%s), (long long) (%s));\n"
                            .formatted(i, pair.theirs(), pair.ours()))
                    .append("#endif\n");
        }
        return program.append("return 0;\n}\n").toString();
    }

    /** The struct as the file defines it, by another name than the header's. */
    private static String struct(Path file, String name) throws IOException {
        Matcher struct = Pattern.compile("struct " + name + "\n(\\{.*?\n\\})", Pattern.DOTALL)
                .matcher(Files.readString(file));
        assertThat(struct.find()).as("%s in %s", name, file).isTrue();
        return "struct our_" + name + "\n" + struct.group(1) + ";\n";
    }

    private static List<Path> sources(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.filter(file -> file.toString().matches(".*\\.[ch]"))
                    .sorted()
                    .toList();
        }
    }

    /** What the compiler has to say; nothing when all went well. */
    private static String compile(String program) throws IOException, InterruptedException {
        Path source = Files.writeString(directory.resolve("program.c"), program);
        return output(List.of("cc", "-w", "-o", directory.resolve("program").toString(), source.toString()));
    }

    private static Answers run() throws IOException, InterruptedException {
        List<Pair> pairs = pairs();
        List<String> lines =
                output(List.of(directory.resolve("program").toString())).lines().toList();
        Map<Pair, long[]> values = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] numbers = line.split(" ");
            values.put(
                    pairs.get(Integer.parseInt(numbers[0])),
                    new long[] {Long.parseLong(numbers[1]), Long.parseLong(numbers[2])});
        }
        return new Answers(lines.get(0), values);
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }
}
