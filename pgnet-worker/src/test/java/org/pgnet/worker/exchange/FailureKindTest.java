package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.TransferLoop;
import org.pgnet.curl.TransferResult;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.testkit.machine.FreePort;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.Settlement;

/** How a request that fails says why, in a way that is meant for no people. */
class FailureKindTest {
    private final TransferLoop loop = new TransferLoop(4);
    private final ScriptedServer server = ScriptedServer.start();
    private Settings settings = MemorySettings.of();

    @AfterEach
    void closeAll() throws IOException {
        loop.close();
        server.close();
    }

    @Test
    void lostConnection() {
        assertThat(kindOf(server.onThenClose("/", ""), "{}", 5_000)).isEqualTo(FailureKind.NETWORK);
    }

    @Test
    void timeout() {
        assertThat(kindOf(silent(), "{}", 100)).isEqualTo(FailureKind.TIMEOUT);
    }

    @Test
    void hostThatIsNotAllowed() {
        settings = MemorySettings.of("pg_net.allowed_hosts", "api.example.com");
        assertThat(kindOf(server.url("/"), "{}", 5_000)).isEqualTo(FailureKind.REFUSED);
    }

    @Test
    void addressThatIsDenied() {
        settings = MemorySettings.of("pg_net.denied_networks", "127.0.0.0/8");
        assertThat(kindOf(server.url("/"), "{}", 5_000)).isEqualTo(FailureKind.REFUSED);
    }

    @Test
    void hostThatIsNotAllowedToBeRedirectedTo() {
        settings = MemorySettings.of("pg_net.allowed_hosts", "127.0.0.1");
        assertThat(kindOf(redirectTo("http://localhost/"), "{}", 5_000)).isEqualTo(FailureKind.REFUSED);
    }

    @Test
    void headersThatCannotBeSent() {
        assertThat(kindOf(server.url("/"), "[1]", 5_000)).isEqualTo(FailureKind.IMPOSSIBLE);
    }

    @Test
    void redirectsWithoutAnEnd() {
        assertThat(kindOf(redirectTo("/"), "{}", 5_000)).isEqualTo(FailureKind.REDIRECT);
        assertThat(server.requests()).hasSize(31);
    }

    @Test
    void redirectToNoUrl() {
        assertThat(kindOf(redirectTo("ftp://127.0.0.1/"), "{}", 5_000)).isEqualTo(FailureKind.REDIRECT);
    }

    @Test
    void responseThatIsTooLarge() {
        settings = MemorySettings.of("pg_net.max_response_size", 10);
        String large = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890");
        assertThat(kindOf(large, "{}", 5_000)).isEqualTo(FailureKind.TOO_LARGE);
    }

    @Test
    void refusedConnection() throws IOException {
        int port = FreePort.next();
        assertThat(kindOf("http://127.0.0.1:" + port + "/", "{}", 0)).isEqualTo(FailureKind.NETWORK);
    }

    private String redirectTo(String location) {
        return server.on("/", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n");
    }

    private String silent() {
        return server.on("/", (request, out) -> {
            Thread.sleep(3_000);
            return false;
        });
    }

    private FailureKind kindOf(String url, String headers, int timeoutMillis) {
        HttpRequest http = new HttpRequest(
                "GET", url, headers.getBytes(StandardCharsets.US_ASCII), NativeBytes.empty(), timeoutMillis);
        Hops hops = new Hops();
        Exchange exchange =
                new Exchange(new DueRequest(new RequestKey(1, 1), 10, http), hops.origins.of(url), Clock.SYSTEM);
        return settle(exchange, hops).match(new Settlement.Cases<>() {
            @Override
            public FailureKind answered(Settlement.Answered settlement) {
                throw new AssertionError("answered with status " + settlement.status());
            }

            @Override
            public FailureKind failed(Settlement.Failed settlement) {
                return settlement.kind();
            }

            @Override
            public FailureKind postponed(Settlement.Postponed settlement) {
                throw new AssertionError("an exchange decides nothing");
            }

            @Override
            public FailureKind dead(Settlement.Dead settlement) {
                throw new AssertionError("an exchange decides nothing");
            }
        });
    }

    /** From hop to hop, as the transfer thread does it. */
    private Settlement settle(Exchange exchange, Hops hops) {
        EgressPolicy egress = new EgressPolicy(settings.egress());
        egress.applyTo(loop);
        Optional<Settlement> settlement = Optional.empty();
        while (settlement.isEmpty()) {
            try {
                loop.start(exchange.nextTransfer(settings, egress, System.nanoTime()));
            } catch (RequestException refused) {
                return exchange.failed(refused.kind(), refused.getMessage(), System.nanoTime());
            }
            try (TransferResult result = next()) {
                settlement = exchange.finish(result, hops, System.nanoTime());
            }
        }
        return settlement.get();
    }

    private TransferResult next() {
        List<TransferResult> results = new ArrayList<>();
        while (results.isEmpty()) {
            loop.cycle(1_000, results::add);
        }
        return results.get(0);
    }
}
