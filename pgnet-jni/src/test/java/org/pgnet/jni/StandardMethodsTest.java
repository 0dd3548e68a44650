package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The standard methods of HTTP are written in capitals, however the caller wrote them: by the SQL function, by PL/Java's, and
 * by the worker, for rows that were inserted without either. The modules know nothing of each other, so each has the list; all
 * must be that of the SQL function.
 */
class StandardMethodsTest {
    /** The directory of this module is where its tests run. */
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    private static final Pattern METHOD = Pattern.compile("GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE");

    private static final Pattern LIST =
            Pattern.compile("(?:\"?(?:%1$s)\"?,\\s*){3,}\"?(?:%1$s)\\b".formatted(METHOD.pattern()));

    @Test
    void everyListIsTheSqlFunctions() throws IOException {
        Map<String, Set<String>> lists = lists();

        assertThat(lists).containsOnlyKeys("request_function.c", "Exchange.java", "RequestQueue.java");
        assertThat(lists.get("request_function.c")).hasSizeGreaterThan(5);
        assertThat(lists.values()).containsOnly(lists.get("request_function.c"));
    }

    /** By the name of the file; what a file lists more than once is put together. */
    private static Map<String, Set<String>> lists() throws IOException {
        Map<String, Set<String>> lists = new TreeMap<>();
        try (Stream<Path> files = Files.walk(CHECKOUT)) {
            for (Path file : files.filter(StandardMethodsTest::isSource).toList()) {
                Matcher list = LIST.matcher(Files.readString(file));
                while (list.find()) {
                    METHOD.matcher(list.group())
                            .results()
                            .forEach(method -> lists.computeIfAbsent(
                                            file.getFileName().toString(), name -> new TreeSet<>())
                                    .add(method.group()));
                }
            }
        }
        return lists;
    }

    private static boolean isSource(Path file) {
        String path = CHECKOUT.relativize(file).toString();
        return path.matches("pgnet-[a-z]*/src/main/.*\\.(java|c|h)|pgnet-sql/[^/]*\\.sql");
    }
}
