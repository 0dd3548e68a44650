package org.pgnet.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.ScriptedServer;

/** A page of {@code docs}, with the SQL that its readers paste. */
record Page(String text) {
    private static final Pattern SQL = Pattern.compile("(?s)```sql\n(.*?)```");

    /** The hosts that a page names for the reader to replace. */
    private static final String EXAMPLE_HOST = "[a-z]+\\.example\\.com";

    static Page of(String name) throws IOException {
        return new Page(
                Files.readString(PgInstallation.checkout().resolve("docs").resolve(name)));
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

    /** The blocks of SQL, with this server in the place of the hosts. */
    List<String> sql(ScriptedServer server) {
        return SQL.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .map(block -> block.replaceAll("https://" + EXAMPLE_HOST, server.url(""))
                        .replaceAll(EXAMPLE_HOST, "127.0.0.1"))
                .toList();
    }
}
