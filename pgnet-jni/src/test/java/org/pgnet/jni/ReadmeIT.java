package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.session.Session;

/** What a stranger pastes from README.md works as it stands there, but for the hosts. */
@PgNetTest(extension = false)
class ReadmeIT {
    private static final int MOST_LINES = 150;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void itsStatementsWork() throws SQLException, IOException {
        try (ScriptedServer server = ScriptedServer.answering(ReadmeIT::echo)) {
            List<String> blocks = Page.of("../README.md").sql(server).stream()
                    .map(block -> block.replace("http://127.0.0.1:8080", server.url("")))
                    .toList();
            assertThat(blocks).hasSize(4);
            session.execute(blocks.get(3), "create table public.orders (id int primary key)");

            String printed = new Psql(cluster).print(blocks.get(0)).replaceAll(" +\n", "\n");
            assertThat(Page.of("../README.md").text()).contains("```\n" + printed.stripTrailing() + "\n```");
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

    /** As docs/demo/EchoServer.java does, which is beside the database in the demo and in the image. */
    private static void echo(ScriptedServer.Request request, OutputStream out) throws IOException {
        String asked = "{\"you_asked\": \"" + request.method() + " " + request.target() + "\"}";
        ScriptedServer.respond(out, 200, asked, "Content-Type: application/json");
    }

    @Test
    void itIsShort() throws IOException {
        assertThat(Files.readAllLines(PgInstallation.checkout().resolve("README.md")))
                .hasSizeLessThan(MOST_LINES);
    }
}
