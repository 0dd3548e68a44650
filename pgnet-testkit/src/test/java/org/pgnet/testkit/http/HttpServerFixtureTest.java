package org.pgnet.testkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpServerFixtureTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpServerFixture server;

    @BeforeEach
    void start() {
        server = HttpServerFixture.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void requestsAreRememberedByTheirId() throws Exception {
        get("/get?id=1");
        get("/get?id=1");
        get("/get?id=2");

        assertThat(server.received("1")).hasSize(2);
        assertThat(server.received("2")).hasSize(1);
        assertThat(server.received("3")).isEmpty();
        assertThat(server.requests()).isEqualTo(3);
    }

    @Test
    void connectionIsKept() throws Exception {
        get("/get");
        get("/get");

        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void postIsEchoed() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/post?id=p")))
                .header("Content-Type", "text/x-test")
                .POST(BodyPublishers.ofString("grüße"))
                .build();

        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());

        assertThat(response.body()).isEqualTo("grüße");
        assertThat(response.headers().firstValue("content-type")).contains("text/x-test");
        assertThat(server.received("p").get(0).text()).isEqualTo("grüße");
    }

    @Test
    void statusIsAsAsked() throws Exception {
        assertThat(get("/status/404").statusCode()).isEqualTo(404);
        assertThat(get("/status/204").body()).isEmpty();
    }

    @Test
    void handlerReplacesTheAnswer() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        server.handle("/turns", request -> Optional.of(Reply.text(200, "turn " + calls.incrementAndGet())));

        assertThat(get("/turns").body()).isEqualTo("turn 1");
        assertThat(get("/turns?again").body()).isEqualTo("turn 2");
    }

    @Test
    void droppedRequestGetsNoAnswer() {
        assertThatThrownBy(() -> get("/drop")).isInstanceOf(IOException.class);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(server.url(path))).build(), BodyHandlers.ofString());
    }
}
