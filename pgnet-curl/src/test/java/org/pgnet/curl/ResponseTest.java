package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What comes in when the server does it right, in all the ways that are right. */
class ResponseTest extends LoopTest {

    @Test
    void statusHeadersAndBodyArrive() {
        Received result = send(get(
                server.on("/", "HTTP/1.1 404 Not here\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnope")));
        assertThat(result.failed()).isFalse();
        assertThat(result.curlCode()).isZero();
        assertThat(result.errorText()).isEmpty();
        assertThat(result.status()).isEqualTo(404);
        assertThat(result.headers())
                .isEqualTo("HTTP/1.1 404 Not here\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n");
        assertThat(result.body()).isEqualTo("nope");
    }

    @Test
    void repeatedHeadersAreAllKeptInOrder() {
        Received result = send(get(
                server.on("/", "HTTP/1.1 200 OK\r\nSet-Cookie: b=1\r\nSet-Cookie: a=2\r\nContent-Length: 0\r\n\r\n")));
        assertThat(result.headers()).contains("Set-Cookie: b=1\r\nSet-Cookie: a=2\r\n");
    }

    @Test
    void anyByteIsKeptInTheBody() {
        Received result = send(get(server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nabc\0d\u00ff\u00fe\n")));
        assertThat(result.body()).isEqualTo("abc\0d\u00ff\u00fe\n");
    }

    @Test
    void interimResponsesAreDropped() {
        Received result = send(get(server.on(
                "/",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 999\r\n\r\n"
                        + "HTTP/1.1 201 Created\r\nX: y\r\nContent-Length: 2\r\n\r\nok")));
        assertThat(result.status()).isEqualTo(201);
        assertThat(result.headers()).isEqualTo("HTTP/1.1 201 Created\r\nX: y\r\nContent-Length: 2\r\n");
        assertThat(result.body()).isEqualTo("ok");
    }

    @Test
    void chunksAreJoinedAndTrailersIgnored() {
        Received result = send(get(server.on(
                "/",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                        + "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Sum: 42\r\n\r\n")));
        assertThat(result.body()).isEqualTo("abcde");
        assertThat(result.headers()).doesNotContain("X-Sum: 42");
    }

    @Test
    void aTrailerOfABodylessResponseIsIgnoredToo() {
        Received result = send(
                get(server.on("/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 42\r\n\r\n")));
        assertThat(result.failed()).isFalse();
        assertThat(result.body()).isEmpty();
        assertThat(result.headers()).isEqualTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
    }

    @Test
    void moreThanFiveThousandLinesOfHeadersOrTrailersAreRefused() {
        String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
        String lines = "A: b\r\n".repeat(5_000);
        String limit = "Response headers are more than the limit of 5000 lines or 1048576 bytes";

        assertThat(send(get(server.on("/headers", chunked + lines + "\r\n0\r\n\r\n")))
                        .errorText())
                .isEqualTo(limit);
        assertThat(send(get(server.on("/trailers", chunked + "\r\n0\r\n" + lines + "\r\n")))
                        .errorText())
                .isEqualTo(limit);
        assertThat(send(get(server.on("/body", chunked + "\r\n1\r\nx\r\n0\r\n" + lines + "\r\n")))
                        .errorText())
                .isEqualTo(limit);
    }

    @Test
    void aBodyWithoutALengthEndsWithTheConnection() {
        assertThat(send(get(server.onThenClose("/", "HTTP/1.1 200 OK\r\n\r\nto the end")))
                        .body())
                .isEqualTo("to the end");
    }

    @Test
    void noContentHasNoBody() {
        Received result = send(get(server.on("/", "HTTP/1.1 204 No Content\r\n\r\n")));
        assertThat(result.status()).isEqualTo(204);
        assertThat(result.body()).isEmpty();
    }

    @Test
    void headOfAHugeResourceIsNoLargeBody() {
        String url = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
        Received result = send(transfer("HEAD", url, NativeBytes.empty()));
        assertThat(result.failed()).isFalse();
        assertThat(result.headers()).contains("Content-Length: 99999999999");
        assertThat(result.body()).isEmpty();
    }

    @Test
    void redirectsAreNotFollowed() {
        Received result =
                send(get(server.on("/", "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")));
        assertThat(result.status()).isEqualTo(302);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aBodyOfExactlyTheLimitIsAccepted() {
        String url = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
        assertThat(send(withLimit(url, 10)).body()).isEqualTo("0123456789");
    }

    @Test
    void lengthIsOverriddenByChunks() {
        String url = server.on(
                "/",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        assertThat(send(get(url)).body()).isEqualTo("ok");
    }

    @Test
    void aLargeBodyComesWhole() {
        String content = "0123456789abcdef".repeat(50_000);
        String url = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n\r\n" + content);
        assertThat(send(get(url)).body()).isEqualTo(content);
    }

    @Test
    void codingsThatWereAskedForAreDecoded() throws IOException {
        Received result = send(get(serveGzip("some text"), "Accept-Encoding: gzip;q=1.0, deflate"));
        assertThat(result.body()).isEqualTo("some text");
        assertThat(server.requests().get(0).values("Accept-Encoding")).containsExactly("gzip;q=1.0, deflate");
        assertThat(result.headers()).contains("Content-Encoding: gzip");
    }

    @Test
    void codingsThatWereNotAskedForArriveAsTheyAre() throws IOException {
        assertThat(send(get(serveGzip("some text"))).body())
                .isNotEqualTo("some text")
                .startsWith("\u001f\u008b");
    }

    @Test
    void aCodingThatLibcurlDoesNotKnowIsAskedForAndArrivesAsItIs() {
        String url = server.on("/", "HTTP/1.1 200 OK\r\nContent-Encoding: lzma\r\nContent-Length: 3\r\n\r\n\1\2\3");
        Received result = send(get(url, "Accept-Encoding: gzip, lzma"));
        assertThat(result.body()).isEqualTo("\1\2\3");
        assertThat(server.requests().get(0).values("Accept-Encoding")).containsExactly("gzip, lzma");
    }

    private String serveGzip(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return server.on("/", (request, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + packed.size() + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            packed.writeTo(out);
            return true;
        });
    }
}
