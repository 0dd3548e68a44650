package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgnet.testkit.http.ScriptedServer.respond;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.session.Session;

/** The recording in README.md is a session of psql as it is now; {@code -Dpictures=true} records it anew. */
@PgNetTest(extension = false)
class FirstStatementsIT {
    private static final Path PICTURE = PgInstallation.checkout().resolve("docs/pictures/first-statements.svg");

    /** What differs from one session to the next. */
    private static final String KEY = "whsec_[A-Za-z0-9+/]{43}=";

    private static final String MOMENT = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+00";

    @Given
    private static PgCluster cluster;

    @Given
    private static Session session;

    @Test
    void recordingShowsWhatPsqlPrints() throws SQLException, IOException {
        String picture;
        try (ScriptedServer server = ScriptedServer.answering((request, out) -> respond(out, 503, "busy"))) {
            picture = record(server);
        }

        if (Boolean.getBoolean("pictures")) {
            Files.writeString(PICTURE, picture);
        }
        assertThat(sameAnyTime(picture)).contains("whsec_(", "next at (");
        assertThat(sameAnyTime(picture)).isEqualTo(sameAnyTime(Files.readString(PICTURE)));
    }

    private static String record(ScriptedServer server) throws SQLException, IOException {
        session.execute("CREATE EXTENSION pg_net", "CREATE TABLE public.orders (id int PRIMARY KEY)");
        Psql psql = new Psql(cluster);
        Page lines = Page.of("../README.md").section("## Three lines");
        String shown = lines.sql().get(0);
        String run = lines.sql(server).get(0);
        List<TerminalPicture.Typed> typed = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            if (i == 2) {
                session.await("SELECT count(*) FROM net.requests WHERE state = 'retrying'", 1);
            }
            typed.add(new TerminalPicture.Typed(shown.split("\n")[i], psql.print(run.split("\n")[i])));
        }
        return TerminalPicture.of(
                "The first three statements, in psql",
                "net.request returns the request id 1. net.create_webhook returns a key to verify signatures with. net.requests"
                        + " says that the first attempt failed with status 503, and when the next one is.",
                typed);
    }

    private static String sameAnyTime(String picture) {
        return picture.replaceAll(KEY, "whsec_(a key)").replaceAll(MOMENT, "(a moment)");
    }
}
