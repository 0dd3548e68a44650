package org.pgnet.worker.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.http.ScriptedServer;
import org.pgnet.worker.memory.RunningWorker;

/** The engine hands on whose a request is, and how often it was sent. */
class OwnerOfConnectionsTest {

    @Test
    void eachOwnerHasConnectionsOfItsOwn() throws IOException {
        try (ScriptedServer server = ScriptedServer.of("ok");
                RunningWorker worker = new RunningWorker()) {
            for (int i = 0; i < 3; i++) {
                for (long owner : new long[] {16_500, 16_501}) {
                    worker.store.owner(owner);
                    assertThat(worker.get(server.url("/")).attempts()).isEqualTo(1);
                }
            }
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void requestOnAConnectionThatEndsIsCountedTwice() throws IOException {
        try (ScriptedServer server = ScriptedServer.start();
                RunningWorker worker = new RunningWorker()) {
            String url = server.on("/", (request, out) -> {
                ScriptedServer.respond(out, 200, request.number() == 1 ? "ok" : "");
                return true;
            });
            worker.get(url);
            server.on("/", (request, out) -> {
                if (request.number() == 1) {
                    ScriptedServer.respond(out, 200, "again");
                }
                return request.number() == 1;
            });
            assertThat(worker.get(url).attempts()).isEqualTo(2);
        }
    }
}
