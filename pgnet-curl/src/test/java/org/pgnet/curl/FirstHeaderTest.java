package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.http.RawServer;

/** A response whose first header begins with a blank ended the process with libcurl before 8.1; all others are what they are. */
class FirstHeaderTest extends LoopTest {
    private static final String GOOD = "HTTP/1.1 200 OK\r\nX-Good: 1\r\nContent-Length: 2\r\n\r\n";
    private static final String REST = "X-Folded: 1\r\nContent-Length: 2\r\n\r\nok";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\t",
                "HTTP/1.1 200 OK\n ",
                "http/1.1 200 OK\r\n ",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n ",
                "HTTP/1.1 103 Early\n\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\t",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching\r\n "
            })
    void foldedItHarmsNobody(String beginning) {
        harmsNobody(beginning + REST);
    }

    @Test
    void foldedAfterALongStatusLineItHarmsNobody() {
        harmsNobody("HTTP/1.1 200 " + " ".repeat(40_000) + "\r\n " + REST);
    }

    private void harmsNobody(String response) {
        String good = server.on("/good", GOOD + "ok");
        String folded = server.onThenClose("/folded", response);
        for (int i = 0; i < 50; i++) {
            assertThat(send(get(good)).body()).isEqualTo("ok");
            send(get(folded));
        }
        Received last = send(get(good));
        assertThat(last.headers()).isEqualTo("HTTP/1.1 200 OK\r\nX-Good: 1\r\nContent-Length: 2\r\n");
        assertThat(last.body()).isEqualTo("ok");
    }

    @Test
    void laterHeadersMayBeFolded() {
        String response = "HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\nContent-Length: 3\r\n\r\n ok";
        Received result = send(get(server.on("/", response)));
        assertThat(result.headers()).isEqualTo("HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\nContent-Length: 3\r\n");
        assertThat(result.body()).isEqualTo(" ok");
    }

    @Test
    void theFirstHeaderMayBeLong() {
        String line = "X: 1" + " ".repeat(40_000) + "2\r\n";
        Received result = send(get(server.on("/", "HTTP/1.1 200 OK\r\n" + line + "Content-Length: 2\r\n\r\nok")));
        assertThat(result.headers()).isEqualTo("HTTP/1.1 200 OK\r\n" + line + "Content-Length: 2\r\n");
        assertThat(result.body()).isEqualTo("ok");
    }

    @Test
    void aResponseWithoutHeadersMayHaveABodyThatBeginsWithABlank() {
        for (String interim : new String[] {"", "HTTP/1.1 100 Continue\r\n\r\n"}) {
            Received result = send(get(server.onThenClose("/", interim + "HTTP/1.1 200 OK\r\n\r\n the body")));
            assertThat(result.headers()).isEqualTo("HTTP/1.1 200 OK\r\n");
            assertThat(result.body()).isEqualTo(" the body");
        }
    }

    /** libcurl sends the request again, as the same transfer. */
    @Test
    void theResponseAfterARefusedExpectationIsTakenApartLikeAnyOther() {
        try (RawServer refusing = RawServer.start()) {
            AtomicInteger requests = new AtomicInteger();
            refusing.reply("/", out -> {
                String first = "HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno";
                String response = requests.incrementAndGet() == 1 ? first : GOOD + "ok";
                out.write(response.getBytes(StandardCharsets.ISO_8859_1));
            });
            Received result = send(transfer("PUT", refusing.url("/"), body("x"), "Expect: 100-continue"));
            assertThat(requests).hasValue(2);
            assertThat(result.headers()).isEqualTo("HTTP/1.1 200 OK\r\nX-Good: 1\r\nContent-Length: 2\r\n");
            assertThat(result.body()).isEqualTo("ok");
        }
    }
}
