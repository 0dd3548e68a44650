package org.pgnet.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.MountableFile;

/** The life of the Debian package on one machine that has PostgreSQL and no Java yet. */
@Testcontainers(disabledWithoutDocker = true)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DebianPackageIT {
    private static final String DEB = "/pgnet.deb";

    /** All there is, but for what apt and dpkg note down for themselves, with what tells a changed file. */
    private static final String LIST_FILES = "find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /tmp"
            + " -o -path /run -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/log -o -path /var/cache \\)"
            + " -prune -o \\( -type d -printf '%p\\n' -o -printf '%p %s %T@ %l\\n' \\) | sort";

    private static Set<String> filesBefore;

    @Container
    private static final GenericContainer<?> MACHINE = Images.base()
            .withCopyFileToContainer(MountableFile.forHostPath(System.getProperty("deb")), DEB)
            .withEnv("DEBIAN_FRONTEND", "noninteractive")
            .withCommand("sleep", "infinity");

    @BeforeAll
    static void installWhatItDependsOn() throws Exception {
        run("apt-get update -q");
        // Named one by one, as the package names them, so that only its own files are new afterwards.
        run("apt-get install -q -y --no-install-recommends default-jre-headless $(apt-cache show libcurl4t64"
                + " >/dev/null 2>&1 && echo libcurl4t64 || echo libcurl4)");
        filesBefore = files();
    }

    @Test
    @Order(1)
    void installationEndsWithTheLinesToAdd() throws Exception {
        String said = run("apt-get install -q -y --no-install-recommends " + DEB);
        // What dpkg says ends its lines as on a terminal, and other packages' triggers may speak after it.
        assertThat(said.replace("\r", "").replaceFirst("(?s)\\nProcessing triggers for .*", ""))
                .endsWith("\nshared_preload_libraries = 'pg_net'\npg_net.database_name = 'postgres'\n"
                        + "CREATE EXTENSION pg_net;");
    }

    @Test
    @Order(2)
    void installedFilesAreAsPackaged() throws Exception {
        assertThat(run("dpkg --verify \"$(dpkg-deb -f " + DEB + " Package)\"")).isEmpty();
    }

    @Test
    @Order(3)
    void serverWithTheseLinesSendsRequests() throws Exception {
        String data = "/tmp/data";
        asPostgres("initdb -D " + data);
        asPostgres("printf '%s\\n' \"shared_preload_libraries = 'pg_net'\" \"pg_net.database_name = 'postgres'\" >>"
                + data + "/postgresql.conf");
        asPostgres("pg_ctl -D " + data + " -l /tmp/log -w start");
        asPostgres("psql -X -c 'CREATE EXTENSION pg_net'");
        asPostgres("psql -X -c 'SELECT net.wait_until_running()'");
        asPostgres("psql -X -c \"SELECT net.http_get('http://127.0.0.1:9/')\"");
        // Nobody listens there, which the worker must find out.
        String answer = asPostgres("psql -X -At -c 'SELECT status, message FROM net.http_collect_response(1, false)'");
        String archives = asPostgres("grep -hso '[^/]*\\.jsa$' /proc/[0-9]*/maps | sort -u");
        asPostgres("pg_ctl -D " + data + " -m fast -w stop");
        run("rm -rf /tmp/data /tmp/log");

        assertThat(answer).startsWith("ERROR|").containsIgnoringCase("connect to");
        assertThat(archives).contains("pgnet.jsa");
    }

    @Test
    @Order(4)
    void linkToJavaIsRenewedWhenJavaChanges() throws Exception {
        String link = "/usr/lib/postgresql/*/lib/pg_net/libjvm.so";
        run("rm " + link + " && dpkg-trigger --by-package=test --no-await /usr/lib/jvm && dpkg --triggers-only -a");
        assertThat(run("readlink -e " + link)).endsWith("/lib/server/libjvm.so");
    }

    @Test
    @Order(5)
    void purgeLeavesNothing() throws Exception {
        run("apt-get purge -q -y \"$(dpkg-deb -f " + DEB + " Package)\"");
        Set<String> more = files();
        Set<String> fewer = new TreeSet<>(filesBefore);
        fewer.removeAll(more);
        more.removeAll(filesBefore);
        assertThat(more).isEmpty();
        assertThat(fewer).isEmpty();
    }

    private static Set<String> files() throws Exception {
        return new TreeSet<>(run(LIST_FILES).lines().toList());
    }

    private static String asPostgres(String command) throws Exception {
        return run("cd /tmp && setpriv --reuid=postgres --regid=postgres --init-groups sh -ec '"
                + command.replace("'", "'\\''") + "'");
    }

    /** What the command prints; it must succeed. */
    private static String run(String command) throws Exception {
        ExecResult result = MACHINE.execInContainer("sh", "-ec", command);
        assertThat(result.getExitCode())
                .as("%s%n%s%n%s", command, result.getStdout(), result.getStderr())
                .isZero();
        return result.getStdout().strip();
    }
}
