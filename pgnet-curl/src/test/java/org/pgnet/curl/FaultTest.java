package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.machine.FreePort;

/** What becomes of a transfer when the server, or the way to it, does it wrong. */
class FaultTest extends LoopTest {

    @Test
    void refusedConnectionFails() throws IOException {
        int port = FreePort.next();
        Received result = send(get("http://127.0.0.1:" + port + "/"));
        assertThat(result.failed()).isTrue();
        assertThat(result.curlCode()).isEqualTo(7);
        assertThat(result.errorText()).isEqualTo("Couldn't connect to server");
        assertThat(result.errorDetail()).contains("" + port);
        assertThat(result.timedOut()).isFalse();
        assertThat(result.status()).isZero();
    }

    @Test
    void emptyReplyFails() {
        Received result = send(get(server.onThenClose("/", "")));
        assertThat(result.errorText()).isEqualTo("Server returned nothing (no headers, no data)");
        assertThat(result.headers()).isEmpty();
    }

    @Test
    void garbageFails() {
        Received result = send(get(server.onThenClose("/", "What is this?\r\n\r\n")));
        assertThat(result.failed()).isTrue();
        assertThat(result.errorText()).isEqualTo("Unsupported protocol");
        assertThat(result.body()).isEmpty();
    }

    @Test
    void closeAmongTheHeadersFails() {
        Received result = send(get(server.onThenClose("/", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")));
        assertThat(result.curlCode()).isEqualTo(18);
        assertThat(result.errorText()).isEqualTo("Transferred a partial file");
    }

    @Test
    void closeInMidBodyFails() {
        Received result = send(get(server.onThenClose("/", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")));
        assertThat(result.curlCode()).isEqualTo(18);
        assertThat(result.errorText()).isEqualTo("Transferred a partial file");
    }

    @Test
    void closeInMidChunkFails() {
        Received result =
                send(get(server.onThenClose("/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf")));
        assertThat(result.failed()).isTrue();
    }

    @Test
    void badChunkFails() {
        Received result =
                send(get(server.on("/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n")));
        assertThat(result.failed()).isTrue();
    }

    @Test
    void endlessHeadersFail() {
        Received result = send(get(server.on("/", (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            return writeForEver(out, "X-Filler: " + "x".repeat(1000) + "\r\n");
        })));
        assertThat(result.failed()).isTrue();
        assertThat(result.timedOut()).isFalse();
        assertThat(result.headers().length()).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void endlessBodyStopsAtTheLimit() {
        Received result = send(get(server.on("/", (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return writeForEver(out, "1000\r\n" + "x".repeat(4096) + "\r\n");
        })));
        assertThat(result.failed()).isTrue();
        assertThat(result.curlCode()).isEqualTo(63);
        assertThat(result.errorText()).isEqualTo("Response body is larger than the limit of 1048576 bytes");
        assertThat(result.body().length()).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void aBodyDeclaredTooLargeStopsAtItsFirstByte() {
        Received result = send(get(server.on("/", (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\nx".getBytes(StandardCharsets.US_ASCII));
            return writeForEver(out, "x".repeat(4096));
        })));
        assertThat(result.curlCode()).isEqualTo(63);
        assertThat(result.body()).isEmpty();
    }

    @Test
    void aSmallPackedBodyThatUnpacksOverTheLimitFails() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[3 << 20]);
        }
        String url = server.on("/", (request, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + packed.size() + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            packed.writeTo(out);
            return true;
        });
        assertThat(packed.size()).isLessThan(10_000);
        assertThat(send(get(url, "Accept-Encoding: gzip")).curlCode()).isEqualTo(63);
    }

    @Test
    void timeoutEndsASilentServer() {
        Received result = send(withTimeout(
                server.on("/", (request, out) -> {
                    waitForTheEnd();
                    return false;
                }),
                200));
        assertThat(result.timedOut()).isTrue();
        assertThat(result.errorText()).isEqualTo("Timeout was reached");
        assertThat(result.errorDetail()).contains("timed out after");
        assertThat(result.timings().totalMicros()).isBetween(190_000L, 5_000_000L);
        assertThat(result.timings().connectMicros()).isBetween(1L, 200_000L);
        assertThat(result.timings().nameLookupMicros()).isBetween(0L, 200_000L);
        assertThat(result.timings().appConnectMicros()).isZero();
    }

    @Test
    void timeoutEndsAServerThatSendsByteByByte() {
        Received result = send(withTimeout(
                server.on("/", (request, out) -> {
                    for (byte b :
                            "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
                        out.write(b);
                        out.flush();
                    }
                    while (true) {
                        out.write('x');
                        out.flush();
                        pause();
                    }
                }),
                300));
        assertThat(result.timedOut()).isTrue();
        assertThat(result.status()).isEqualTo(200);
        assertThat(result.timings().totalMicros()).isBetween(290_000L, 5_000_000L);
    }

    @Test
    void theTimeoutOfOneDoesNotLimitTheNextOnTheSameHandle() {
        String slow = server.on("/", (request, out) -> {
            for (int i = 0; i < 30; i++) {
                pause();
            }
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        assertThat(send(withTimeout(slow, 50)).timedOut()).isTrue();
        assertThat(send(withTimeout(slow, 0)).body()).isEqualTo("ok");
    }

    @Test
    void requestsOnKeptConnectionsThatHadDiedAreSentAgainAsOftenAsItHappens() {
        String url = server.on("/", (request, out) -> {
            if (request.number() == 1) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            }
            return request.number() == 1;
        });
        // libcurl gives up at the fifth such connection in the life of a handle that is not reset.
        for (int i = 0; i < 20; i++) {
            assertThat(send(get(url)).body()).isEqualTo("ok");
        }
        assertThat(server.connections()).isEqualTo(20);
    }

    private static boolean writeForEver(OutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 100_000; i++) {
            out.write(bytes);
        }
        throw new IOException("the client took it all");
    }

    /** Part of a slow server's behaviour, not a wait for anything. */
    private static void pause() {
        LockSupport.parkNanos(10_000_000);
    }

    private static void waitForTheEnd() {
        LockSupport.parkNanos(3_000_000_000L);
    }
}
