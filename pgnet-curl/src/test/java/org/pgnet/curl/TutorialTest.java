package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;

/** How to use this package, from nothing to a response. Read it from the top. */
class TutorialTest {

    @Test
    void fromNothingToAResponse() throws IOException {
        // A server to talk to. Yours is elsewhere.
        try (ScriptedServer server = ScriptedServer.start()) {
            String url = server.on("/hello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

            // 1. Is libcurl there, and new enough? Asked once; the loop asks too.
            CurlLibrary.initialise();
            assertThat(CurlLibrary.version()).matches("\\d+\\.\\d+\\.\\d+.*");

            // 2. A loop belongs to one thread. It keeps up to 10 idle connections open.
            try (TransferLoop loop = new TransferLoop(10)) {

                // 3. A transfer says what to send, and what to put up with: 5 seconds, 1 MB.
                //    The attachment is yours; it comes back with the result.
                Transfer transfer = new Transfer(
                        1,
                        "GET",
                        url,
                        List.of("User-Agent: tutorial"),
                        NativeBytes.empty(),
                        5000,
                        1 << 20,
                        "request number 1");

                // 4. start() only takes note of it; cycle() sends, receives, waits, and hands out what ended.
                loop.start(transfer);
                List<String> seen = new ArrayList<>();
                while (loop.inFlight() > 0) {
                    loop.cycle(1000, result -> {

                        // 5. The result owns native memory: close it. The body can be taken out, for a new owner.
                        try (result;
                                NativeBytes body = result.takeBody()) {
                            if (result.failed()) {
                                seen.add(result.errorText());
                            } else {
                                seen.add(result.transfer().attachment() + " got " + result.status() + " "
                                        + new String(body.toByteArray(), StandardCharsets.UTF_8));
                            }
                        }
                    });
                }
                assertThat(seen).containsExactly("request number 1 got 200 hello");
            }
        }
    }

    @Test
    void aFailureIsAResultNotAnException() {
        try (TransferLoop loop = new TransferLoop(10)) {
            loop.start(new Transfer(
                    1, "GET", "gopher://127.0.0.1/", List.of(), NativeBytes.empty(), 5000, 1 << 20, "never sent"));
            List<String> seen = new ArrayList<>();
            loop.cycle(1000, result -> {
                seen.add(result.transfer().attachment() + ": " + result.errorText());
                result.close();
            });
            assertThat(seen).containsExactly("never sent: Unsupported protocol");
        }
    }

    @Test
    void urlsAreParsedByTheSameLibcurl() {
        assertThat(CurlUrl.resolve("https://example.com/a/b?c", "../d")).isEqualTo("https://example.com/d");
        assertThat(CurlUrl.origin("HTTPS://Example.COM/a/b?c")).isEqualTo("https://example.com:443");
    }
}
