package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.http.ScriptedServer;

/** What goes out. */
class RequestTest extends LoopTest {

    private String url = "";

    @BeforeEach
    void serve() {
        url = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }

    private ScriptedServer.Request sent(Transfer transfer) {
        assertThat(send(transfer).errorText()).isEmpty();
        return server.requests().get(server.requests().size() - 1);
    }

    /** Releases from 8.13 to 8.21 would send the request without it, an Authorization for example. */
    @Test
    void headerIsSentHoweverLongItIsOrTheRequestIsRefused() {
        String value = "x".repeat(1_000_000);

        Received received =
                send(get(server.on("/long", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "X-A: " + value));

        if (CurlLibrary.leavesOutLongHeaders()) {
            assertThat(received.errorText()).startsWith("a request header is longer than 300 kB, and libcurl 8.");
            assertThat(server.requests()).isEmpty();
        } else {
            assertThat(received.errorText()).isEmpty();
            assertThat(server.requests().get(0).values("X-A")).containsExactly(value);
        }
    }

    @Test
    void methodUrlAndHeadersAreSentAsWritten() {
        ScriptedServer.Request request = sent(get(url + "?q=a%20b", "X-One: 1", "x-two: zwei"));
        assertThat(request.line()).isEqualTo("GET /?q=a%20b HTTP/1.1");
        assertThat(request.headerLines()).contains("X-One: 1", "x-two: zwei");
        assertThat(request.values("User-Agent")).isEmpty();
        assertThat(request.values("Accept-Encoding")).isEmpty();
    }

    @Test
    void aHeaderThatComesTwiceIsSentTwiceInOrder() {
        assertThat(sent(get(url, "X-Tag: b", "X-Tag: a")).values("X-Tag")).containsExactly("b", "a");
    }

    @Test
    void anEmptyHeaderIsSentWithASemicolonAndSuppressedWithAColon() {
        ScriptedServer.Request request = sent(get(url, "X-Empty;", "Accept:"));
        assertThat(request.headerLines()).contains("X-Empty:");
        assertThat(request.values("Accept")).isEmpty();
    }

    @Test
    void textGoesOutAsUtf8WhateverThePlatformsEncodingIs() {
        String header =
                sent(get(url, "X-Name: J\u00fcrgen \u4e2d")).values("X-Name").get(0);
        assertThat(new String(header.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
                .isEqualTo("J\u00fcrgen \u4e2d");
    }

    @Test
    void aBodyIsSentWithItsLengthWhateverTheMethod() {
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "GET", "PURGE")) {
            ScriptedServer.Request request = sent(transfer(method, url, body("b\u00f6dy"), "Content-Type: text/plain"));
            assertThat(request.line()).startsWith(method + " ");
            assertThat(request.body()).isEqualTo("b\u00f6dy".getBytes(StandardCharsets.UTF_8));
            assertThat(request.values("Content-Type")).containsExactly("text/plain");
        }
    }

    @Test
    void anEmptyBodyIsLengthZeroForPostPutPatchAndNothingElsewhere() {
        for (String method : List.of("POST", "PUT", "PATCH")) {
            assertThat(sent(transfer(method, url, NativeBytes.empty())).values("Content-Length"))
                    .containsExactly("0");
        }
        for (String method : List.of("GET", "DELETE", "OPTIONS", "PURGE")) {
            assertThat(sent(transfer(method, url, NativeBytes.empty())).values("Content-Length"))
                    .isEmpty();
        }
    }

    @Test
    void contentTypeIsTheCallersOrNone() {
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "GET")) {
            assertThat(sent(transfer(method, url, body("a=b"))).values("Content-Type"))
                    .as(method)
                    .isEmpty();
            assertThat(sent(transfer(method, url, NativeBytes.empty())).values("Content-Type"))
                    .as(method)
                    .isEmpty();
            assertThat(sent(transfer(method, url, NativeBytes.empty(), "content-TYPE: a/b"))
                            .values("Content-Type"))
                    .as(method)
                    .containsExactly("a/b");
        }
    }

    @Test
    void urlIsSentInAscii() {
        server.on("/%C3%A9", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(sent(get(url + "\u00e9?q=\u65e5#x")).line()).isEqualTo("GET /%C3%A9?q=%E6%97%A5 HTTP/1.1");
    }

    @Test
    void nothingOfARequestLeaksIntoTheNextOnTheSameHandle() {
        sent(transfer("POST", url, body("secret"), "Authorization: Bearer x", "Accept-Encoding: gzip"));
        ScriptedServer.Request second = sent(get(url));
        assertThat(second.line()).isEqualTo("GET / HTTP/1.1");
        assertThat(second.headerLines())
                .noneMatch(h -> h.startsWith("Authorization") || h.startsWith("Accept-Encoding"));
        assertThat(second.body()).isEmpty();
        assertThat(second.values("Content-Length")).isEmpty();
        sent(transfer("HEAD", url, NativeBytes.empty()));
        assertThat(sent(transfer("POST", url, body("again"))).body()).hasSize(5);
        assertThat(sent(get(url)).line()).isEqualTo("GET / HTTP/1.1");
    }

    @Test
    void aLargeBodyIsSentWithoutWaitingForContinue() {
        ScriptedServer.Request request = sent(transfer("POST", url, body("x".repeat(3_000_000))));
        assertThat(request.body()).hasSize(3_000_000);
        assertThat(request.values("Expect")).isEmpty();
    }

    @Test
    void anExpectHeaderOfTheCallerIsSent() {
        assertThat(sent(transfer("POST", url, body("x"), "Expect: 100-continue"))
                        .values("Expect"))
                .containsExactly("100-continue");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: a\r\nInjected: 1", "X: a\nInjected: 1", "X: a\rb", "X: a\0b"})
    void aLineEndOrNulInAHeaderIsAFailedResult(String line) {
        Received result = send(get(url, line));
        assertThat(result.failed()).isTrue();
        assertThat(result.errorText()).isEqualTo("a request header must not contain CR, LF or NUL");
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /x HTTP/1.1\r\nX: y\r\n\r\nGET", "GE T", "G\0", "G\u00cbT", "GET\n"})
    void aMethodThatIsNoTokenIsAFailedResult(String method) {
        Received result = send(transfer(method, url, NativeBytes.empty()));
        assertThat(result.failed()).isTrue();
        assertThat(result.errorText()).isEqualTo("the request method is not a token");
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "http://", "http://127.0.0.1:99999999/", "http://a b/", "http://127.0.0.1/\0", "http:///x"})
    void anUnparsableUrlIsAFailedResult(String unparsable) {
        Received result = send(get(unparsable));
        assertThat(result.failed()).isTrue();
        assertThat(result.errorText()).isNotEmpty();
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/"})
    void onlyHttpIsSpoken(String other) {
        Received result = send(get(other));
        assertThat(result.errorText()).isEqualTo("Unsupported protocol");
        assertThat(result.body()).isEmpty();
    }

    @Test
    void aNegativeTimeoutIsAFailedResult() {
        assertThat(send(withTimeout(url, -1)).errorText()).isEqualTo("the timeout is negative");
    }

    @Test
    void refusedTransfersDoNotSpoilTheLoop() {
        List<Received> results = sendAll(List.of(get(url, "bad\n"), get(url), get("http://")));
        assertThat(results).filteredOn(Received::failed).hasSize(2);
        assertThat(results).filteredOn(result -> !result.failed()).hasSize(1);
    }
}
