package org.pgnet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.pgnet.testkit.cluster.PgInstallation;

/** {@code docs/benchmarks.md}: what is between its two marks is written by a run, the rest by hand. */
final class Page {
    private static final Path PAGE = PgInstallation.checkout().resolve("docs/benchmarks.md");
    private static final String BEGIN = "<!-- from make bench: -->\n";
    private static final String END = "<!-- to here -->\n";

    private Page() {}

    /** The table and what belongs to it, in Markdown. */
    static String generated(List<Row> rows, List<String> below, Duration took) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append(Machine.description())
                .append("\nThe run took ")
                .append(took.toSeconds() / 60 + 1)
                .append(" minutes.\n\n");
        text.append("| what | pg_net | reference | ratio | must reach | met | pg_net 0.20.4 |\n");
        text.append("| --- | --- | --- | --- | --- | --- | --- |\n");
        rows.forEach(row -> text.append(line(row)).append('\n'));
        below.forEach(markdown -> text.append('\n').append(markdown));
        return text.toString();
    }

    static String line(Row row) {
        return String.join(
                " | ",
                "| " + row.what(),
                row.figure(),
                row.reference(),
                row.ratio(),
                row.bound(),
                row.met(),
                row.before() + " |");
    }

    static void write(String generated) throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        Files.writeString(PAGE, page.substring(0, begin) + generated + page.substring(end));
    }
}
