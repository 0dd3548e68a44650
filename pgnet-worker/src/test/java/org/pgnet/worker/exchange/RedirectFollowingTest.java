package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.spi.IdRange;

class RedirectFollowingTest {
    private ScriptedServer other;
    private ScriptedServer server;
    private RunningWorker worker;

    @BeforeEach
    void start() throws IOException {
        other = ScriptedServer.of("from the other");
        server = ScriptedServer.answering((request, out) -> {
            String[] parts = request.target().split("\\?to=", 2);
            if (parts.length == 1) {
                ScriptedServer.respond(out, 200, "arrived");
            } else {
                int status = Integer.parseInt(parts[0].substring(1));
                ScriptedServer.respond(out, status, "moved", "Location: " + parts[1]);
            }
        });
        worker = new RunningWorker();
    }

    @AfterEach
    void stop() throws IOException {
        worker.close();
        server.close();
        other.close();
    }

    @ParameterizedTest
    @CsvSource({
        "301, POST, GET", "302, POST, GET", "303, POST, GET", "307, POST, POST", "308, POST, POST",
        "301, DELETE, DELETE", "303, DELETE, GET", "302, GET, GET", "303, HEAD, HEAD", "308, PUT, PUT"
    })
    void redirectIsFollowedWithTheRightMethodAndBody(int status, String method, String next) {
        String body = method.equals("POST") || method.equals("PUT") ? "payload" : "";
        MemoryStore.Stored response = worker.exchange(
                method,
                server.url("/" + status + "?to=/end"),
                "{\"Content-Type\": \"text/x\", \"A\": \"b\"}",
                body,
                5_000);

        assertThat(response.status()).as(response.error()).isEqualTo(200);
        assertThat(response.headersJson()).doesNotContain("Location");
        ScriptedServer.Request last = server.requests().get(1);
        assertThat(last.target()).isEqualTo("/end");
        assertThat(last.method()).isEqualTo(next);
        assertThat(last.headerLines()).contains("A: b");
        if (next.equals(method)) {
            assertThat(last.text()).isEqualTo(body);
            assertThat(last.headerLines()).contains("Content-Type: text/x");
        } else {
            assertThat(last.body()).isEmpty();
            assertThat(last.headerLines()).noneMatch(line -> line.startsWith("Content-"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 304, 305})
    void otherStatusWithALocationIsTheResponse(int status) throws IOException {
        try (ScriptedServer odd = ScriptedServer.answering((request, out) -> out.write(("HTTP/1.1 " + status
                        + " X\r\nLocation: /x\r\n" + (status == 304 ? "" : "Content-Length: 0\r\n") + "\r\n")
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII)))) {
            assertThat(worker.get(odd.url("/")).status()).isEqualTo(status);
        }
    }

    @Test
    void redirectWithoutLocationIsTheResponse() throws IOException {
        try (ScriptedServer odd =
                ScriptedServer.answering((request, out) -> ScriptedServer.respond(out, 302, "nowhere"))) {
            MemoryStore.Stored response = worker.get(odd.url("/"));
            assertThat(response.status()).isEqualTo(302);
            assertThat(response.content()).isEqualTo("nowhere");
        }
    }

    @Test
    void secretsDoNotReachAnotherOriginAndDoNotComeBack() throws IOException {
        String headers = "{\"Authorization\": \"s1\", \"Cookie\": \"s2\", \"X-Api-Key\": \"s3\", \"A\": \"b\","
                + " \"Host\": \"virtual.test\"}";
        try (ScriptedServer back = ScriptedServer.answering(
                (request, out) -> ScriptedServer.respond(out, 307, "", "Location: " + server.url("/home")))) {
            String url = server.url("/307?to=" + back.url("/"));
            assertThat(worker.exchange("POST", url, headers, "x", 5_000).content())
                    .isEqualTo("arrived");

            assertThat(server.requests().get(0).headerLines()).contains("Authorization: s1", "Host: virtual.test");
            for (ScriptedServer.Request later :
                    List.of(back.requests().get(0), server.requests().get(1))) {
                assertThat(later.headerLines())
                        .contains("A: b")
                        .noneMatch(line -> line.matches("(Authorization|Cookie|X-Api-Key): .*"))
                        .doesNotContain("Host: virtual.test");
            }
        }
    }

    @Test
    void secretsStayWithinTheOrigin() {
        worker.exchange("GET", server.url("/302?to=/end"), "{\"Authorization\": \"s1\"}", "", 5_000);

        assertThat(server.requests().get(1).headerLines()).contains("Authorization: s1");
    }

    private static String withUser(String url) {
        return url.replaceFirst("//", "//us%20er:p%40ss@");
    }

    private static final String BASIC_OF_USER = "Authorization: Basic dXMgZXI6cEBzcw==";

    @Test
    void credentialsOfTheUrlFollowARedirectWithinTheOrigin() {
        for (String location : List.of(server.url("/end"), server.url("/end").substring("http:".length()), "/end")) {
            assertThat(worker.get(withUser(server.url("/302?to=" + location))).content())
                    .isEqualTo("arrived");
        }
        assertThat(worker.get(withUser(server.url("/302?to=" + server.url("/307?to=" + server.url("/end")))))
                        .content())
                .isEqualTo("arrived");
        assertThat(server.requests())
                .hasSize(9)
                .allMatch(request -> request.headerLines().contains(BASIC_OF_USER));
    }

    @Test
    void credentialsOfALocationGoBeforeThoseOfTheUrl() {
        worker.get(withUser(server.url("/302?to=" + server.url("/end").replace("//", "//other@"))));

        assertThat(server.requests().get(1).headerLines()).contains("Authorization: Basic b3RoZXI6");
    }

    @Test
    void credentialsOfTheUrlDoNotReachAnotherOriginAndDoNotComeBack() throws IOException {
        try (ScriptedServer back = ScriptedServer.answering(
                (request, out) -> ScriptedServer.respond(out, 307, "", "Location: " + server.url("/home")))) {
            String elsewhere = back.url("/");
            for (String location : List.of(elsewhere, elsewhere.substring("http:".length()))) {
                assertThat(worker.get(withUser(server.url("/307?to=" + location)))
                                .content())
                        .isEqualTo("arrived");
            }
            assertThat(back.requests()).hasSize(2);
            assertThat(server.requests()).hasSize(4);
            for (ScriptedServer.Request later : List.of(
                    back.requests().get(0),
                    back.requests().get(1),
                    server.requests().get(1),
                    server.requests().get(3))) {
                assertThat(later.headerLines()).noneMatch(line -> line.startsWith("Authorization"));
            }
        }
    }

    @Test
    void thirtyRedirectsAreFollowedAndNotOneMore() throws IOException {
        try (ScriptedServer chain = ScriptedServer.answering((request, out) -> {
            int left = Integer.parseInt(request.target().substring(1));
            if (left == 0) {
                ScriptedServer.respond(out, 200, "arrived");
            } else {
                ScriptedServer.respond(out, 302, "", "Location: /" + (left - 1));
            }
        })) {
            assertThat(worker.get(chain.url("/30")).content()).isEqualTo("arrived");
            assertThat(worker.get(chain.url("/31")).error()).isEqualTo("Number of redirects hit maximum amount");
            assertThat(chain.requests()).hasSize(62);
        }
    }

    @Test
    void redirectToAnotherSchemeIsAnErrorRow() {
        assertThat(worker.get(server.url("/302?to=file:///etc/passwd")).error()).isEqualTo("Unsupported protocol");
    }

    @Test
    void redirectsToAFullHostWaitForTheirTurn() {
        int count = 40;
        MemoryStore store = new MemoryStore();
        for (int i = 0; i < count; i++) {
            store.insertGet(server.url("/302?to=" + other.url("/x")));
        }
        try (RunningWorker narrow = new RunningWorker(
                store, MemorySettings.of("pg_net.batch_size", 20, "pg_net.max_connections_per_host", 2))) {
            narrow.await(() -> store.responses().size() == count, "responses");
            assertThat(store.responses().values()).allMatch(r -> r.content().equals("from the other"));
            assertThat(other.connections()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void memoryOfLongUrlsIsFreeAgainWhenTheirRequestsHaveEnded() throws IOException {
        String padding = "x".repeat(40_000);
        try (ScriptedServer lengthening = ScriptedServer.answering((request, out) -> {
            if (request.target().length() > 40_000) {
                ScriptedServer.respond(out, 200, "arrived");
            } else {
                ScriptedServer.respond(out, 302, "", "Location: /" + padding);
            }
        })) {
            // Together 20 MB: more than twice as much as may be taken at a time.
            IdRange ids = worker.store.insertGets(lengthening.url("/"), 500);
            worker.host.commit(ids);
            worker.await(() -> worker.store.queued() == 0, "empty queue");
            MemoryStore.Stored last = worker.get(lengthening.url("/"));

            assertThat(last.content()).as(last.error()).isEqualTo("arrived");
        }
    }
}
