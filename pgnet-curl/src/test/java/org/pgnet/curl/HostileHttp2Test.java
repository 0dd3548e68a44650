package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgnet.testkit.http.Http2FrameServer;
import org.pgnet.testkit.http.Http2FrameServer.Frames;
import org.pgnet.testkit.http.Http2FrameServer.Type;
import org.pgnet.testkit.http.TlsIdentity;

/** A server that makes the most of HTTP/2's frames harms its own request only. */
class HostileHttp2Test extends LoopTest {

    private static final int USUAL_WINDOW = 65_535;
    private static final int TIMEOUT_MILLIS = 3_000;
    private static final int LARGEST_WINDOW = Integer.MAX_VALUE;
    private static final int REFUSED_STREAM = 7;
    private static final int CANCEL = 8;

    @TempDir
    private static Path directory;

    private static TlsIdentity identity;
    private static Path trusted;

    @BeforeAll
    static void makeCertificate() throws IOException {
        identity = TlsIdentity.ofThisMachine();
        trusted = Files.writeString(directory.resolve("trusted.pem"), identity.pem());
    }

    @BeforeEach
    void trust() {
        loop.caBundle(trusted.toString());
    }

    private static Http2FrameServer server(Http2FrameServer.Answer answer) {
        return new Http2FrameServer(identity, USUAL_WINDOW, answer);
    }

    private static void endlessly(Frames frames, Http2FrameServer.Answer flood, int stream) throws IOException {
        while (true) {
            flood.write(stream, frames);
        }
    }

    private static Transfer briefly(String method, String url, NativeBytes body) {
        return new Transfer(1, method, url, List.of(), body, TIMEOUT_MILLIS, ONE_MEGABYTE, url);
    }

    /** Frames of which a server may send as many as it likes, or which it must not send. */
    enum Flood {
        PINGS((stream, frames) -> frames.frame(Type.PING, 0, 0, new byte[8])),
        SETTINGS((stream, frames) -> frames.setting(3, 100)),
        ACKNOWLEDGEMENTS((stream, frames) -> frames.frame(Type.SETTINGS, Http2FrameServer.ACK, 0)),
        WINDOWS_OF_ONE_BYTE((stream, frames) -> frames.number(Type.WINDOW_UPDATE, 0, 1)),
        WINDOWS_BEYOND_THE_LARGEST((stream, frames) -> frames.number(Type.WINDOW_UPDATE, stream, LARGEST_WINDOW)),
        EMPTY_DATA((stream, frames) -> frames.frame(Type.DATA, 0, stream)),
        DATA_BEYOND_THE_WINDOW((stream, frames) -> frames.frame(Type.DATA, 0, stream, new byte[16_384])),
        RESETS_OF_STREAMS_THAT_ARE_IDLE((stream, frames) -> frames.number(Type.RST_STREAM, stream + 2, CANCEL)),
        RESETS_OF_THE_STREAM((stream, frames) -> frames.number(Type.RST_STREAM, stream, CANCEL)),
        CONTINUATIONS((stream, frames) -> frames.frame(Type.CONTINUATION, 0, stream, new byte[16_000])),
        INTERIM_ANSWERS((stream, frames) -> frames.frame(
                Type.HEADERS,
                Http2FrameServer.END_HEADERS,
                stream,
                (byte) 0x08,
                (byte) 3,
                (byte) '1',
                (byte) '0',
                (byte) '3')),
        PRIORITIES((stream, frames) -> frames.frame(Type.PRIORITY, 0, stream, new byte[5])),
        PROMISES((stream, frames) -> frames.frame(
                Type.PUSH_PROMISE, Http2FrameServer.END_HEADERS, stream, (byte) 0, (byte) 0, (byte) 0, (byte) 2, (byte)
                        0x88)),
        GOODBYES((stream, frames) -> frames.frame(Type.GOAWAY, 0, 0, new byte[8]));

        private final Http2FrameServer.Answer frame;

        Flood(Http2FrameServer.Answer frame) {
            this.frame = frame;
        }
    }

