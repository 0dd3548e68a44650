package org.pgnet.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.ScriptedServer;

/** A page of {@code docs}, with the SQL that its readers paste. */
record Page(String text) {
    private static final Pattern SQL = Pattern.compile("(?s)```sql\n(.*?)```");
    private static final Pattern SH = Pattern.compile("(?s)```sh\n(.*?)```");

    /** The hosts that a page names for the reader to replace. */
    private static final String EXAMPLE_HOST = "[a-z]+\\.example\\.com";

    static Page of(String name) throws IOException {
        return new Page(
                Files.readString(PgInstallation.checkout().resolve("docs").resolve(name)));
    }

    /** All pages of the project, by their paths in the checkout. */
    static List<String> all() throws IOException {
        Path checkout = PgInstallation.checkout();
        List<String> pages = new ArrayList<>();
        for (String directory : List.of("", "docs", "docker", "pgnet-pljava")) {
            try (Stream<Path> files = Files.list(checkout.resolve(directory))) {
                files.map(file -> checkout.relativize(file).toString())
                        .filter(file -> file.endsWith(".md"))
                        .sorted()
                        .forEach(pages::add);
            }
        }
        return pages;
    }

    /** What is below a heading, up to the next one of its level or a higher one. */
    Page section(String heading) {
        String level = heading.substring(0, heading.indexOf(' '));
        int start = text.indexOf("\n" + heading + "\n");
        if (start < 0) {
            throw new AssertionError("no heading " + heading);
        }
        String rest = text.substring(start + heading.length() + 2);
        return new Page(Pattern.compile("(?m)^#{2," + level.length() + "} ").split(rest, 2)[0]);
    }

    /** The headings of a level, {@code ###} for example, as they are written. */
    List<String> headings(String level) {
        return text.lines().filter(line -> line.startsWith(level + " ")).toList();
    }

    /** The blocks of SQL, as they stand there. */
    List<String> sql() {
        return blocks(SQL);
    }

    /** The blocks of commands for a shell. */
    List<String> commands() {
        return blocks(SH);
    }

    /** The same, with this server in the place of the hosts. */
    List<String> sql(ScriptedServer server) {
        return sql().stream()
                .map(block -> block.replaceAll("https://" + EXAMPLE_HOST, server.url(""))
                        .replaceAll(EXAMPLE_HOST, "127.0.0.1"))
                .toList();
    }

    private List<String> blocks(Pattern language) {
        return language.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
