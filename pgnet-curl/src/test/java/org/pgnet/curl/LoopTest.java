package org.pgnet.curl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.pgnet.testkit.http.ScriptedServer;

/** A server, a loop, and the steps that most tests share. */
abstract class LoopTest {

    static final long ONE_MEGABYTE = 1 << 20;
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    final ScriptedServer server = ScriptedServer.start();
    final TransferLoop loop = new TransferLoop(8);
    private final List<NativeBytes> bodies = new ArrayList<>();

    @AfterEach
    void closeAll() throws IOException {
        loop.close();
        server.close();
        bodies.forEach(NativeBytes::close);
    }

    static Transfer get(String url, String... headerLines) {
        return transfer("GET", url, NativeBytes.empty(), headerLines);
    }

    static Transfer transfer(String method, String url, NativeBytes body, String... headerLines) {
        return new Transfer(1, method, url, List.of(headerLines), body, 5000, ONE_MEGABYTE, url);
    }

    static Transfer withTimeout(String url, int timeoutMillis) {
        return new Transfer(1, "GET", url, List.of(), NativeBytes.empty(), timeoutMillis, ONE_MEGABYTE, url);
    }

    static Transfer withLimit(String url, long maxBodyBytes) {
        return new Transfer(1, "GET", url, List.of(), NativeBytes.empty(), 5000, maxBodyBytes, url);
    }

    /** A request body that is freed after the test. */
    NativeBytes body(String text) {
        NativeBytes body = NativeBytes.copyOf(text.getBytes(StandardCharsets.UTF_8));
        bodies.add(body);
        return body;
    }

    /** What is left of a result when its native memory is free again. */
    record Received(
            boolean failed,
            int curlCode,
            Optional<TransferFailure> failure,
            String errorText,
            String errorDetail,
            boolean timedOut,
            int status,
            String headers,
            String body,
            Timings timings,
            int sendings,
            Object attachment) {

        static Received of(TransferResult result) {
            try (result;
                    NativeBytes body = result.takeBody()) {
                return new Received(
                        result.failed(),
                        result.curlCode(),
                        result.failure(),
                        result.errorText(),
                        result.errorDetail(),
                        result.timedOut(),
                        result.status(),
                        new String(result.headerBlock(), StandardCharsets.ISO_8859_1),
                        new String(body.toByteArray(), StandardCharsets.ISO_8859_1),
                        result.timings(),
                        result.sendings(),
                        result.transfer().attachment());
            }
        }
    }

    /** Starts one transfer and waits for its end. */
    Received send(Transfer transfer) {
        return sendAll(List.of(transfer)).get(0);
    }

    /** Starts all at once and waits for their ends; the results come in the order of the ends. */
    List<Received> sendAll(List<Transfer> transfers) {
        List<Received> results = new ArrayList<>();
        transfers.forEach(loop::start);
        cycleUntilIdle(results);
        return results;
    }

    void cycleUntilIdle(List<Received> results) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (loop.inFlight() > 0) {
            if (System.nanoTime() > end) {
                throw new AssertionError(loop.inFlight() + " transfers did not end");
            }
            loop.cycle(100, result -> results.add(Received.of(result)));
        }
    }
}
