package org.pgnet.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.memory.MemoryHost;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.memory.MemoryStore;
import org.pgnet.worker.memory.RunningWorker;
import org.pgnet.worker.spi.EgressSettings;
import org.pgnet.worker.spi.Settings;

/** Where requests may go, at every hop, and when that changes. */
class EgressTest {
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
                ScriptedServer.respond(out, 302, "moved", "Location: " + parts[1]);
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

    @Test
    void firstHopIsCheckedThoughTheRequestWasAcceptedBefore() {
        egress("*.example", "", "");

        MemoryStore.Stored response = worker.get(server.url("/"));

        assertThat(response.error()).isEqualTo("host \"127.0.0.1\" is not allowed by pg_net.allowed_hosts");
        assertThat(response.status()).isZero();
        assertThat(server.requests()).isEmpty();
    }

    /** They change after the worker has looked at them and before it reads the request, and it has much to do afterwards. */
    @Test
    void settingsThatChangeWhileARequestIsReadAreObeyed() {
        MemoryStore store = new MemoryStore();
        MemoryHost host = new MemoryHost(store);
        store.beforeFetch(() -> host.settings(egressTo("*.example")));
        store.beforeExpire(() -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500)));
        host.commit(store.insert("GET", server.url("/"), "{}", "", 5_000));
        try (RunningWorker late = new RunningWorker(host, store, MemorySettings.of())) {
            assertThat(late.response(1).error()).contains("not allowed by pg_net.allowed_hosts");
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void redirectToAHostThatIsNotAllowedIsAnErrorRow() {
        egress("127.0.0.1", "", "");
        String target = other.url("/").replace("127.0.0.1", "localhost");

        assertThat(worker.get(server.url("/?to=" + target)).error())
                .isEqualTo("host \"localhost\" is not allowed by pg_net.allowed_hosts");
        assertThat(other.connections()).isZero();
        assertThat(worker.get(server.url("/?to=" + other.url("/"))).content()).isEqualTo("from the other");
    }

    @Test
    void redirectToADeniedAddressIsAnErrorRow() {
        egress("*", "127.0.0.8/29", "");
        String target = other.url("/").replace("127.0.0.1", "0x7f000009");

        assertThat(worker.get(server.url("/?to=" + target)).error())
                .isEqualTo("address 127.0.0.9 is denied by pg_net.denied_networks (127.0.0.8/29)");
        assertThat(other.connections()).isZero();
    }

    @Test
    void keptConnectionIsNotUsedOnceItsAddressIsDenied() {
        assertThat(worker.get(server.url("/")).content()).isEqualTo("arrived");
        assertThat(server.connections()).isEqualTo(1);

        egress("*", "127.0.0.0/8", "");

        assertThat(worker.get(server.url("/")).error())
                .isEqualTo("address 127.0.0.1 is denied by pg_net.denied_networks (127.0.0.0/8)");
        assertThat(server.requests()).hasSize(1);
        egress("*", "", "");
        assertThat(worker.get(server.url("/")).content()).isEqualTo("arrived");
    }

    @Test
    void nothingIsSentWhileAProxyWouldBypassDeniedNetworks() {
        egress("*", "10.0.0.0/8", server.url(""));
        long id = worker.store.insert("GET", "http://a.invalid/x", "{}", "", 5_000);
        worker.host.commit(id);
        worker.await(() -> !worker.host.logLines().isEmpty(), "a line in the log");
        assertThat(worker.host.logLines())
                .singleElement()
                .asString()
                .contains("nothing is sent", "pg_net.denied_networks", "pg_net.proxy");
        assertThat(worker.store.responses()).isEmpty();
        assertThat(server.connections()).isZero();

        egress("*", "", server.url(""));

        assertThat(worker.response(id).content()).isEqualTo("arrived");
        assertThat(server.requests().get(0).target()).isEqualTo("http://a.invalid/x");
    }

    @Test
    void hopOfARequestInFlightIsNotSentByAProxyThatWouldBypassDeniedNetworks() throws IOException {
        try (ScriptedServer changing = ScriptedServer.answering((request, out) -> {
            egress("*", "10.0.0.0/8", other.url(""));
            // The answer comes when the worker has seen that.
            worker.await(() -> !worker.host.logLines().isEmpty(), "a line in the log");
            ScriptedServer.respond(out, 302, "moved", "Location: " + server.url("/"));
        })) {
            assertThat(worker.get(changing.url("/")).error()).isEqualTo(EgressSettings.CONFLICT);
            assertThat(server.connections() + other.connections()).isZero();
        }
    }

    private static Settings egressTo(String allowedHosts) {
        return MemorySettings.of("pg_net.allowed_hosts", allowedHosts);
    }

    private void egress(String allowedHosts, String deniedNetworks, String proxy) {
        worker.host.settings(MemorySettings.of(
                "pg_net.allowed_hosts", allowedHosts,
                "pg_net.denied_networks", deniedNetworks,
                "pg_net.proxy", proxy));
    }
}
