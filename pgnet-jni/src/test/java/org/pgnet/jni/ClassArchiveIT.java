package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.session.Session;

/**
 * A worker has its classes from the class-data archive up to its first response: each that is not there costs every start of a
 * worker up to a millisecond. A class that is missing belongs into {@link Rehearsal}.
 */
@PgNetTest(
        cluster = Sharing.WITH_NONE,
        settings = "pg_net.jvm_options = '-Xlog:class+load:file=" + ClassArchiveIT.LOG + "'")
class ClassArchiveIT {
    static final String LOG = "classes.log";

    /** What the JVM makes by itself at each start, and no archive holds: proxies, and forms of method handles and constructors. */
    private static final String MADE_AT_EACH_START =
            "(?!.* org\\.pgnet\\.).* source: (__dynamic_proxy__|__JVM_LookupDefineClass__|__ClassDefiner__)";

    @Given
    private PgCluster cluster;

    @Given
    private Session session;

    @Given
    private HttpServerFixture http;

    @Test
    void everyClassOfAFirstRequestIsInTheArchive() throws IOException, SQLException {
        assumeThat(PgInstallation.shared().libraryDirectory().resolve("pg_net/pgnet.jsa"))
                .exists();

        session.collect(session.get(http.url("/get")));

        try (Stream<String> loaded = Files.lines(cluster.data().resolve(LOG))) {
            assertThat(loaded.filter(line -> !line.matches(MADE_AT_EACH_START)))
                    .hasSizeGreaterThan(500)
                    .allMatch(line -> line.contains("shared objects file"));
        }
    }
}
