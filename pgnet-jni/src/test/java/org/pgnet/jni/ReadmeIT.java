package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.session.Session;

/** What a stranger pastes from README.md works as it stands there, but for the hosts. */
@PgNetTest(extension = false)
class ReadmeIT {
    private static final int MOST_LINES = 150;

    @Given
    private static Session session;

    @Test
    void itsStatementsWork() throws SQLException, IOException {
        try (ScriptedServer server = ScriptedServer.of("ok")) {
            List<String> blocks = Page.of("../README.md").sql(server).stream()
                    .map(block -> block.replace("http://127.0.0.1:8080", server.url("")))
                    .toList();
            assertThat(blocks).hasSize(4);
            session.execute(blocks.get(3), "create table public.orders (id int primary key)");

            session.execute(blocks.get(0));
            assertThat(server.requests()).hasSize(1);

            session.execute(blocks.get(1));
            session.execute("insert into orders values (1)");
            session.await("select count(*) from net.requests where state = 'succeeded'", "3", Duration.ofSeconds(20));

            session.execute(blocks.get(2));
            session.execute("insert into orders values (2)");
            session.await("select count(*) from net.requests where state = 'succeeded'", "5", Duration.ofSeconds(20));
            assertThat(server.requests()).hasSize(5);
            assertThat(session.column("select finding from net.doctor() where severity <> 'advice'"))
                    .isEmpty();
        }
    }

    @Test
    void itIsShort() throws IOException {
        assertThat(Files.readAllLines(PgInstallation.checkout().resolve("README.md")))
                .hasSizeLessThan(MOST_LINES);
    }
}