    /** Once before the answer's head, once in its body. */
    @ParameterizedTest
    @EnumSource
    void floodEndsItsOwnRequestAndHoldsUpNoOther(Flood flood) {
        String good = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        try (Http2FrameServer first = server((stream, frames) -> endlessly(frames, flood.frame, stream));
                Http2FrameServer second = server((stream, frames) -> {
                    frames.ok(stream, 0);
                    endlessly(frames, flood.frame, stream);
                })) {
            List<Received> ended = new ArrayList<>();
            List.of(first, second).forEach(each -> {
                loop.start(briefly("POST", each.url("/"), body("order")));
                loop.start(briefly("GET", each.url("/"), NativeBytes.empty()));
            });
            List<Duration> times = new ArrayList<>();
            for (int i = 0; i < 21; i++) {
                times.add(timeOf(get(good), ended));
            }
            cycleUntilIdle(ended);

            Collections.sort(times);
            assertThat(times.get(10)).as("median").isLessThan(Duration.ofMillis(500));

            // libcurl 7.88 takes a connection that it ends itself after the head for the end of the answer.
            assertThat(ended)
                    .hasSize(4)
                    .allMatch(each -> each.failed() || each.body().isEmpty());
            assertThat(ended).allMatch(each -> each.sendings() <= 2);
            assertThat(first.requests()).isLessThanOrEqualTo(4);
            assertThat(second.requests()).isLessThanOrEqualTo(4);
        }
    }

    /** From its start to its end; the others that end meanwhile are added. */
    private Duration timeOf(Transfer good, List<Received> others) {
        long begin = System.nanoTime();
        List<Received> answers = new ArrayList<>();
        loop.start(good);
        while (answers.isEmpty()) {
            loop.cycle(100, result -> (result.transfer() == good ? answers : others).add(Received.of(result)));
        }
        assertThat(answers.get(0).body()).isEqualTo("ok");
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    void serverThatPermitsNoBodyKeepsItsRequestForItsTimeOnly() {
        try (Http2FrameServer server =
                new Http2FrameServer(identity, 0, (stream, frames) -> LockSupport.parkNanos(Long.MAX_VALUE))) {
            Received received = send(briefly("POST", server.url("/"), body("order")));

            assertThat(received.timedOut()).isTrue();
            assertThat(received.sendings()).isEqualTo(1);
        }
    }

    @Test
    void requestThatTheServerResetsIsNotSentAgain() {
        try (Http2FrameServer server = server((stream, frames) -> frames.number(Type.RST_STREAM, stream, CANCEL))) {
            for (int i = 1; i <= 3; i++) {
                Received received = send(briefly("POST", server.url("/"), body("order")));

                assertThat(received.failed()).isTrue();
                assertThat(received.sendings()).isEqualTo(1);
                assertThat(server.requests()).isEqualTo(i);
            }
        }
    }

    /** A server says by it that it has not looked at the request (RFC 9113, section 8.7). */
    @Test
    void requestThatTheServerRefusesIsSentOnceMoreAtMost() {
        try (Http2FrameServer server =
                server((stream, frames) -> frames.number(Type.RST_STREAM, stream, REFUSED_STREAM))) {
            Received received = send(briefly("POST", server.url("/"), body("order")));

            assertThat(received.failed()).isTrue();
            assertThat(received.sendings()).isEqualTo(server.requests()).isLessThanOrEqualTo(2);
        }
    }

    /** Whose last stream is 0: nothing was looked at (RFC 9113, section 6.8). */
    @Test
    void requestThatMeetsGoodbyesIsSentOnceMoreAtMost() {
        try (Http2FrameServer server = server((stream, frames) -> frames.frame(Type.GOAWAY, 0, 0, new byte[8]))) {
            Received received = send(briefly("POST", server.url("/"), body("order")));

            assertThat(received.failed()).isTrue();
            assertThat(received.sendings()).isEqualTo(server.requests()).isLessThanOrEqualTo(2);
        }
    }
}
