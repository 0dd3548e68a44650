package org.pgnet.jni;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.machine.Command;

/** psql as the readers of the pages use it: with its table formats, its commands, and the shell around it. */
final class Psql {
    private static final Path PROGRAM = Path.of(PgInstallation.shared().program("psql"));

    private final Path directory = PgInstallation.checkout();
    private final Map<String, String> environment = new HashMap<>();

    /** Of database postgres of a cluster, as superuser. */
    Psql(PgCluster cluster) {
        environment.put("PGHOST", "127.0.0.1");
        environment.put("PGPORT", "" + cluster.port());
        environment.put("PGUSER", "postgres");
        environment.put("PGDATABASE", "postgres");
        environment.put("PGTZ", "UTC");
        environment.put("PATH", PROGRAM.getParent() + ":" + System.getenv("PATH"));
    }

    /** What psql prints for one statement that somebody types. */
    String print(String statement) {
        return Command.run(directory, environment, List.of(PROGRAM.toString(), "-X", "-c", statement));
    }

    /** Runs a script, commands of psql included, and stops at the first error, which it throws. */
    void script(String text) {
        shell("psql -X -q -v ON_ERROR_STOP=1 <<'END_OF_SCRIPT'\n" + text + "\nEND_OF_SCRIPT\n");
    }

    /** Runs lines of a shell that call psql, and stops at the first error, which it throws. */
    void shell(String lines) {
        Command.run(directory, environment, List.of("sh", "-euc", lines));
    }
}
