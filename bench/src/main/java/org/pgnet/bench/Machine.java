package org.pgnet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;

/** What the measurements ran on. */
final class Machine {
    private Machine() {}

    /** Two sentences: hardware, and versions of the software that takes part. */
    static String description() throws IOException {
        return "%s: %d processors (%s), %s of memory, %s, Linux %s.\n%s, Java %s, libcurl %s, %s, %s."
                .formatted(
                        LocalDate.now(),
                        Runtime.getRuntime().availableProcessors(),
                        value("/proc/cpuinfo", "model name"),
                        gigabytes(value("/proc/meminfo", "MemTotal")),
                        value("/etc/os-release", "PRETTY_NAME").replace("\"", ""),
                        System.getProperty("os.version").replaceFirst("-.*", ""),
                        output(PgInstallation.shared().program("postgres"), "--version")
                                .replaceFirst("postgres \\(PostgreSQL\\) ([0-9.]+).*", "PostgreSQL $1"),
                        System.getProperty("java.version"),
                        output("curl-config", "--version").replaceFirst("libcurl ", ""),
                        Nginx.version(),
                        "wrk " + wrkVersion());
    }

    /** The first value of a name in a file of lines {@code name: value} or {@code name=value}. */
    private static String value(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceFirst("^[^:=]*[:=]\\s*", ""))
                .findFirst()
                .orElse("unknown");
    }

    private static String gigabytes(String kilobytes) {
        return "%.0f GB".formatted(Double.parseDouble(kilobytes.replaceAll("[^0-9]", "")) / (1 << 20));
    }

    /** wrk says its version and fails. */
    private static String wrkVersion() {
        return output("sh", "-c", "wrk -v 2>/dev/null || :").replaceFirst("(?s)wrk (?:debian/)?([^ ]+) .*", "$1");
    }

    private static String output(String... command) {
        return Command.run(Path.of("/"), Map.of(), List.of(command)).strip();
    }
}
