package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.session.Session;

/** Whatever mallory leaves on a connection, alice's requests and answers never meet it. */
@PgNetTest(sql = {"CREATE ROLE alice LOGIN", "CREATE ROLE mallory LOGIN", "GRANT CREATE ON SCHEMA public TO alice"})
class ConnectionOwnerIT {
    @Given(role = "alice")
    private static Session alice;

    @Given(role = "mallory")
    private static Session mallory;

    private static CarelessServer echo() {
        return CarelessServer.start((number, head, out) -> {
            CarelessServer.ok(out, "you asked " + head.split(" ")[1]);
            return true;
        });
    }

    private static String asAlice(CarelessServer server) throws SQLException {
        return alice.collect(alice.number("SELECT net.http_get('" + server.url("/of-alice")
                + "', headers := '{\"Authorization\": \"Bearer of alice\"}')"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE", "OPTIONS", "PURGE", "POST", "PUT", "PATCH"})
    void bodyThatTheServerDoesNotReadTakesNoRequestOfAnother(String method) throws SQLException, IOException {
        try (CarelessServer server = echo()) {
            String body = "E'POST /store HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 110\\r\\n\\r\\n'::text";
            long hers = mallory.number("SELECT net.request('" + server.url("/first") + "', method := '" + method
                    + "', body_text := " + body + ")");
            assertThat(mallory.collect(hers)).startsWith("SUCCESS");

            assertThat(asAlice(server)).contains("you asked /of-alice");
            mallory.collect(mallory.get(server.url("/after")));

            assertThat(server.stored()).noneMatch(text -> text.contains("of alice"));
            assertThat(server.requests("/of-alice")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"HEAD, 200 OK, 6", "GET, 204 No Content, 0", "GET, 200 OK, 0"})
    void answerThatIsLeftOverIsNotThatOfAnother(String method, String status, int length)
            throws SQLException, IOException {
        String forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
        try (CarelessServer server = CarelessServer.start((number, head, out) -> {
            if (head.contains(" /first ")) {
                String declared = "Content-Length: " + length + "\r\n";
                CarelessServer.write(out, "HTTP/1.1 " + status + "\r\n" + declared + "\r\n");
                CarelessServer.write(out, forged);
            } else {
                CarelessServer.ok(out, "honest");
            }
            return true;
        })) {
            long hers =
                    mallory.number("SELECT net.request('" + server.url("/first") + "', method := '" + method + "')");
            assertThat(mallory.collect(hers)).startsWith("SUCCESS");

            assertThat(asAlice(server)).contains("honest");
        }
    }

    @Test
    void eachRoleHasConnectionsOfItsOwnAndUsesThemAgain() throws SQLException, IOException {
        try (CarelessServer server = CarelessServer.start((number, head, out) -> {
            CarelessServer.ok(out, "request " + number);
            return true;
        })) {
            for (int i = 1; i <= 3; i++) {
                for (Session role : List.of(alice, mallory)) {
                    assertThat(role.collect(role.get(server.url("/")))).contains("request " + i);
                }
            }
        }
    }

    @Test
    void requestOfASecurityDefinerFunctionIsOnAConnectionOfTheFunctionsOwner() throws SQLException, IOException {
        try (CarelessServer server = CarelessServer.start((number, head, out) -> {
            CarelessServer.ok(out, "request " + number);
            return true;
        })) {
            alice.execute(
                    "CREATE OR REPLACE FUNCTION public.call_as_alice(url text) RETURNS bigint LANGUAGE sql"
                            + " SECURITY DEFINER AS 'SELECT net.http_get(url)'",
                    "GRANT EXECUTE ON FUNCTION public.call_as_alice(text) TO mallory");
            assertThat(mallory.collect(mallory.get(server.url("/")))).contains("request 1");

            long id = mallory.number("SELECT public.call_as_alice('" + server.url("/") + "')");
            assertThat(alice.collect(id)).contains("request 1");
            assertThat(alice.collect(alice.get(server.url("/")))).contains("request 2");
        }
    }
}
